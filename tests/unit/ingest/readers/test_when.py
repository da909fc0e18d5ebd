"""Written times to Unix seconds, and the day they lie in."""

import pytest

from securegrid.ingest.model import BadLine
from securegrid.ingest.readers.when import checked, day_of, unix_time
from tests.unit.ingest.readers.blocks import NOW, at

MOMENT = at("2021-06-11T03:04:05+00:00")


@pytest.mark.parametrize(
    "written",
    [
        "2021-06-11T03:04:05Z",
        "2021-06-11T03:04:05.123456Z",
        "2021-06-11 03:04:05",
        "2021/06/11 03:04:05",
        "2021/6/11 03:04:05",
        "2021年6月11日 03:04:05",
        "2021-06-11T12:04:05+0900",
        "2021-06-11 12:04:05 +09:00",
        str(MOMENT),
        f"{MOMENT}123",
        f"{MOMENT}123456",
        f"{MOMENT}123456789",
        f"{MOMENT}.5",
        "  2021-06-11T03:04:05Z  ",
    ],
)
def test_one_moment_written_in_many_ways(written: str) -> None:
    assert unix_time(written, "UTC") == MOMENT


@pytest.mark.parametrize("written", ["20210611", "2021-06-11", "2021/6/11", "2021.06.11"])
def test_a_day_is_its_midnight_in_the_zone(written: str) -> None:
    assert unix_time(written, "Asia/Tokyo") == at("2021-06-11T00:00:00+09:00")


@pytest.mark.parametrize(
    "written",
    ["", "-", "yesterday", "2021-13-01", "2021-02-30", "12:00", "9" * 40, "2021-06-11T99:00:00",
     "٢٠٢١-٠٦-١١", "９９９９９９９９９９"],
)  # fmt: skip
def test_what_is_no_time(written: str) -> None:
    assert unix_time(written, "UTC") is None


def test_a_clock_never_set_and_one_that_runs_ahead_are_implausible() -> None:
    assert checked(at("1970-01-01T00:00:01+00:00"), NOW) is BadLine.IMPLAUSIBLE_TIME
    assert checked(NOW + 86_401, NOW) is BadLine.IMPLAUSIBLE_TIME
    assert checked(NOW + 86_399, NOW) == NOW + 86_399
    assert checked(None, NOW) is BadLine.NO_TIME


@pytest.mark.parametrize(
    ("zone", "day"),
    [("UTC", "2021-06-11"), ("Asia/Tokyo", "2021-06-12"), ("Asia/Kathmandu", "2021-06-11")],
)
def test_the_day_is_the_zones(zone: str, day: str) -> None:
    assert day_of(at("2021-06-11T18:10:00Z"), zone) == day
