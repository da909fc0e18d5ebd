"""That no query exists which a MISP would answer with everything."""

import dataclasses
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from securegrid.misp.offers import folded
from securegrid.misp.query import (
    MAX_VALUES,
    AttributeQuery,
    Unsafe,
    UnsafeValue,
    _looked_at_closely,
    unsafe,
)
from securegrid.misp.records import Attribute

UNSAFE = [
    ("", Unsafe.BLANK),
    (" ", Unsafe.BLANK),
    ("\u3000\t\n", Unsafe.BLANK),
    ("!", Unsafe.NEGATION),
    ("!198.51.100.7", Unsafe.NEGATION),
    (" !198.51.100.7", Unsafe.NEGATION),
    ("%", Unsafe.WILDCARD),
    ("%evil.example", Unsafe.WILDCARD),
    ("http://evil.example/100%", Unsafe.WILDCARD),
    ("http://evil.example/100% ", Unsafe.WILDCARD),
    ("%evil%", Unsafe.WILDCARD),
    ("0", Unsafe.FALSE_IN_PHP),
    ("\\", Unsafe.WEIGHTLESS),
    ("...", Unsafe.WEIGHTLESS),
    ("\u200b", Unsafe.WEIGHTLESS),
    ("\u00ad\u0301", Unsafe.WEIGHTLESS),
    ("\u3164", Unsafe.WEIGHTLESS),
    ("evil\x00.example", Unsafe.CONTROL_CHARACTER),
    ("evil.example\nother.example", Unsafe.CONTROL_CHARACTER),
    ("evil\x7f", Unsafe.CONTROL_CHARACTER),
    ("evil\ud800", Unsafe.NOT_TEXT),
    ("a" * 5_001, Unsafe.TOO_LONG),
    ("http://a.example/?x||", Unsafe.BLANK),
    ("a.example&&!b.example", Unsafe.NEGATION),
    ("a.example||%", Unsafe.WILDCARD),
]
SAFE = [
    "198.51.100.7",
    "10.0.0.0/8",
    "http://cdn.evil.example/a/b.php?id=1&x=%E3%81%82",
    "http://evil.example/a?x=1&&y=2",
    "203.0.113.5|8443",
    "invoice 請求書.exe",
    "請求書",
    "219.167.13.*",
    "219.167.13.1_",
    "C:\\temp\\evil.exe",
    "' OR 1=1 --",
    "𠮷野家.example",
    "evil!.example",
    "a%b",
    "00",
    "a" * 5_000,
]


@pytest.mark.parametrize(("value", "reason"), UNSAFE)
def test_unsafe_values_are_told_with_the_reason(value: str, reason: Unsafe) -> None:
    assert unsafe(value) is reason


@pytest.mark.parametrize(("value", "reason"), UNSAFE)
def test_unsafe_values_cannot_be_asked_even_beside_safe_ones(value: str, reason: Unsafe) -> None:
    with pytest.raises(UnsafeValue) as caught:
        AttributeQuery.by_values(["198.51.100.7", value])
    assert caught.value.reason is reason
    assert value.strip() in {"", "0", "!", "%"} or value not in str(caught.value)
    with pytest.raises(UnsafeValue):
        AttributeQuery(values=(value,))


@pytest.mark.parametrize("value", SAFE)
def test_safe_values_are_asked_as_they_are(value: str) -> None:
    assert unsafe(value) is None
    assert json.loads(AttributeQuery.by_values([value]).body())["value"] == [value]


@pytest.mark.parametrize("values", [[None], [True], [445], [["198.51.100.7"]], [{}], [b"a"]])
def test_only_strings_are_values(values: Any) -> None:
    with pytest.raises(TypeError):
        AttributeQuery.by_values(values)


def test_one_string_is_no_list_of_values() -> None:
    with pytest.raises(TypeError):
        AttributeQuery.by_values("198.51.100.7")


