"""That a question by UUID says nothing but the UUIDs, and admits nothing but what was asked."""

import json
import uuid
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from securegrid.misp.identities import MAX_UUIDS, UuidQuery
from securegrid.misp.records import Attribute

ONE = "11111111-aaaa-4aaa-8aaa-111111111111"
TWO = "22222222-aaaa-4aaa-8aaa-222222222222"


def _attribute(**changes: Any) -> Attribute:
    plain = {"id": "1", "uuid": ONE, "event_id": "2", "type": "domain", "category": "x"}
    return msgspec.convert(plain | {"value": "a.example"} | changes, Attribute)


def _event(published: bool = True, *tags: str) -> dict[str, Any]:
    names = [{"name": name} for name in tags]
    return {"id": "2", "uuid": "e", "info": "i", "published": published, "Tag": names}


def test_the_body_holds_the_uuids_sorted_and_without_doubles() -> None:
    asked = UuidQuery([uuid.UUID(TWO), ONE.upper(), ONE])
    assert json.loads(asked.body()) == {
        "returnFormat": "json",
        "uuid": [ONE, TWO],
        "limit": 3,
        "page": 1,
        "order": "Attribute.id ASC",
        "includeContext": True,
    }
    assert asked.limit == 3


@given(st.lists(st.uuids(), min_size=1, max_size=30), st.randoms())
def test_neither_order_nor_spelling_shows(uuids: list[uuid.UUID], random: Any) -> None:
    mixed: list[uuid.UUID | str] = [random.choice([u, str(u), str(u).upper()]) for u in uuids * 2]
    random.shuffle(mixed)
    assert UuidQuery(mixed).body() == UuidQuery(uuids).body()


@pytest.mark.parametrize("count", [0, MAX_UUIDS + 1])
def test_between_1_and_190_uuids(count: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 190"):
        UuidQuery([uuid.UUID(int=n) for n in range(count)])


def test_190_uuids_with_doubles_are_fine() -> None:
    uuids = [uuid.UUID(int=n) for n in range(MAX_UUIDS)]
    assert len(UuidQuery(uuids + uuids).uuids) == MAX_UUIDS


@pytest.mark.parametrize("wrong", ["", "%", "!", "evil.example", None, 7, [ONE], "!" + ONE])
def test_only_uuids_can_be_asked(wrong: Any) -> None:
    with pytest.raises(ValueError) as caught:
        UuidQuery([ONE, wrong])
    assert "evil" not in str(caught.value)


def test_one_string_is_no_list() -> None:
    with pytest.raises(TypeError):
        UuidQuery(ONE)


def test_an_unusable_name_to_leave_out_is_refused() -> None:
    with pytest.raises(ValueError):
        UuidQuery([ONE], left_out_tags=("!tlp:red",))


def test_the_repr_shows_no_uuid() -> None:
    assert ONE not in repr(UuidQuery([ONE]))


@pytest.mark.parametrize(
    ("options", "attribute", "admitted"),
    [
        ({}, {}, True),
        ({}, {"uuid": ONE.upper()}, True),
        ({}, {"uuid": TWO}, False),
        ({}, {"deleted": True}, False),
        ({"left_out_types": ("domain",)}, {}, False),
        ({"left_out_types": ("comment",)}, {}, True),
        ({"published_only": True}, {"Event": _event(True)}, True),
        ({"published_only": True}, {"Event": _event(False)}, False),
        ({"published_only": True}, {}, False),
        ({"left_out_tags": ("tlp:red",)}, {"Tag": [{"name": "tlp:red"}]}, False),
        ({"left_out_tags": ("tlp:%",)}, {"Event": _event(True, "tlp:green")}, False),
        ({"left_out_tags": ("tlp:red",)}, {"Event": _event(True, "tlp:green")}, True),
    ],
)
def test_only_what_was_asked_and_is_offered_is_admitted(
    options: dict[str, Any], attribute: dict[str, Any], admitted: bool
) -> None:
    assert UuidQuery([ONE], **options).admits(_attribute(**attribute)) is admitted
