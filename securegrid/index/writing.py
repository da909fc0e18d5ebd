"""Writing what was read into a store: fingerprints made, whole events put in, values forgotten."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import TypeVar
from uuid import UUID

from securegrid.index.changes import UNEQUAL, Moment, settled
from securegrid.index.fill import rows_of
from securegrid.index.port import EventRows, EventStamp, GenerationMissing, Row, Store
from securegrid.index.reading import Piece
from securegrid.index.rules import Rules

BULK_EVENTS = 1_000
"""From so many new events on, and always into an empty generation, they are built in bulk."""
BUILD_S = 30.0
"""A build ends after so long, if it then has half of what was built before or more: what a store
keeps back is sorted in while more is being read, and seldom enough for an index of any size."""
SLOW_BUILD_S = 300.0
"""One that has but few rows by then ends all the same, so that a killed one loses no more."""
FEW_ROWS = 500_000
"""About what a store may keep back in memory."""
REMOVED_AT_ONCE = 1_000
"""Events forgotten in one transaction."""

_T = TypeVar("_T")


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


Take = Callable[[], Sequence[Piece] | None]
"""Gives the next pieces, waiting for them; ``None``: there are no more."""


class Writer:
    """The writing of one sync; its methods block, and are called one at a time.

    ``told`` is called, in the same thread, with what is written so far. All methods raise
    StoreFailed and GenerationMissing.
    """

    def __init__(
        self,
        store: Store,
        generation: UUID,
        key: bytes,
        rules: Rules,
        told: Callable[[Written], None],
        seconds: Callable[[], float],
    ) -> None:
        self._store = store
        self._generation = generation
        self._key = key
        self._rules = rules
        self._told = told
        self._seconds = seconds
        self._held: Mapping[bytes, EventStamp] = {}
        self._begun: dict[bytes, _Begun] = {}
        self._written = Written()
        self._built = 0

    def stamps(self) -> Mapping[bytes, EventStamp]:
        """What the generation holds."""
        self._held = _in_store(partial(self._store.stamps, self._generation))
        return self._held

    def remove(self, events: Sequence[bytes]) -> None:
        """Forget events that are gone."""
        for start in range(0, len(events), REMOVED_AT_ONCE):
            part = events[start : start + REMOVED_AT_ONCE]
            _in_store(partial(self._store.remove, self._generation, part))

    def replace(self, take: Take, moment: Moment) -> None:
        """Put in what comes, event by event whole, until no more comes."""
        for events in self._events(take, moment):
            _in_store(partial(self._store.replace, self._generation, events))
            self._tell(events)

    def build(self, take: Take, moment: Moment) -> None:
        """The same in bulk, for events that the generation does not hold."""
        coming = self._events(take, moment)
        while (first := next(coming, None)) is not None:
            some = self._for_a_while(chain((first,), coming))
            _in_store(partial(self._store.build, self._generation, some))

    def _for_a_while(self, coming: Iterable[list[EventRows]]) -> Iterator[EventRows]:
        began, rows = self._seconds(), 0
        for events in coming:
            yield from events
            self._tell(events)
            rows += sum(len(event.rows) for event in events)
            if self._is_enough(rows, self._seconds() - began):
                break
        self._built += rows

    def _is_enough(self, rows: int, seconds: float) -> bool:
        is_slow = seconds >= SLOW_BUILD_S and rows < FEW_ROWS
        return is_slow or (seconds >= BUILD_S and 2 * rows >= self._built)

    def _events(self, take: Take, moment: Moment) -> Iterator[list[EventRows]]:
        """The events that are whole, as they come; never an empty list."""
        while (pieces := take()) is not None:
            if events := [event for piece in pieces for event in self._whole(piece, moment)]:
                yield events

    def _whole(self, piece: Piece, moment: Moment) -> Iterator[EventRows]:
        """The event, when ``piece`` is its last; none when it vanished while it was read."""
        uuid = piece.line.uuid.bytes
        begun = _Begun() if piece.first else self._begun.pop(uuid)
        begun.rows += rows_of(piece.contents, self._key, self._rules)
        begun.attributes += len(piece.contents)
        if not piece.last:
            self._begun[uuid] = begun
        elif begun.attributes or piece.counted is not None:
            equal = piece.counted in (None, begun.attributes)
            stamp = settled(piece.line, self._held.get(uuid), moment, equal=equal)
            yield EventRows(uuid, stamp, begun.attributes, tuple(begun.rows))

    def _tell(self, events: Sequence[EventRows]) -> None:
        self._written = self._written.with_more(events)
        self._told(self._written)


def _in_store(work: Callable[[], _T]) -> _T:
    """What ``work`` gives; a failure is told without its own text and what led to it."""
    try:
        return work()
    except (GenerationMissing, StoreFailed):
        raise
    except Exception as error:  # a full disk, a lost server, …: each store has its own
        told = type(error).__name__
    raise StoreFailed(told)
