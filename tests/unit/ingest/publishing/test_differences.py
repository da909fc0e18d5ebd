"""What is to be written against what is there: merged in any order, never taken back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from securegrid.ingest.publishing.differences import Difference, Known, compare, fingerprint
from securegrid.misp.writing import WrittenAttribute, WrittenTag, moment, seconds_of

UUID = "c51d8dda-eccd-4642-8cd6-26863734a920"


def written(first: int | None, last: int | None, count: int = 1, **more: Any) -> WrittenAttribute:
    given_ = {
        "uuid": UUID, "type": "ip-src", "category": "Network activity", "value": "192.0.2.1",
        "to_ids": True, "distribution": 5, "comment": f"{count} requests",
        "first_seen": moment(first), "last_seen": moment(last),
    }  # fmt: skip
    return WrittenAttribute(**(given_ | more))


def stored(attribute: WrittenAttribute, **more: Any) -> Known:
    """What a MISP has after it took ``attribute``."""
    had = Known(
        attribute.uuid,
        attribute.type,
        attribute.category,
        attribute.value,
        attribute.to_ids,
        attribute.comment,
        seconds_of(attribute.first_seen),
        seconds_of(attribute.last_seen),
        False,
        0,
        tuple(tag.name for tag in attribute.tags),
    )
    return had._replace(**more)


def test_what_is_not_there_is_missing() -> None:
    assert compare(written(1, 2), None) == (Difference.MISSING, written(1, 2))


def test_what_somebody_deleted_stays_deleted() -> None:
    difference, _ = compare(written(1, 9), stored(written(1, 2), deleted=True))
    assert difference is Difference.DELETED


def test_a_later_part_extends() -> None:
    difference, merged = compare(written(1, 9, 5), stored(written(1, 2)))
    assert (difference, merged) == (Difference.CHANGED, written(1, 9, 5, distribution=None))


def test_a_part_of_what_is_there_changes_nothing() -> None:
    difference, merged = compare(written(3, 4, 2), stored(written(1, 9, 5)))
    assert (difference, merged) == (Difference.SAME, written(1, 9, 5, distribution=None))


def test_parts_that_overlap_become_the_whole_time() -> None:
    _, merged = compare(written(5, 9, 2), stored(written(1, 6, 5)))
    assert (merged.first_seen, merged.last_seen) == (moment(1), moment(9))


def test_people_keep_their_category_and_their_flag() -> None:
    there = stored(written(1, 2), category="Payload delivery", to_ids=False)
    difference, merged = compare(written(1, 2), there)
    assert difference is Difference.SAME
    assert (merged.category, merged.to_ids) == ("Payload delivery", False)


def test_a_missing_tag_is_a_change_whatever_its_case() -> None:
    tagged = written(1, 2, tags=(WrittenTag("TLP:amber"),))
    assert compare(tagged, stored(written(1, 2)))[0] is Difference.CHANGED
    assert compare(tagged, stored(tagged, tags=("tlp:AMBER", "x")))[0] is Difference.SAME


@pytest.mark.parametrize(
    ("type_", "sent", "kept"),
    [
        ("domain", "Evil.Example", "evil.example"),
        ("ip-src", "2001:DB8:0:0::1", "2001:db8::1"),
        ("ip-dst|port", "2001:DB8:0::1|80", "2001:db8::1|80"),
        ("AS", "AS4713", "4713"),
        ("boolean", "true", "1"),
        ("datetime", "2021-06-11T05:12:45+00:00", "2021-06-11T05:12:45.000000+0000"),
        ("text", " blank ", "blank"),
    ],
)
def test_forms_that_a_misp_gives_values_are_no_difference(type_: str, sent: str, kept: str) -> None:
    ours = written(1, 2, type=type_, value=sent)
    assert compare(ours, stored(ours, value=kept))[0] is Difference.SAME
    assert stored(ours, value=kept).fingerprint == fingerprint(ours)
    assert compare(ours, stored(ours, value=kept + "x"))[0] is Difference.CHANGED


MOMENTS = st.integers(0, 50)


@given(st.lists(st.tuples(MOMENTS, MOMENTS), min_size=1, max_size=6))
def test_in_whatever_order_parts_come_the_time_is_the_whole(parts: list[tuple[int, int]]) -> None:
    known: Known | None = None
    for one, other in parts:
        _, merged = compare(written(min(one, other), max(one, other)), known)
        known = stored(merged)
        assert compare(merged, known)[0] is Difference.SAME
    assert known is not None
    everything = [each for part in parts for each in part]
    assert (known.first_seen, known.last_seen) == (min(everything), max(everything))
