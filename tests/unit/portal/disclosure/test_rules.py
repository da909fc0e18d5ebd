"""What an owner lets a searcher see, at each level."""

from typing import Any

import msgspec
import pytest

from securegrid.federation.outcomes import Found
from securegrid.misp.records import Attribute
from securegrid.portal.alliance.models import Visibility
from securegrid.portal.disclosure.rules import may_count, reduce
from securegrid.portal.disclosure.shown import VisibleHit
from securegrid.values.model import Relation
from tests.fake_misp import attribute, event

LEVELS = list(Visibility)


def found(position: int, of: int, relation: Relation = Relation.EQUAL, **more: Any) -> Found:
    sent = attribute("bad.example", event(of, "Secret title"), identity=f"{position} {of}", **more)
    return Found(position, relation, msgspec.convert(sent, Attribute, strict=False))


TWO_EVENTS = [
    found(0, 1, comment="secret comment"),
    found(0, 1, Relation.PART),
    found(0, 2),
    found(1, 1),
]


def test_full_shows_every_attribute() -> None:
    hits = reduce(Visibility.FULL, False, TWO_EVENTS)
    assert [(hit.position, hit.count) for hit in hits] == [(0, 1), (0, 1), (0, 1), (1, 1)]
    assert hits[0].attribute is not None
    assert hits[0].attribute.comment == "secret comment"
    assert hits[0].attribute.timestamp == "2026-11-23T08:51:45+00:00"
    assert hits[0].event is not None
    assert (hits[0].event.date, hits[0].event.org) == ("2026-01-02", "Reporter")


def test_title_shows_title_and_tags_by_event() -> None:
    hits = reduce(Visibility.TITLE, False, TWO_EVENTS)
    assert [(hit.position, hit.count) for hit in hits] == [(0, 2), (0, 1), (1, 1)]
    event_shown = hits[0].event
    assert event_shown is not None
    assert (event_shown.info, event_shown.tags[0].name) == ("Secret title", "tlp:green")
    assert (event_shown.uuid, event_shown.date, event_shown.org) == (None, None, None)
    assert all(hit.attribute is None for hit in hits)


def test_count_shows_numbers_only() -> None:
    hits = reduce(Visibility.COUNT, False, TWO_EVENTS)
    assert hits == [VisibleHit(0, Relation.EQUAL, 3), VisibleHit(1, Relation.EQUAL, 1)]


def test_exists_shows_that_a_hit_exists() -> None:
    hits = reduce(Visibility.EXISTS, False, TWO_EVENTS)
    assert hits == [VisibleHit(0, Relation.EQUAL), VisibleHit(1, Relation.EQUAL)]


def test_only_halves_say_so() -> None:
    halves = [found(0, 1, Relation.PART)]
    assert reduce(Visibility.EXISTS, False, halves)[0].relation is Relation.PART


@pytest.mark.parametrize("visibility", LEVELS)
def test_the_own_member_always_sees_everything(visibility: Visibility) -> None:
    assert reduce(visibility, True, TWO_EVENTS) == reduce(Visibility.FULL, False, TWO_EVENTS)
    assert may_count(visibility, True)


@pytest.mark.parametrize("visibility", [Visibility.EXISTS, Visibility.COUNT])
def test_nothing_of_the_event_leaks_below_title(visibility: Visibility) -> None:
    shown = msgspec.json.encode(reduce(visibility, False, TWO_EVENTS))
    assert b"ecret" not in shown
    assert b"tlp" not in shown


def test_only_exists_hides_the_count() -> None:
    assert [may_count(level, False) for level in LEVELS] == [False, True, True, True]


def test_odd_fields_of_a_misp_do_no_harm() -> None:
    odd = found(0, 1, timestamp="not a number", comment=None)
    (hit,) = reduce(Visibility.FULL, False, [odd])
    assert hit.attribute is not None
    assert (hit.attribute.timestamp, hit.attribute.comment) == (None, "")


def test_tags_that_came_from_the_event_are_not_shown_twice() -> None:
    tags = [{"name": "own"}, {"name": "tlp:green", "inherited": 1}]
    (hit,) = reduce(Visibility.FULL, False, [found(0, 1, Tag=tags)])
    assert hit.attribute is not None
    assert [tag.name for tag in hit.attribute.tags] == ["own"]
