"""Fetching by UUID: what an index holds is confirmed, refuted, or stays without details."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from securegrid.federation import fetching
from securegrid.federation.breaker import Rest
from securegrid.federation.outcomes import ChunkAnswer, Outcome, Why
from securegrid.federation.plan import Target
from securegrid.misp.failures import MispFailure, Reason
from securegrid.misp.identities import MAX_UUIDS, UuidQuery
from securegrid.misp.query import Query
from securegrid.misp.records import Attribute
from securegrid.values.model import Relation
from tests.faults.virtual_time import VirtualClock
from tests.unit.federation.samples import (
    MispInMemory,
    address,
    attribute,
    cells_of,
    done_of,
    ip_value,
    outcomes_of,
    value,
)

VALUES = [ip_value(number) for number in range(1_000)]
BROKEN = MispFailure(Reason.SERVER_ERROR, permanent=False)
AWAY = MispFailure(Reason.UNREACHABLE, permanent=False)


def uuid(number: int) -> UUID:
    return UUID(f"00000000-0000-4000-8000-{number:012d}")


def holds(positions: Sequence[int]) -> dict[int, tuple[UUID, ...]]:
    """Each position is held by the attribute of the same number."""
    return {position: (uuid(position),) for position in positions}


def answering(*attributes: Attribute) -> MispInMemory:
    """A MISP that answers lists of UUIDs honestly."""

    def answer(query: Query, number: int) -> Sequence[Attribute]:
        assert isinstance(query, UuidQuery)
        return [each for each in attributes if each.uuid in query.uuids]

    return MispInMemory(answer)


def fetch(misp: MispInMemory, target: Target, deadline_s: float = 30.0) -> list[Outcome]:
    return outcomes_of(VALUES, {"A": misp}, [target], deadline_s=deadline_s)


def found(outcomes: Sequence[Outcome]) -> dict[int, list[str]]:
    told: dict[int, list[str]] = {}
    for outcome in outcomes:
        for one in outcome.found if isinstance(outcome, ChunkAnswer) else ():
            told.setdefault(one.position, []).append(one.attribute.value)
    return told


def asked(misp: MispInMemory) -> list[tuple[UUID | str, ...]]:
    return [query.uuids for query in misp.queries]


def test_what_still_holds_is_a_hit_and_what_does_not_is_a_miss() -> None:
    misp = answering(attribute(address(3), number=3), attribute("192.0.2.99", number=5))
    outcomes = fetch(misp, Target("A", holdings=holds((3, 5, 7))))
    assert cells_of(outcomes)["A"] == {3: "hit", 5: "miss", 7: "miss"}
    assert found(outcomes) == {3: [address(3)]}
    assert asked(misp) == [(str(uuid(3)), str(uuid(5)), str(uuid(7)))]


def test_an_attribute_counts_only_for_the_values_that_the_index_named() -> None:
    """It changed since the sync and now equals another searched value, which the index missed."""
    misp = answering(attribute(address(8), number=3))
    outcomes = fetch(misp, Target("A", holdings=holds((3,))))
    assert cells_of(outcomes)["A"] == {3: "miss"}


def test_without_holdings_nothing_is_sent() -> None:
    misp = answering()
    outcomes = fetch(misp, Target("A", holdings={}))
    assert (misp.queries, cells_of(outcomes)) == ([], {})
    assert done_of(outcomes, "A").requests == 0


def test_a_misp_that_is_away_leaves_hits_without_details() -> None:
    misp = MispInMemory(lambda query, number: (_ for _ in ()).throw(AWAY))
    outcomes = fetch(misp, Target("A", holdings=holds(range(300))))
    assert set(cells_of(outcomes)["A"].values()) == {"hit: unreachable"}
    assert done_of(outcomes, "A").failure is Reason.UNREACHABLE


def test_a_misp_that_says_nothing_leaves_hits_without_details_at_the_deadline() -> None:
    misp = MispInMemory(delay_s=60.0)
    outcomes = fetch(misp, Target("A", holdings=holds((1, 2))), deadline_s=3.0)
    assert set(cells_of(outcomes)["A"].values()) == {"hit: deadline"}


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (Target("A", holdings=holds((1,)), rest=Rest(3, VirtualClock.START, None)), "resting"),
        (Target("A", holdings=holds((1,)), refused=Why.INDEX_STALE), "index_stale"),
    ],
)
def test_a_misp_that_is_not_asked_leaves_hits_without_details(target: Target, why: str) -> None:
    misp = answering()
    assert cells_of(fetch(misp, target))["A"] == {1: f"hit: {why}"}
    assert not misp.queries


def test_a_refused_misp_is_asked_for_no_value() -> None:
    misp = MispInMemory()
    target = Target("A", positions=frozenset((4, 5)), refused=Why.NOT_PRIVATE)
    assert cells_of(fetch(misp, target))["A"] == {
        4: "not_asked: not_private",
        5: "not_asked: not_private",
    }
    assert not misp.queries


def test_a_value_in_two_batches_is_told_once_with_all_of_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fetching, "MAX_UUIDS", 2)
    held = {0: (uuid(1), uuid(2), uuid(3))}
    misp = answering(*(attribute(address(0), number=number) for number in (1, 2, 3)))
    outcomes = fetch(misp, Target("A", holdings=held))
    assert cells_of(outcomes)["A"] == {0: "hit"}
    assert found(outcomes) == {0: [address(0)] * 3}
    assert len(misp.queries) == 2


def test_one_lost_batch_costs_only_those_that_have_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fetching, "MAX_UUIDS", 2)
    rows = {number: attribute(address(0), number=number) for number in (1, 2, 3, 4)}

    def answer(query: Query, number: int) -> Sequence[Attribute]:
        assert isinstance(query, UuidQuery)
        if str(uuid(3)) in query.uuids:
            raise BROKEN
        return [rows[int(str(each)[-12:])] for each in query.uuids]

    held = {0: (uuid(1), uuid(3)), 1: (uuid(4),), 2: (uuid(2),)}
    misp = MispInMemory(answer)
    outcomes = fetch(misp, Target("A", holdings=held))
    assert cells_of(outcomes)["A"] == {0: "hit", 1: "hit: server_error", 2: "miss"}


def test_more_rows_than_were_asked_for_say_nothing() -> None:
    """A MISP that does not understand the list answers with everything (trap 1)."""
    rows = [attribute("198.51.100.1", number=number) for number in range(9)]
    misp = MispInMemory(lambda query, number: rows)
    outcomes = fetch(misp, Target("A", holdings=holds((100, 101))))
    assert set(cells_of(outcomes)["A"].values()) == {"hit: malformed"}


def test_what_the_owner_leaves_out_now_is_a_miss() -> None:
    misp = answering(attribute(address(3), number=3, tags=("tlp:red",)))
    outcomes = fetch(misp, Target("A", holdings=holds((3,)), left_out_tags=("tlp:red",)))
    assert cells_of(outcomes)["A"] == {3: "miss"}


def test_relations_beyond_equality_count_only_when_wanted() -> None:
    asked_domain = value("evil.example")
    url = attribute("http://evil.example/x", number=1, type="url")
    for related, state in ((True, "hit"), (False, "miss")):
        target = Target("A", holdings={0: (uuid(1),)}, related=related)
        outcomes = outcomes_of([asked_domain], {"A": answering(url)}, [target])
        assert cells_of(outcomes)["A"] == {0: state}
        relations = [
            one.relation for out in outcomes if isinstance(out, ChunkAnswer) for one in out.found
        ]
        assert relations == [Relation.SAME_HOST] * related


def test_rare_values_keep_their_details_beside_one_that_is_everywhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fetching, "MAX_FETCHED", 10)
    held: dict[int, tuple[UUID, ...]] = {0: tuple(uuid(n) for n in range(100, 111)), 9: (uuid(9),)}
    misp = answering(attribute(address(9), number=9))
    outcomes = fetch(misp, Target("A", holdings=held))
    assert cells_of(outcomes)["A"] == {0: "hit: too_many_rows", 9: "hit"}
    assert asked(misp) == [(str(uuid(9)),)]


@given(
    held=st.dictionaries(
        st.integers(0, 400),
        st.lists(st.integers(0, 2_000), min_size=1, max_size=9, unique=True),
        min_size=1,
        max_size=400,
    ),
    shift=st.integers(1, 500),
)
def test_the_requests_depend_on_the_hits_alone(held: dict[int, list[int]], shift: int) -> None:
    """The same hits at other places among other misses: the same lists of UUIDs."""
    first = {at: tuple(uuid(n) for n in sorted(numbers)) for at, numbers in held.items()}
    moved: Mapping[int, tuple[UUID, ...]] = {
        999 - shift - at: uuids for at, uuids in reversed(first.items())
    }
    one, _ = fetching.batches(VALUES, first)
    other, _ = fetching.batches(VALUES, moved)
    assert [batch.uuids for batch in one] == [batch.uuids for batch in other]
    sent = [each for batch in one for each in batch.uuids]
    assert sent == sorted({each for uuids in first.values() for each in uuids})
    assert all(len(batch.uuids) <= MAX_UUIDS for batch in one)
