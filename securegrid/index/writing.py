"""Writing what was read into a store: fingerprints made, whole events put in, values forgotten."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from securegrid.index.changes import UNEQUAL, Moment, settled
from securegrid.index.fill import rows_of
from securegrid.index.port import EventRows, EventStamp, GenerationMissing, Row, Store
from securegrid.index.reading import Piece
from securegrid.index.rules import Rules

CHUNK_ROWS = 250_000
"""Rows put into the store at once while an empty generation is filled: sorted, they take less
time than one by one; what a killed sync loses is at most so many."""
CHUNK_EVENTS = 10_000
REMOVED_AT_ONCE = 1_000
"""Events forgotten in one transaction."""


@dataclass
class _Begun:
    """A large event of which not all has come."""

    rows: list[Row] = field(default_factory=list)
    attributes: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """What was written so far."""

    events: int = 0
    attributes: int = 0
    rows: int = 0
    unequal: int = 0
    """Events of which not as many attributes came as the MISP counts."""

    def with_more(self, put: Iterable[EventRows]) -> "Written":
        """The same with these events."""
        events = list(put)
        return Written(
            self.events + len(events),
            self.attributes + sum(event.attributes for event in events),
            self.rows + sum(len(event.rows) for event in events),
            self.unequal + sum(event.stamp.timestamp == UNEQUAL for event in events),
        )


class StoreFailed(Exception):  # noqa: N818 - it says what happened
    """The store could not be read or written; the text is the error's type."""


class Writer:
    """The writing of one sync; its methods block, and are called one at a time.

    ``filling``: the generation was empty or is being filled, so readers do not need each event
    at once.
    """

    def __init__(
        self,
        store: Store,
        generation: UUID,
        key: bytes,
        rules: Rules,
        held: Mapping[bytes, EventStamp],
        moment: Moment,
        *,
        filling: bool,
    ) -> None:
        self._store = store
        self._generation = generation
        self._key = key
        self._rules = rules
        self._held = held
        self._moment = moment
        self._filling = filling
        self._is_empty = not held
        self._begun: dict[bytes, _Begun] = {}
        self._ready: list[EventRows] = []
        self._ready_rows = 0
        self.written = Written()

    def remove(self, events: Iterable[bytes]) -> None:
        """Forget events that are gone. Raises StoreFailed and GenerationMissing."""
        gone = list(events)
        for start in range(0, len(gone), REMOVED_AT_ONCE):
            part = gone[start : start + REMOVED_AT_ONCE]
            _in_store(self._store.remove, self._generation, part)

    def write(self, pieces: Iterable[Piece], *, now: bool = False) -> Written:
        """Take pieces; events that are whole are put in, while filling only with many others
        or when it must be ``now``. Raises StoreFailed and GenerationMissing."""
        for piece in pieces:
            self._take(piece)
        many = self._ready_rows >= CHUNK_ROWS or len(self._ready) >= CHUNK_EVENTS
        if now or many or not self._filling:
            self.flush()
        return self.written

    def flush(self) -> Written:
        """Put in what is whole. Raises StoreFailed and GenerationMissing."""
        ready, self._ready, self._ready_rows = self._ready, [], 0
        if ready:
            put = self._store.build if self._is_empty else self._store.replace
            self._is_empty = False
            _in_store(put, self._generation, ready)
            self.written = self.written.with_more(ready)
        return self.written

    def _take(self, piece: Piece) -> None:
        uuid = piece.line.uuid.bytes
        begun = _Begun() if piece.first else self._begun.pop(uuid)
        begun.rows += rows_of(piece.contents, self._key, self._rules)
        begun.attributes += len(piece.contents)
        if not piece.last:
            self._begun[uuid] = begun
        elif begun.attributes or piece.counted is not None:  # else it vanished meanwhile
            self._add(piece, begun)

    def _add(self, piece: Piece, begun: _Begun) -> None:
        uuid = piece.line.uuid.bytes
        equal = piece.counted in (None, begun.attributes)
        stamp = settled(piece.line, self._held.get(uuid), self._moment, equal=equal)
        self._ready.append(EventRows(uuid, stamp, begun.attributes, tuple(begun.rows)))
        self._ready_rows += len(begun.rows)


def _in_store(work: Callable[..., None], *arguments: object) -> None:
    """Do ``work``; whatever goes wrong is told without the error's own text and context."""
    try:
        work(*arguments)
        return
    except GenerationMissing:
        raise
    except Exception as error:  # a full disk, a lost server, …: each store has its own
        told = type(error).__name__
    raise StoreFailed(told)
