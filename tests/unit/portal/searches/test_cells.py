"""The bytes of a grid: every state and reason has one, for years."""

import pytest

from securegrid.federation.outcomes import CellState, Why
from securegrid.misp.failures import Reason
from securegrid.portal.searches import cells


def test_every_reason_has_its_own_number() -> None:
    assert set(cells.NUMBERS) == {*Reason, *Why}
    assert len(set(cells.NUMBERS.values())) == len(cells.NUMBERS)
    assert all(1 <= number <= 95 for number in cells.NUMBERS.values())


def test_the_numbers_in_databases_never_change() -> None:
    known = {Reason.UNREACHABLE: 1, Reason.REQUEST_REFUSED: 16, Why.DEADLINE: 40, Why.RESTING: 60}
    assert {reason: cells.NUMBERS[reason] for reason in known} == known
    assert [cells.code(s) for s in (CellState.RUNNING, CellState.HIT, CellState.MISS)] == [0, 1, 2]


@pytest.mark.parametrize("state", [CellState.NOT_ANSWERED, CellState.NOT_ASKED])
@pytest.mark.parametrize("reason", [None, *Reason, *Why])
def test_a_byte_says_what_was_written(state: CellState, reason: Reason | Why | None) -> None:
    assert cells.cell(cells.code(state, reason)) == cells.Cell(state, reason)


def test_a_byte_that_was_never_written_is_an_error() -> None:
    with pytest.raises(ValueError, match="255"):
        cells.cell(255)


def test_counting_a_column() -> None:
    down = cells.code(CellState.NOT_ANSWERED, Reason.TIMED_OUT)
    off = cells.code(CellState.NOT_ASKED, Why.SWITCHED_OFF)
    column = bytes([0, 1, 1, 2, 2, 2, down, off, off, off, off])
    assert cells.counts(column) == cells.Counts(
        running=1, hit=2, miss=3, not_answered=1, not_asked=4
    )
    assert cells.counts(column) + cells.counts(b"\x01") == cells.Counts(3, 3, 1, 4, 1)


def test_an_ended_column_has_nothing_running() -> None:
    ended = cells.ended(bytes([0, 1, 2]))
    assert [cells.cell(byte).reason for byte in ended] == [Why.INTERRUPTED, None, None]


def test_missing_is_what_asking_again_can_fill() -> None:
    column = bytes(
        [
            cells.HIT,
            cells.MISS,
            cells.code(CellState.NOT_ANSWERED, Reason.TIMED_OUT),
            cells.code(CellState.NOT_ASKED, Why.RESTING),
            cells.code(CellState.NOT_ASKED, Why.SWITCHED_OFF),
            cells.code(CellState.NOT_ASKED, Why.UNSAFE_VALUE),
            cells.INTERRUPTED,
        ]
    )
    assert cells.missing(column, switched_on=False) == (2, 3, 6)
    assert cells.missing(column, switched_on=True) == (2, 3, 4, 6)
    assert cells.running(column, (2, 3))[2:4] == b"\0\0"
