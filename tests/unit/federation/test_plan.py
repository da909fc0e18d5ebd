"""The plan: chunks that fit, are even and share spellings, and who is not asked at all."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from securegrid.federation.breaker import Rest
from securegrid.federation.outcomes import CellState, Why
from securegrid.federation.plan import Errand, Target, plan
from securegrid.misp.failures import Reason
from securegrid.misp.query import MAX_VALUES
from securegrid.values.model import Kind, Value
from tests.unit.federation.samples import ip_value, value

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
IN_A_MINUTE = NOW + timedelta(minutes=1)
A_MINUTE_AGO = NOW - timedelta(minutes=1)


def errand(values: list[Value], target: Target) -> Errand:
    (only,) = plan(values, [target], NOW)
    return only


def sizes(values: list[Value]) -> list[int]:
    return [len(chunk.spellings) for chunk in errand(values, Target("A")).chunks]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (0, []),
        (1, [1]),
        (190, [190]),
        (191, [96, 95]),
        (710, [178, 178, 177, 177]),
        (10_000, [189] * 36 + [188] * 17),
    ],
)
def test_as_few_chunks_as_fit_and_all_of_even_size(values: int, expected: list[int]) -> None:
    assert sizes([ip_value(number) for number in range(values)]) == expected


@given(st.lists(st.integers(min_value=1, max_value=7), max_size=600))
def test_all_spellings_of_a_value_are_in_one_chunk_and_no_chunk_is_too_long(
    spellings: list[int],
) -> None:
    values = [
        value(f"v{number}.example", *(f"s{other}-{number}.example" for other in range(1, count)))
        for number, count in enumerate(spellings)
    ]
    chunks = errand(values, Target("A")).chunks
    assert [p for chunk in chunks for p in chunk.positions] == list(range(len(values)))
    for chunk in chunks:
        assert len(chunk.spellings) <= MAX_VALUES
        assert set(chunk.spellings) == {s for p in chunk.positions for s in values[p].spellings}
        assert chunk.asked == {values[p].text: (p,) for p in chunk.positions}


def test_an_unsafe_value_is_not_asked_and_says_so() -> None:
    values = [ip_value(1), value("http://a.example/50%"), ip_value(2), value("ok", "!no")]
    planned = errand(values, Target("A"))
    assert [chunk.positions for chunk in planned.chunks] == [(0, 2)]
    (settled,) = planned.settled
    assert (settled.positions, settled.state) == ((1, 3), CellState.NOT_ASKED)
    assert settled.reason is Why.UNSAFE_VALUE


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (Target("A", enabled=False), Why.SWITCHED_OFF),
        (Target("A", enabled=False, may_probe=True), Why.SWITCHED_OFF),
        (Target("A", rest=Rest(3, IN_A_MINUTE, Reason.TIMED_OUT)), Why.RESTING),
        (Target("A", rest=Rest(3, A_MINUTE_AGO, Reason.TIMED_OUT)), Why.RESTING),
    ],
)
def test_resting_and_switched_off_misps_are_settled_at_once(target: Target, why: Why) -> None:
    planned = errand([ip_value(1), ip_value(2)], target)
    assert planned.chunks == ()
    (settled,) = planned.settled
    assert (settled.positions, settled.reason) == ((0, 1), why)


@pytest.mark.parametrize(
    "target",
    [
        Target("A", rest=Rest(2, None, Reason.TIMED_OUT)),
        Target("A", rest=Rest(3, A_MINUTE_AGO, Reason.TIMED_OUT), may_probe=True),
    ],
)
def test_a_misp_that_may_be_asked_is_asked(target: Target) -> None:
    planned = errand([ip_value(1)], target)
    assert (len(planned.chunks), planned.settled) == (1, ())


def test_only_the_wanted_positions_are_asked() -> None:
    values = [ip_value(number) for number in range(5)]
    planned = errand(values, Target("A", positions=frozenset({4, 1})))
    assert planned.positions == [1, 4]
    assert [chunk.positions for chunk in planned.chunks] == [(1, 4)]
    assert errand(values, Target("A", positions=frozenset())).settled == ()


def test_as_numbers_are_asked_apart() -> None:
    values = [ip_value(0), Value(Kind.AS, "AS443", ("AS443", "443")), ip_value(1)]
    chunks = errand(values, Target("A")).chunks
    assert [chunk.positions for chunk in chunks] == [(0, 2), (1,)]


def test_targets_that_ask_the_same_share_the_chunks() -> None:
    values = [ip_value(number) for number in range(500)]
    first, second = plan(values, [Target("A"), Target("B")], NOW)
    assert first.chunks is second.chunks


@pytest.mark.parametrize("positions", [{2}, {-1}])
def test_a_position_outside_the_values_is_refused(positions: set[int]) -> None:
    with pytest.raises(ValueError, match="outside"):
        errand([ip_value(0), ip_value(1)], Target("A", positions=frozenset(positions)))


def test_two_targets_with_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="one name"):
        plan([ip_value(1)], [Target("A"), Target("A")], NOW)
