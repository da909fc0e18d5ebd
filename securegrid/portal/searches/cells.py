"""The stored form of a grid: one byte per value and MISP, its state and its reason.

The numbers below are kept in databases for years: a number is never changed or used again.

======== ===========================================================
byte     meaning
======== ===========================================================
0        running
1        hit
2        miss
3        hit (at last sync), its details are being fetched
32 + n   not answered, for the reason with number n (0: none given)
128 + n  not asked, for the reason with number n (0: none given)
224 + m  hit (at last sync), without details for the reason that has
         number m among those (``HIT_NUMBERS``)
======== ===========================================================
"""

from collections.abc import Iterable
from dataclasses import dataclass

from securegrid.federation.outcomes import CellReason, CellState, Why
from securegrid.misp.failures import Reason

RUNNING, HIT, MISS, COMING = 0, 1, 2, 3
_NOT_ANSWERED, _NOT_ASKED, _WITHOUT_DETAILS = 32, 128, 224

NUMBERS: dict[CellReason, int] = {
    Reason.UNREACHABLE: 1,
    Reason.ADDRESS_FORBIDDEN: 2,
    Reason.TLS_FAILED: 3,
    Reason.TIMED_OUT: 4,
    Reason.CONNECTION_LOST: 5,
    Reason.KEY_REJECTED: 6,
    Reason.NO_PERMISSION: 7,
    Reason.MAINTENANCE: 8,
    Reason.RATE_LIMITED: 9,
    Reason.UNAVAILABLE: 10,
    Reason.SERVER_ERROR: 11,
    Reason.REDIRECTED: 12,
    Reason.NOT_JSON: 13,
    Reason.MALFORMED: 14,
    Reason.TOO_LARGE: 15,
    Reason.REQUEST_REFUSED: 16,
    Why.DEADLINE: 40,
    Why.INTERRUPTED: 41,
    Why.TOO_MANY_ROWS: 42,
    Why.INDEX_FAILED: 43,
    Why.RESTING: 60,
    Why.SWITCHED_OFF: 61,
    Why.UNSAFE_VALUE: 62,
    Why.INDEX_STALE: 63,
    Why.INDEX_MISSING: 64,
    Why.NOT_PRIVATE: 65,
    Why.TOO_WIDE: 66,
}
"""The number of each reason, 1 to 95."""

HIT_NUMBERS: dict[CellReason, int] = {reason: NUMBERS[reason] for reason in Reason} | {
    Why.DEADLINE: 17,
    Why.INTERRUPTED: 18,
    Why.TOO_MANY_ROWS: 19,
    Why.INDEX_FAILED: 20,
    Why.RESTING: 21,
    Why.SWITCHED_OFF: 22,
    Why.UNSAFE_VALUE: 23,
    Why.INDEX_STALE: 24,
    Why.INDEX_MISSING: 25,
    Why.NOT_PRIVATE: 26,
    Why.TOO_WIDE: 27,
}
"""The number of each reason why a hit is without details, 1 to 31."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a byte says.

    A hit with a ``reason`` was held at the last sync, and for this reason has no details;
    ``coming``: they are being fetched.
    """

    state: CellState
    reason: CellReason | None = None
    coming: bool = False


def code(state: CellState, reason: CellReason | None = None) -> int:
    """The byte of a state and its reason (misses and running cells have none)."""
    match state:
        case CellState.RUNNING:
            return RUNNING
        case CellState.HIT:
            return HIT if reason is None else _WITHOUT_DETAILS + HIT_NUMBERS[reason]
        case CellState.MISS:
            return MISS
        case CellState.NOT_ANSWERED:
            return _NOT_ANSWERED + _number(reason)
        case CellState.NOT_ASKED:
            return _NOT_ASKED + _number(reason)


def _number(reason: CellReason | None) -> int:
    return 0 if reason is None else NUMBERS[reason]


def _table() -> tuple[Cell | None, ...]:
    table: list[Cell | None] = [None] * 256
    for state in (CellState.RUNNING, CellState.HIT, CellState.MISS):
        table[code(state)] = Cell(state)
    table[COMING] = Cell(CellState.HIT, coming=True)
    for why in HIT_NUMBERS:
        table[code(CellState.HIT, why)] = Cell(CellState.HIT, why)
    for state in (CellState.NOT_ANSWERED, CellState.NOT_ASKED):
        for reason in (None, *NUMBERS):
            table[code(state, reason)] = Cell(state, reason)
    return tuple(table)


