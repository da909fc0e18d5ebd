"""Moments as MISP's clients write them: epochs, spans, dates."""

import re
from datetime import UTC, datetime

_SPAN = re.compile(r"(\d{1,9})([dhms])")
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def epoch_of(written: object, now: int) -> int | None:
    """Seconds since the epoch: a number, a span back from ``now`` (``1d``), or a date.

    ``None`` for what is none of these; MISP then finds nothing.
    """
    text = str(written).strip()
    if text.isascii() and text.isdecimal():
        return int(text[:15])
    span = _SPAN.fullmatch(text)
    if span:
        return now - int(span[1]) * _SECONDS[span[2]]
    moment = _parse(text)
    return int(moment.timestamp()) if moment else None


def iso_moment(written: object) -> str | None:
    """The stored form of first and last seen, in UTC with microseconds; ``None`` if unusable."""
    if written is None or written == "":
        return None
    moment = _parse(str(written))
    if moment is None:
        return None
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")


def iso_date(written: object) -> str | None:
    """A date as ``YYYY-MM-DD``; ``None`` if it is not one."""
    moment = _parse(str(written))
    return moment.strftime("%Y-%m-%d") if moment else None


def _parse(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC)
