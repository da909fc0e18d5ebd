"""Spans of time as people say them."""

from django.utils.translation import gettext as _

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def span(seconds: float | None) -> str:
    """A span as people say it, two units at most; a dash for none."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    if whole < _MINUTE:
        return _("%(seconds)d s") % {"seconds": whole}
    if whole < _HOUR:
        return _("%(minutes)d min") % {"minutes": whole // _MINUTE}
    if whole < 2 * _DAY:
        parts = {"hours": whole // _HOUR, "minutes": whole % _HOUR // _MINUTE}
        return _("%(hours)d h %(minutes)d min") % parts
    return _("%(days)d days") % {"days": whole // _DAY}