TABLE = _table()
"""The meaning of each byte; ``None`` for bytes that are never written."""

INTERRUPTED = code(CellState.NOT_ANSWERED, Why.INTERRUPTED)
HITS = bytes(
    byte for byte, known in enumerate(TABLE) if known is not None and known.state is CellState.HIT
)
"""All bytes of hits, with details or without."""


def cell(byte: int) -> Cell:
    """The meaning of a stored byte.

    Raises ValueError for a byte that was never written.
    """
    known = TABLE[byte]
    if known is None:
        raise ValueError(f"no cell has the code {byte}")
    return known


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cells are in each state; of the hits, how many have no details (yet)."""

    hit: int = 0
    miss: int = 0
    not_answered: int = 0
    not_asked: int = 0
    running: int = 0
    coming: int = 0
    without_details: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.hit + other.hit,
            self.miss + other.miss,
            self.not_answered + other.not_answered,
            self.not_asked + other.not_asked,
            self.running + other.running,
            self.coming + other.coming,
            self.without_details + other.without_details,
        )


_STATE_OF_BYTE = bytes(list(CellState).index(known.state) if known else 255 for known in TABLE)
_ORDER = list(CellState)


def counts(cells: bytes | bytearray) -> Counts:
    """Count the states of a column; quick for 10,000 cells (it stays inside ``bytes``)."""
    states = cells.translate(_STATE_OF_BYTE)
    counted = {state.value: states.count(index) for index, state in enumerate(_ORDER)}
    without = len(cells) - len(cells.translate(None, _REASONED_HITS))
    return Counts(**counted, coming=cells.count(COMING), without_details=without)


_REASONED_HITS = bytes(byte for byte in HITS if byte not in (HIT, COMING))


def _unanswered(byte: int, why: Why) -> int:
    """What an open cell becomes; others stay."""
    if byte == COMING:
        return code(CellState.HIT, why)
    return code(CellState.NOT_ANSWERED, why) if byte == RUNNING else byte


_ENDED = {why: bytes(_unanswered(byte, why) for byte in range(256)) for why in Why}


def ended(cells: bytes | bytearray, why: Why = Why.INTERRUPTED) -> bytes:
    """The same cells, with those still running marked not answered for ``why``.

    A hit whose details were coming stays one, without details.
    """
    return bytes(cells.translate(_ENDED[why]))


def is_open(cells: bytes | bytearray) -> bool:
    """Whether results may still come."""
    return RUNNING in cells or COMING in cells


def running(cells: bytes, positions: Iterable[int]) -> bytes:
    """The same cells, with those at ``positions`` open again: a hit stays one meanwhile."""
    changed = bytearray(cells)
    for position in positions:
        changed[position] = COMING if changed[position] in HITS else RUNNING
    return bytes(changed)


_NOT_FOR_GOOD = (Why.RESTING, Why.INDEX_STALE, Why.INDEX_MISSING)
_AGAIN = (
    frozenset(code(CellState.NOT_ASKED, why) for why in _NOT_FOR_GOOD)
    | frozenset(code(CellState.NOT_ANSWERED, reason) for reason in (None, *NUMBERS))
    | frozenset(_REASONED_HITS)
    - {code(CellState.HIT, why) for why in (Why.TOO_MANY_ROWS, Why.SWITCHED_OFF, Why.NOT_PRIVATE)}
)
_SWITCHED_OFF = frozenset(
    code(state, Why.SWITCHED_OFF) for state in (CellState.NOT_ASKED, CellState.HIT)
)


def missing(cells: bytes, *, switched_on: bool) -> tuple[int, ...]:
    """Positions that asking again can fill: all not answered, those of a resting MISP or of an
    index that did not answer, and hits without details.

    ``switched_on``: the MISP is switched on now, so that cells of a time when it was off count.
    """
    again = _AGAIN | _SWITCHED_OFF if switched_on else _AGAIN
    return tuple(position for position, byte in enumerate(cells) if byte in again)
