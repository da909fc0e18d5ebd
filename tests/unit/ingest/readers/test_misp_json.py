"""MISP events as JSON come through whole: every attribute, object, tag and time."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from securegrid.ingest.model import AttributeDraft, BadLine, ObjectDraft
from securegrid.ingest.readers.format import UnknownFormatError
from securegrid.ingest.readers.misp_json import (
    MISP_JSON,
    MispJsonReader,
    events_in,
    make_reader,
)
from tests.unit.ingest.readers.blocks import NOW, OPTIONS, at, block, flat, shape_options, shaped

SHAPE = MISP_JSON.shape(shape_options("ESET", "tlp:amber"))
SHARED = Path(__file__).parents[5] / "shared" / "data" / "eset"
EVENT = "0d2f7f64-6a4e-4b1c-9b0e-52f3c0c9a3d1"
ONE, TWO, THREE = (f"0d2f7f64-6a4e-4b1c-9b0e-52f3c0c9a3d{n}" for n in (2, 3, 4))


def attribute(**more: object) -> dict[str, object]:
    return {"uuid": ONE, "type": "ip-dst", "category": "Network activity", "value": "203.0.113.7",
            "to_ids": True, "comment": "C2", "timestamp": "1623380645"} | more  # fmt: skip


def event(**more: object) -> dict[str, object]:
    told = {"uuid": EVENT, "info": "Report", "date": "2021-06-11", "threat_level_id": "2",
            "analysis": "1", "Tag": [{"name": "APT"}]}  # fmt: skip
    return {"Event": told | more}


def read(told: object) -> tuple[Any, list[Any], tuple[BadLine, ...]]:
    """The one event of ``told``, its contents, and why something was left out."""
    raw = json.dumps(told)
    batch = make_reader(raw.encode(), OPTIONS).read(block(raw))
    head, contents = next(iter(shaped(SHAPE, batch).values()), (None, []))
    return head, contents, tuple(one.reason for one in batch.bad)


@pytest.mark.parametrize(
    "around",
    [lambda one: one, lambda one: [one], lambda one: {"response": [one]},
     lambda one: {"response": one}, lambda one: one["Event"]],
)  # fmt: skip
def test_one_event_in_every_wrapping(around: Any) -> None:
    head, contents, bad = read(around(event(Attribute=[attribute()])))
    assert (head.info, str(head.date), head.threat_level, head.analysis) == (
        "Report", "2021-06-11", 2, 1,
    )  # fmt: skip
    assert head.tags == ("source:ESET", "APT", "tlp:amber")
    assert head.uuid != EVENT
    assert contents == [
        AttributeDraft(ONE, "ip-dst", "Network activity", "203.0.113.7", True, "C2")
    ]
    assert bad == ()


def test_a_tlp_of_the_event_stays_alone() -> None:
    head, _, _ = read(event(Attribute=[attribute()], Tag=[{"name": "tlp:white"}]))
    assert head.tags == ("source:ESET", "tlp:white")


def test_objects_keep_their_relations_times_and_uuids() -> None:
    part = attribute(uuid=THREE, object_relation="ip", first_seen="2021-06-11T00:00:00+00:00")
    told = {"uuid": TWO, "name": "ip-port", "comment": "x", "Attribute": [part],
            "last_seen": "2021-06-12T00:00:00+00:00"}  # fmt: skip
    _, contents, _ = read(event(Object=[told]))
    (found,) = contents
    assert isinstance(found, ObjectDraft)
    assert (found.uuid, found.template, found.comment) == (TWO, "ip-port", "x")
    assert found.last_seen == at("2021-06-12T00:00:00Z")
    assert found.attributes[0].relation == "ip"
    assert found.attributes[0].first_seen == at("2021-06-11T00:00:00Z")


def test_an_object_that_nobody_knows_becomes_its_attributes() -> None:
    told = {"uuid": TWO, "name": "our-own", "Attribute": [attribute(object_relation="x")]}
    _, contents, _ = read(event(Object=[told]))
    assert [(type(one), one.uuid, one.relation) for one in contents] == [(AttributeDraft, ONE, "")]


def test_what_two_unknown_objects_say_alike_stands_once() -> None:
    objects = [{"uuid": two, "name": "our-own", "Attribute": [attribute(uuid=one)]}
               for one, two in ((ONE, TWO), (TWO, ONE))]  # fmt: skip
    _, contents, bad = read(event(Object=objects))
    assert ([one.uuid for one in contents], bad) == ([ONE], ())


def test_tags_of_the_event_are_not_doubled_on_its_attributes() -> None:
    tags = [{"name": "APT", "inherited": 1}, {"name": "PlugX"}]
    _, contents, _ = read(event(Attribute=[attribute(Tag=tags)]))
    assert contents[0].tags == ("PlugX",)


def test_of_two_versions_the_later_one_counts() -> None:
    versions = [attribute(comment="new", timestamp="1623380646"), attribute(comment="old")]
    _, contents, _ = read(event(Attribute=versions))
    assert [one.comment for one in contents] == ["new"]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (attribute(category="Nonsense"), [("ip-dst", "Network activity")]),
        (attribute(type="malware-sample", value=f"a|{'a' * 32}"),
         [("filename|md5", "Payload delivery")]),
        (attribute(deleted=True), []),
    ],
)  # fmt: skip
def test_what_is_changed_or_left_out_without_a_word(
    told: object, expected: list[tuple[str, str]]
) -> None:
    _, contents, bad = read(event(Attribute=[told]))
    assert [(one.type, one.category) for one in contents] == expected
    assert bad == ()


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (event(Attribute=[attribute(type="nonsense")]), BadLine.NO_VALUE),
        (event(Attribute=[attribute(value=" ")]), BadLine.NO_VALUE),
        (event(Attribute=[attribute(type="attachment", value="a.pdf")]), BadLine.NO_VALUE),
        (event(Object=[{"name": "file", "Attribute": [attribute()]}]), BadLine.NO_VALUE),
        (event(date="soon"), BadLine.NO_TIME),
        (event(date="1970-01-01"), BadLine.IMPLAUSIBLE_TIME),
        ({"Event": {"Attribute": []}}, BadLine.NO_TIME),
    ],
)
def test_what_misp_would_not_have_is_kept_with_its_reason(told: object, reason: BadLine) -> None:
    assert read(told)[2] == (reason,)


def test_without_uuids_the_same_file_still_gives_the_same() -> None:
    told = event(uuid="", Attribute=[attribute(uuid="")], Object=[
        {"name": "file", "Attribute": [attribute(uuid="", type="md5", value="a" * 32,
                                                 object_relation="md5")]}])  # fmt: skip
    first, second = read(told), read(told)
    assert first == second
    assert len({one.uuid for one in flat(first[1])}) == 2


@pytest.mark.parametrize(
    "head", [b"<html>", b'{"a": 1}', b"a,b\n", b'"Event"', b'{"level": "info"}']
)
def test_what_is_no_event_is_refused(head: bytes) -> None:
    with pytest.raises(UnknownFormatError):
        make_reader(head, OPTIONS)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="no real data beside the project")
def test_esets_events_come_through_attribute_by_attribute() -> None:
    files = sorted([*SHARED.glob("*/*misp*.json"), *SHARED.glob("*/misp-events/*.json")])
    assert len(files) == 40
    for path in files:
        raw = path.read_bytes()
        batch = make_reader(raw[:65_536], OPTIONS).read(block(raw))
        assert not batch.bad
        (told,) = events_in(msgspec.json.decode(raw))
        ((_, contents),) = shaped(SHAPE, batch).values()
        parts = [
            *told.get("Attribute", []),
            *(part for one in told.get("Object", []) for part in one["Attribute"]),
        ]
        drafted = {described(msgspec.to_builtins(one)) for one in flat(contents)}
        left_out = {described(one) for one in parts} - drafted
        assert drafted <= {described(one) for one in parts}
        # What two objects of unknown kind say alike can stand in an event once.
        assert len(left_out) == batch.passed_over
        assert {one[1:] for one in left_out} <= {one[1:] for one in drafted}


def described(one: Mapping[str, Any]) -> tuple[object, ...]:
    return tuple(one.get(name, "") for name in ("uuid", "type", "value", "to_ids", "comment"))


JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9),
        st.sampled_from(["ip-dst", "2021-06-11", "file", "\x1b[2J", EVENT, "x" * 3_000]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["Event", "response", "Attribute", "Object", "info", "date", "uuid",
                             "Tag", "name", "type", "value", "object_relation", "timestamp"]),
            inner, max_size=6,
        ),
    ),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(JSON)
def test_hostile_json_is_counted_or_kept_and_stops_nothing(told: object) -> None:
    raw = json.dumps(event(Attribute=[told], Object=[told], Tag=told)).encode("utf-8", "replace")
    batch = MispJsonReader(NOW).read(block(raw))
    for _, contents in shaped(SHAPE, batch).values():
        assert all(one.value.strip() for one in flat(contents))
    MispJsonReader(NOW).read(block(json.dumps(told)))
    MispJsonReader(NOW).read(block(raw[:-3]))
