"""What can come of asking: the states of a cell, and the answers that the fan-out streams."""

from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from securegrid.federation.breaker import NO_REST, Rest
from securegrid.misp.failures import Reason
from securegrid.misp.records import Attribute
from securegrid.values.model import Relation


class CellState(StrEnum):
    """The state of one value at one MISP; a finished search has no RUNNING cell."""

    RUNNING = "running"
    HIT = "hit"
    MISS = "miss"
    NOT_ANSWERED = "not_answered"
    NOT_ASKED = "not_asked"


class Why(StrEnum):
    """Reasons that do not come from a MISP: the first four not answered, the rest not asked."""

    DEADLINE = "deadline"
    INTERRUPTED = "interrupted"
    TOO_MANY_ROWS = "too_many_rows"
    INDEX_FAILED = "index_failed"
    RESTING = "resting"
    SWITCHED_OFF = "switched_off"
    UNSAFE_VALUE = "unsafe_value"
    INDEX_STALE = "index_stale"
    INDEX_MISSING = "index_missing"
    NOT_PRIVATE = "not_private"
    TOO_WIDE = "too_wide"


CellReason = Reason | Why


class Found(msgspec.Struct, frozen=True):
    """One attribute that was verified to match the asked value at ``position``."""

    position: int
    relation: Relation
    attribute: Attribute


@dataclass(frozen=True, slots=True)
class ChunkAnswer:
    """The outcome of one chunk at one MISP: every asked position gets its state here, once.

    ``state`` holds for each position in ``positions`` that has no entry in ``found``:
    MISS when answered, otherwise NOT_ANSWERED or NOT_ASKED with ``reason``; where the MISP's
    index holds it, HIT with the ``reason`` why its details could not be fetched.
    ``dropped`` counts returned attributes that matched nothing asked.
    """

    misp: str
    positions: tuple[int, ...]
    state: CellState
    reason: CellReason | None = None
    found: tuple[Found, ...] = ()
    dropped: int = 0
    requests: int = 0
    """Requests sent to this MISP in this search up to this answer (chunks run side by side)."""
    elapsed_ms: float = 0.0
    """Milliseconds from this MISP's start in this search to this answer."""


@dataclass(frozen=True, slots=True)
class MispDone:
    """A MISP has nothing more to give to this search; the last outcome of each MISP.

    ``round_trips_ms`` are the milliseconds of each request that was answered. ``failure`` is
    what speaks against the MISP, ``None`` when it answered or when nothing can be said (not
    asked, or cut off early by a short deadline). ``rest`` is its breaker afterwards.
    """

    misp: str
    elapsed_ms: float
    requests: int
    round_trips_ms: tuple[float, ...] = field(default=())
    failure: Reason | None = None
    rest: Rest = NO_REST


Outcome = ChunkAnswer | MispDone
