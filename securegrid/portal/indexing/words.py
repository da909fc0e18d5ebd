"""The words of the indexing room's pages: spans of time, and why a sync failed."""

from django.utils.translation import gettext as _

from securegrid.index.trouble import Trouble
from securegrid.misp.failures import Reason
from securegrid.words import advice, say

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


def why_failed(code: str, language: str) -> tuple[str, str]:
    """What a stored reason says, and what to do about it; nothing for none."""
    if not code:
        return "", ""
    known = Trouble(code) if code in set(Trouble) else Reason(code)
    return say(known, language), advice(known, language)
