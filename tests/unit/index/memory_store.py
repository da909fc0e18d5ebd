"""The port of the index kept in memory, by which syncs are compared; it can be made to fail."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from uuid import UUID

from securegrid.index.port import EventRows, EventStamp, GenerationMissing, Row, Size


class MemoryStore:
    """All that is promised by ``index.port``, in the plainest way."""

    def __init__(self) -> None:
        self.held: dict[UUID, dict[bytes, EventRows]] = {}
        self.before: Callable[[str], None] = lambda _what: None
        """Called before each write, with its name; may raise."""

    def create(self, generation: UUID) -> None:
        self.held.setdefault(generation, {})

    def build(self, generation: UUID, events: Iterable[EventRows]) -> None:
        inside = self._of(generation)
        for event in events:
            assert event.event not in inside, "only new events are built"
            self._put("build", generation, [event])

    def replace(self, generation: UUID, events: Sequence[EventRows]) -> None:
        self._put("replace", generation, events)

    def _put(self, what: str, generation: UUID, events: Iterable[EventRows]) -> None:
        inside = self._of(generation)
        whole = {event.event: event for event in events}
        self.before(what)
        inside |= whole

    def remove(self, generation: UUID, events: Sequence[bytes]) -> None:
        inside = self._of(generation)
        self.before("remove")
        for event in events:
            inside.pop(event, None)

    def stamps(self, generation: UUID) -> dict[bytes, EventStamp]:
        return {uuid: event.stamp for uuid, event in self._of(generation).items()}

    def size(self, generation: UUID) -> Size:
        events = self._of(generation).values()
        return Size(len(events), sum(len(event.rows) for event in events), 0)

    def drop(self, generation: UUID) -> None:
        self.held.pop(generation, None)

    def generations(self) -> frozenset[UUID]:
        return frozenset(self.held)

    def look_up(self, wanted: Mapping[UUID, Sequence[bytes]]) -> dict[UUID, list[Row]]:
        return {
            generation: [row for row in self.rows(generation) if row.fingerprint in asked]
            for generation, asked in wanted.items()
        }

    def close(self) -> None:
        pass

    def rows(self, generation: UUID) -> set[Row]:
        """Everything that can be found."""
        return {row for event in self._of(generation).values() for row in event.rows}

    def _of(self, generation: UUID) -> dict[bytes, EventRows]:
        if generation not in self.held:
            raise GenerationMissing
        return self.held[generation]
