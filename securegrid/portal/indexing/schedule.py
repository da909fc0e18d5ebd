"""When a sync is due: the interval, and longer pauses after failures. Pure."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from securegrid.index.rules import Quiet
from securegrid.index.trouble import Trouble
from securegrid.misp.failures import TABLE, Reason

FIRST_PAUSE = timedelta(minutes=1)
FIRST_PERMANENT_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=1)
_DOUBLINGS = 16
"""Enough to reach the longest pause; bounds the power."""
_PERMANENT = frozenset(
    reason
    for reason in Reason
    if all(row.permanent for row in TABLE.values() if row.reason is reason)
)


def pause_after(failures: int, why: Reason | Trouble, told_s: float | None) -> timedelta:
    """How long to leave a MISP alone after this many failed syncs in a row (1 or more).

    Doubled with each failure up to an hour; what only a person can mend begins with five
    minutes, and a MISP that says when to ask again (``told_s``) is not asked earlier, but an hour
    at most.
    """
    first = FIRST_PERMANENT_PAUSE if why in _PERMANENT else FIRST_PAUSE
    grown: timedelta = first * 2 ** min(failures - 1, _DOUBLINGS)
    told = timedelta(seconds=min(told_s or 0.0, LONGEST_PAUSE.total_seconds()))
    return min(max(grown, told), LONGEST_PAUSE)


def is_due(due_at: datetime | None, now: datetime, interval: timedelta) -> bool:
    """Whether the time has come; a time impossibly far away was written by a wrong clock."""
    return due_at is None or due_at <= now or due_at > now + max(interval, LONGEST_PAUSE)


def quiet_hours(begins: time | None, ends: time | None, zone: str) -> Quiet | None:
    """The quiet hours that three columns describe."""
    return None if begins is None or ends is None else Quiet(begins, ends, ZoneInfo(zone))
