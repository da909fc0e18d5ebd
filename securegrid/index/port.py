"""The port of the index: what a store of fingerprints can do, whatever keeps it.

A *generation* is the index of one MISP in one key epoch, named by a random UUID. Rotation fills
the next generation beside the current one. A store knows neither values nor keys.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol
from uuid import UUID

import msgspec

from securegrid.values.fingerprints import Mark


class Row(msgspec.Struct, frozen=True, gc=False):
    """One fingerprint of one attribute; an attribute has several (both halves, its host, …)."""

    fingerprint: bytes
    """16 bytes."""
    attribute: bytes
    """The attribute's UUID, 16 bytes."""
    mark: Mark
    """What of the attribute the fingerprint is of."""


class EventStamp(msgspec.Struct, frozen=True, gc=False):
    """By what a sync sees that an event changed: all of it comes from ``events/index`` minimal."""

    timestamp: int
    """Unix seconds."""
    published: bool


class EventRows(msgspec.Struct, frozen=True, gc=False):
    """Everything that is kept of one event; it replaces what was kept of it before."""

    event: bytes
    """The event's UUID, 16 bytes."""
    stamp: EventStamp
    attributes: int
    """Attributes of the event that were read, indexed or left out."""
    rows: tuple[Row, ...]


class Size(msgspec.Struct, frozen=True):
    """How much a generation holds; ``bytes`` on disk as far as the store can tell."""

    events: int
    rows: int
    bytes: int


class Reader(Protocol):
    """Looking up; safe in several threads and processes while a sync writes."""

    def look_up(self, wanted: Mapping[UUID, Sequence[bytes]]) -> dict[UUID, list[Row]]:
        """The rows of each generation that have one of the fingerprints wanted there.

        One pass over all generations. A generation that is absent raises GenerationMissing.
        """
        ...


class Store(Reader, Protocol):
    """Everything a sync needs. One writer per generation at a time; the caller sees to that."""

    def create(self, generation: UUID) -> None:
        """Make an empty generation; an existing one stays as it is."""
        ...

    def build(self, generation: UUID, events: Iterable[EventRows]) -> None:
        """Add events that are not held yet in bulk (sorted): all of them or, when killed, a
        generation whose ``stamps`` tell exactly which events it holds whole."""
        ...

    def replace(self, generation: UUID, events: Sequence[EventRows]) -> None:
        """Exchange the rows of these events in one transaction: readers see all or nothing."""
        ...

    def remove(self, generation: UUID, events: Sequence[bytes]) -> None:
        """Forget these events with their rows, in one transaction; unknown ones are no error."""
        ...

    def stamps(self, generation: UUID) -> dict[bytes, EventStamp]:
        """What is held: the stamp of each event by its UUID."""
        ...

    def size(self, generation: UUID) -> Size:
        """How much there is."""
        ...

    def drop(self, generation: UUID) -> None:
        """Destroy a generation with all its rows and files; dropping an absent one is no error."""
        ...

    def generations(self) -> frozenset[UUID]:
        """Every generation that exists, so that leftovers can be found."""
        ...

    def close(self) -> None:
        """Give back connections and files."""
        ...


class GenerationMissing(LookupError):  # noqa: N818 - it says what is missing
    """The store holds no such generation."""
