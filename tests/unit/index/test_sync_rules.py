"""What owners may decide of a sync, and which events a comparison finds changed."""

from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from securegrid.index.changes import UNEQUAL, UNSETTLED, Moment, compare, settled
from securegrid.index.port import EventStamp
from securegrid.index.rules import Pace, Quiet, Rules
from securegrid.misp.copying import EventLine

TOKYO = ZoneInfo("Asia/Tokyo")


def _at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 23, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "now", "quiet"),
    [
        (time(9), time(18), _at(0), True),  # 9:00 in Tokyo
        (time(9), time(18), _at(8, 59), True),
        (time(9), time(18), _at(9), False),
        (time(9), time(18), _at(23, 59), False),
        (time(22), time(6), _at(13), True),  # 22:00 in Tokyo
        (time(22), time(6), _at(20, 59), True),
        (time(22), time(6), _at(21), False),
        (time(22), time(6), _at(12, 59), False),
    ],
)
def test_quiet_hours_are_of_their_zone(start: time, end: time, now: datetime, quiet: bool) -> None:
    pace = Pace(quiet=(Quiet(start, end, TOKYO),))
    assert pace.is_quiet(now) is quiet
    assert not Pace().is_quiet(now)


@pytest.mark.parametrize(
    "wrong",
    [
        {"at_a_time": 0},
        {"at_a_time": 5},
        {"requests_per_minute": 0},
        {"attributes_per_minute": -1.0},
        {"attributes_per_minute": float("nan")},
    ],
)
def test_a_pace_has_bounds(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Pace(**wrong)


@pytest.mark.parametrize("name", ["", "  ", "!tlp:red"])
def test_what_is_left_out_has_a_name(name: str) -> None:
    with pytest.raises(ValueError):
        Rules(left_out_tags=(name,))
    with pytest.raises(ValueError):
        Rules(left_out_types=(name,))


def test_tags_are_left_out_as_misp_compares_them() -> None:
    rules = Rules(left_out_tags=("TLP:red", "internal:%"))
    assert rules.leaves_out(["a", "tlp:RED"])
    assert rules.leaves_out(["internal:only"])
    assert not rules.leaves_out(["tlp:amber"])
    assert not Rules().leaves_out(["tlp:red"])


def _line(number: int, timestamp: int = 100, published: bool = True) -> EventLine:
    return EventLine(number, UUID(int=number), timestamp, published)


def _held(*lines: EventLine) -> dict[bytes, EventStamp]:
    return {line.uuid.bytes: EventStamp(line.timestamp, line.published) for line in lines}


def test_new_changed_and_gone() -> None:
    held = _held(_line(1), _line(2), _line(3), _line(4), _line(5))
    listed = [_line(6), _line(5), _line(4, 99), _line(3, 101), _line(2, published=False)]
    changes = compare(listed, held, published_only=False)
    assert [line.id for line in changes.read] == [2, 3, 4, 6]
    assert changes.gone == (UUID(int=1).bytes,)
    assert changes.listed == 5
    changes = compare(listed, held, published_only=True)
    assert [line.id for line in changes.read] == [3, 4, 6]
    assert set(changes.gone) == {UUID(int=1).bytes, UUID(int=2).bytes}


@pytest.mark.parametrize(
    ("timestamp", "held", "equal", "kept"),
    [
        (100, None, True, 100),
        (980, None, True, 980),
        (993, None, True, UNSETTLED),
        (1_000, None, True, UNSETTLED),
        (1_002, None, False, UNSETTLED),
        (5_000, None, True, 5_000),  # made by a clock that is ahead: no reason to wait
        (100, None, False, UNEQUAL),
        (100, UNSETTLED, False, UNEQUAL),
        (100, UNEQUAL, False, 100),
        (100, 50, False, UNEQUAL),
    ],
)
def test_the_stamp_of_what_was_read(
    timestamp: int, held: int | None, equal: bool, kept: int
) -> None:
    before = None if held is None else EventStamp(held, True)
    stamp = settled(_line(1, timestamp), before, Moment(1_000, within_s=5), equal=equal)
    assert stamp == EventStamp(kept, True)