@pytest.mark.parametrize("count", [0, MAX_VALUES + 1])
def test_between_1_and_190_values(count: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 190"):
        AttributeQuery.by_values([f"198.51.100.{each}x" for each in range(count)])


def test_190_values_with_doubles_are_fine() -> None:
    values = [f"host{each}.example" for each in range(MAX_VALUES)]
    assert len(AttributeQuery.by_values(values + values).values) == MAX_VALUES


def test_values_that_misp_takes_for_equal_are_asked_once() -> None:
    values = ["EVIL.example", "evil.example", "ｅｖｉｌ.example", "evil.example ", "b.example"]
    assert AttributeQuery.by_values(values).values == ("EVIL.example", "b.example")


def test_the_order_of_asking_does_not_show() -> None:
    there = AttributeQuery.by_values(["b.example", "a.example"], left_out_tags=["y", "x"])
    back = AttributeQuery.by_values(["a.example", "b.example"], left_out_tags=["x", "y"])
    assert there.body() == back.body()


@pytest.mark.parametrize(
    "change",
    [
        {"values": ()},
        {"values": ("b", "a")},
        {"values": ("a", "A")},
        {"values": ("%",)},
        {"limit": 0},
        {"limit": -1},
        {"limit": 100_001},
        {"page": 0},
        {"left_out_tags": ("",)},
        {"left_out_tags": ("!tlp:red",)},
        {"left_out_types": (" ",)},
    ],
)
def test_a_query_cannot_be_changed_into_an_unsafe_one(change: dict[str, Any]) -> None:
    good = AttributeQuery.by_values(["a"])
    with pytest.raises(ValueError):
        dataclasses.replace(good, **change)


def test_the_body_holds_what_was_asked() -> None:
    asked = AttributeQuery.by_values(
        ["a.example"],
        limit=50,
        page=2,
        published_only=True,
        left_out_tags=["tlp:red"],
        left_out_types=["comment"],
    )
    assert json.loads(asked.body()) == {
        "returnFormat": "json",
        "value": ["a.example"],
        "limit": 50,
        "page": 2,
        "order": "Attribute.id ASC",
        "includeContext": True,
        "published": True,
        "tags": ["!tlp:red"],
        "type": ["!comment"],
    }


def test_the_repr_shows_no_value() -> None:
    assert "a.example" not in repr(AttributeQuery.by_values(["a.example"]))


@given(st.lists(st.text(max_size=30), max_size=12))
def test_whatever_is_written_the_body_is_filtered(values: list[str]) -> None:
    """Any text at all: either refused, or a body with a limit and only harmless strings."""
    try:
        body = json.loads(AttributeQuery.by_values(values).body())
    except ValueError:
        return
    assert body["limit"] >= 1
    assert body["value"]
    for value in body["value"]:
        assert value.strip() not in {"", "0"}
        assert value.strip()[0] not in "!%"
        assert value.strip()[-1] != "%"
    assert len({folded(value) for value in body["value"]}) == len(body["value"])


def _attribute(**changes: Any) -> Attribute:
    plain = {"id": "1", "uuid": "u", "event_id": "2", "type": "domain", "category": "x"}
    return msgspec.convert(plain | {"value": "a.example"} | changes, Attribute)


def _event(published: bool = True, *tags: str) -> dict[str, Any]:
    names = [{"name": name} for name in tags]
    return {"id": "2", "uuid": "e", "info": "i", "published": published, "Tag": names}


@pytest.mark.parametrize(
    ("options", "attribute", "admitted"),
    [
        ({}, {}, True),
        ({}, {"deleted": True}, False),
        ({"left_out_types": ["domain"]}, {}, False),
        ({"left_out_types": ["comment"]}, {}, True),
        ({"published_only": True}, {"Event": _event(True)}, True),
        ({"published_only": True}, {"Event": _event(False)}, False),
        ({"published_only": True}, {}, False),
        ({"left_out_tags": ["tlp:red"]}, {"Tag": [{"name": "tlp:red"}]}, False),
        ({"left_out_tags": ["TLP:RED"]}, {"Event": _event(True, "tlp:red")}, False),
        ({"left_out_tags": ["tlp:%"]}, {"Event": _event(True, "tlp:green")}, False),
        ({"left_out_tags": ["%:red"]}, {"Event": _event(True, "tlp:red")}, False),
        ({"left_out_tags": ["%lp:r%"]}, {"Event": _event(True, "tlp:red")}, False),
        ({"left_out_tags": ["tlp:red"]}, {"Event": _event(True, "tlp:green")}, True),
    ],
)
def test_what_an_owner_leaves_out_is_not_admitted(
    options: dict[str, Any], attribute: dict[str, Any], admitted: bool
) -> None:
    asked = AttributeQuery.by_values(["a.example"], **options)
    assert asked.admits(_attribute(**attribute)) is admitted


@given(st.text(alphabet="01aZ.%!&|/ ~{}-", max_size=6))
def test_the_quick_look_finds_what_the_close_one_does(value: str) -> None:
    assert unsafe(value) == _looked_at_closely(value)
