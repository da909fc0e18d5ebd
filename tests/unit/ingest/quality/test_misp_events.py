"""Files of MISP events and rows of a MISP become the drafts that rules look at."""

import json
from datetime import date
from typing import Any

import msgspec
import pytest

from securegrid.ingest.model import AttributeDraft, ObjectDraft
from securegrid.ingest.quality.misp_events import (
    NO_DATE,
    NotEvents,
    attribute_draft,
    head_draft,
    read_events,
    seconds,
)
from securegrid.misp.copying import EventHead
from securegrid.misp.records import Attribute

ATTRIBUTE = {
    "uuid": "a", "type": "ip-src", "category": "Network activity", "value": "219.167.13.11",
    "to_ids": "1", "comment": None, "first_seen": "2021-06-11T10:00:00.000000+09:00",
    "last_seen": "", "Tag": [{"name": "t"}],
}  # fmt: skip
EVENT = {
    "uuid": "e", "info": "[X] 2021-06-11", "date": "2021-06-11", "threat_level_id": "2",
    "analysis": 1, "distribution": "3", "Tag": [{"name": "tlp:red"}], "Attribute": [ATTRIBUTE],
    "Object": [
        {"uuid": "o", "name": "file", "Attribute": [ATTRIBUTE | {"object_relation": "ip"}]},
        {"uuid": "p", "name": "file", "deleted": True, "Attribute": [ATTRIBUTE]},
    ],
}  # fmt: skip
EXPECTED = AttributeDraft(
    "a", "ip-src", "Network activity", "219.167.13.11", to_ids=True, first_seen=1623373200,
    tags=("t",),
)  # fmt: skip


def read(document: object) -> list[tuple[Any, list[Any]]]:
    held = read_events(json.dumps(document).encode())
    return [(event, list(held.contents(event.uuid))) for event in held.events()]


@pytest.mark.parametrize(
    "wrapped",
    [
        EVENT,
        {"Event": EVENT},
        [EVENT],
        [{"Event": EVENT}],
        {"response": [{"Event": EVENT}]},
        {"response": {"Event": EVENT}},
    ],
)
def test_every_form_in_which_misps_write_events_is_read(wrapped: object) -> None:
    ((event, contents),) = read(wrapped)
    assert (event.info, event.date, event.tags) == (
        "[X] 2021-06-11", date(2021, 6, 11), ("tlp:red",),
    )  # fmt: skip
    assert (event.threat_level, event.analysis, event.distribution) == (2, 1, 3)
    loose, held = contents
    assert loose == EXPECTED
    assert isinstance(held, ObjectDraft)
    assert held.template == "file"
    assert held.attributes == (msgspec.structs.replace(EXPECTED, relation="ip"),)


def test_events_come_with_the_oldest_day_first() -> None:
    later = EVENT | {"date": "2022-01-01", "uuid": "f"}
    assert [event.uuid for event, _ in read([later, EVENT])] == ["e", "f"]


def test_events_with_the_same_uuid_or_none_stay_apart() -> None:
    found = read([EVENT, EVENT, EVENT | {"uuid": ""}, {"info": "x"}])
    assert [len(contents) for _, contents in found] == [0, 2, 2, 2]
    assert len({event.uuid for event, _ in found}) == 4
    assert found[1][0].uuid == "e"


@pytest.mark.parametrize("written", ["", "0000-00-00", "tomorrow", "2021-02-30"])
def test_a_date_that_is_none_is_told_apart(written: str) -> None:
    ((event, _),) = read({"info": "x", "date": written})
    assert event.date == NO_DATE


def test_odd_values_and_deleted_ones() -> None:
    odd = [ATTRIBUTE | {"value": value} for value in (445, None, True)]
    ((_, contents),) = read(EVENT | {"Attribute": [*odd, ATTRIBUTE | {"deleted": 1}], "Object": []})
    assert [one.value for one in contents] == ["445", "", "True"]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "JSON"),
        (b"\xff\xfe", "JSON"),
        (b"[" * 100_000, "JSON"),
        (b"[]", "Event"),
        (b"3", "Event"),
        (b'{"response": []}', "Event"),
        (b'[{"Event": {"info": "x"}}, 7]', r"\$\[1\]"),
        (b'{"Event": {"info": ["x"]}}', r"\$\.Event"),
        (b'{"Event": {"info": "x", "Attribute": [{"value": {}}]}}', r"Attribute\[0\]"),
        (b'{"objects": []}', "Event"),
    ],
)
def test_what_holds_no_events_is_refused_with_the_place(content: bytes, named: str) -> None:
    with pytest.raises(NotEvents, match=named):
        read_events(content)


def test_a_byte_order_mark_is_no_part_of_the_json() -> None:
    assert len(list(read_events(b'\xef\xbb\xbf{"info": "x"}').events())) == 1


def test_rows_of_a_misp_become_the_same_drafts() -> None:
    row = msgspec.convert(
        ATTRIBUTE | {"id": "1", "event_id": "3", "Tag": [
            {"name": "t"}, {"name": "of the event", "inherited": 1},
        ]},
        Attribute, strict=False,
    )  # fmt: skip
    assert attribute_draft(row) == EXPECTED
    listed = {
        "id": "3", "uuid": "e", "info": "[X]", "date": "2021-06-11", "threat_level_id": "2",
        "EventTag": [{"Tag": {"name": "tlp:red"}}],
    }  # fmt: skip
    head = head_draft(msgspec.convert(listed, EventHead, strict=False))
    assert (head.uuid, head.date, head.tags) == ("e", date(2021, 6, 11), ("tlp:red",))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2021-06-11T01:00:00+00:00", 1623373200),
        ("2021-06-11T01:00:00.123456Z", 1623373200),
        (None, None),
        ("", None),
        ("soon", None),
        ("0001-01-01T00:00:00+23:59", -62135683140),
    ],
)
def test_times_are_read_as_misp_writes_them(written: str | None, expected: int | None) -> None:
    assert seconds(written) == expected
