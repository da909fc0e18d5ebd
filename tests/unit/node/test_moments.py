"""Moments are read as MISP's clients write them."""

import pytest

from securegrid.node.moments import epoch_of, iso_date, iso_moment

NOW = 1_795_424_040


@pytest.mark.parametrize(
    ("written", "epoch"),
    [
        (1, 1),
        ("1700000000", 1_700_000_000),
        ("1d", NOW - 86400),
        ("90m", NOW - 5400),
        ("0d", NOW),
        ("2021-05-01", 1_619_827_200),
        ("2021-05-01T09:00:00+09:00", 1_619_827_200),
        ("banana", None),
        ("1y", None),
        ("", None),
        (None, None),
    ],
)
def test_epochs_spans_and_dates(written: object, epoch: int | None) -> None:
    assert epoch_of(written, NOW) == epoch


def test_first_and_last_seen_are_kept_in_utc_with_microseconds() -> None:
    assert iso_moment("2024-02-01T09:00:00.5+09:00") == "2024-02-01T00:00:00.500000+00:00"
    assert iso_moment("2024-02-01") == "2024-02-01T00:00:00.000000+00:00"
    assert iso_moment("soon") is None
    assert iso_moment(None) is None


def test_dates() -> None:
    assert iso_date("2024-02-01") == "2024-02-01"
    assert iso_date("not a date") is None
