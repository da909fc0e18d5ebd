"""Dates and times: there, possible, and in order."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from securegrid.ingest.model import EventDraft
from securegrid.ingest.quality.findings import RuleId, Severity
from securegrid.ingest.quality.rules.model import AttributeRule, HeadRule
from securegrid.ingest.quality.subjects import Item, Setting

_Seen = tuple[int | None, int | None]


def _no_date(event: EventDraft, _: Setting) -> str | None:
    return event.info if event.date == date.min else None


def _implausible_date(event: EventDraft, setting: Setting) -> str | None:
    dates = setting.profile.dates
    latest = setting.now.date() + timedelta(days=dates.days_ahead)
    if event.date == date.min or dates.earliest <= event.date <= latest:
        return None
    return f"{event.date}: {event.info}"


def _out_of_order(item: Item) -> str | None:
    for first, last in _seen(item):
        # MISP refuses such an attribute, without a word in events/add (trap 11).
        if first is not None and last is not None and first > last:
            return f"{_shown(first)} > {_shown(last)}: {item.draft.value}"
    return None


def _implausible(item: Item) -> str | None:
    setting = item.around.setting
    for moment in (moment for both in _seen(item) for moment in both):
        if moment is not None and not setting.earliest_s <= moment <= setting.latest_s:
            return f"{_shown(moment)}: {item.draft.value}"
    return None


def _seen(item: Item) -> tuple[_Seen, ...]:
    """Of the attribute; with an object's first attribute also of the object."""
    own = (item.draft.first_seen, item.draft.last_seen)
    if item.object is None or not item.first_in_object:
        return (own,)
    return own, (item.object.first_seen, item.object.last_seen)


def _shown(moment: int) -> str:
    try:
        return datetime.fromtimestamp(moment, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return str(moment)


DATE_MISSING = HeadRule(RuleId.DATE_MISSING, Severity.ERROR, _no_date)
DATE_IMPLAUSIBLE = HeadRule(RuleId.DATE_IMPLAUSIBLE, Severity.ERROR, _implausible_date)
SEEN_ORDER = AttributeRule(RuleId.SEEN_ORDER, Severity.ERROR, _out_of_order)
SEEN_IMPLAUSIBLE = AttributeRule(RuleId.SEEN_IMPLAUSIBLE, Severity.WARNING, _implausible)

DATE_RULES: Final = (DATE_MISSING, DATE_IMPLAUSIBLE)
RULES: Final = (SEEN_ORDER, SEEN_IMPLAUSIBLE)
