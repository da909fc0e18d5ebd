"""Written times of many kinds to Unix seconds, and the day that a time lies in."""

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from securegrid.ingest.model import BadLine

DAY_S = 86_400
EARLIEST = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp())
"""No log of this trade is older: an earlier time is a clock that was never set."""

_EPOCH = re.compile(r"([0-9]{9,10})(?:[0-9]{3}){0,3}(?:\.[0-9]{1,9})?")
"""Seconds, with milliseconds, microseconds or nanoseconds behind them."""
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_LONGEST = 64


def unix_time(written: str, zone: str) -> int | None:
    """The moment that ``written`` names, in Unix seconds; None when it names none.

    Understood: ISO 8601, the same with ``/`` or ``.`` between year, month and day, a day alone
    (its midnight), ``20210611``, and Unix time in seconds to nanoseconds. ``zone`` (IANA name)
    is taken where none is written.
    """
    text = written.strip()
    if not text or len(text) > _LONGEST:
        return None
    if epoch := _EPOCH.fullmatch(text):
        return int(epoch[1])
    try:
        moment = datetime.fromisoformat(_iso(text))
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone_of(zone))
        return int(aware.timestamp())
    except (ValueError, OverflowError):
        return None


def _iso(text: str) -> str:
    """With the day as ISO 8601 writes it, and no blank before the zone."""
    if compact := _COMPACT.fullmatch(text):
        return "-".join(compact.groups())
    found = _DAY.match(text)
    if found is None:
        return text
    year, month, day = found.groups()
    rest = text[found.end() :].strip().removeprefix("T").removeprefix("t").strip()
    head, blank, offset = rest.partition(" ")
    if blank and offset[:1] in {"+", "-", "Z"}:
        rest = head + offset
    return f"{year}-{int(month):02}-{int(day):02}" + (f"T{rest}" if rest else "")


def is_plausible(at: int, now: int) -> bool:
    """Neither before 1990 nor more than a day after ``now`` (both in Unix seconds)."""
    return EARLIEST <= at <= now + DAY_S


def checked(at: int | None, now: int) -> int | BadLine:
    """``at``, or why it is no time to go by."""
    if at is None:
        return BadLine.NO_TIME
    return at if is_plausible(at, now) else BadLine.IMPLAUSIBLE_TIME


@lru_cache(8_192)
def _day_of_quarter(quarter: int, zone: str) -> str:
    # Every zone's offset since 1990 is a multiple of a quarter of an hour.
    return str(datetime.fromtimestamp(quarter * 900, zone_of(zone)).date())


def day_of(at: int, zone: str) -> str:
    """The day (``YYYY-MM-DD``) in ``zone`` that the plausible moment ``at`` lies in."""
    return _day_of_quarter(at // 900, zone)


@lru_cache(64)
def zone_of(name: str) -> ZoneInfo:
    """The zone of this IANA name; raises ``ZoneInfoNotFoundError`` (a KeyError)."""
    return ZoneInfo(name)


def as_date(day: str) -> date:
    """A key's day as a date."""
    return date.fromisoformat(day)
