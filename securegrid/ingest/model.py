"""What passes through the pipeline: counted sightings on one side, drafts of events on the other.

read → aggregate: a ``Reader`` turns a ``Block`` of whole lines into a ``Batch``; equal keys are
counted together. aggregate → check → preview → publish: a ``Shape`` turns one event's counted
items into an ``EventDraft`` and, one after another, its contents.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Protocol

import msgspec

Key = tuple[str, ...]
"""Of an event: the day (``YYYY-MM-DD``) first, then what else makes it one event of its source.
Of an item: what makes it one thing within its event. Unknown parts are empty."""


class BadLine(StrEnum):
    """Why a line became no sighting though it should have."""

    NOT_THE_FORMAT = "not_the_format"
    NO_TIME = "no_time"
    NO_ADDRESS = "no_address"
    NO_VALUE = "no_value"
    TOO_LONG = "too_long"
    IMPLAUSIBLE_TIME = "implausible_time"
    """Before 1990, or more than a day after the reading began."""
    DAMAGED = "damaged"
    """Not a line but the place where a compressed file breaks off."""


class Bad(msgspec.Struct, frozen=True, gc=False):
    """A line that was not understood. ``number`` counts from 1 in its file; ``head`` is its
    beginning (up to 200 characters, control characters escaped)."""

    number: int
    reason: BadLine
    head: str


class Block(msgspec.Struct, frozen=True):
    """Whole lines of one file, or a whole file of a format that has no lines.

    ``first_line`` counts from 1; ``data`` is as in the file after decompression, in the file's
    own encoding, each line with its end.
    """

    data: bytes
    first_line: int
    encoding: str = "utf-8"


class Counted(msgspec.Struct, frozen=True, gc=False):
    """How often one item was seen, and when first and last (Unix seconds)."""

    first: int
    last: int
    count: int

    def and_(self, other: "Counted") -> "Counted":
        """Both together."""
        return Counted(
            min(self.first, other.first), max(self.last, other.last), self.count + other.count
        )


class Batch(msgspec.Struct, frozen=True):
    """What one block held. ``passed_over``: good lines that are no data (not anonymous, no
    security log); with the bad ones and those counted they make up ``lines``."""

    lines: int
    seen: Mapping[tuple[Key, Key], Counted]
    bad: tuple[Bad, ...] = ()
    passed_over: int = 0


class Reader(Protocol):
    """Understands one format. Picklable: blocks are read in several processes."""

    def read(self, block: Block) -> Batch:
        """What ``block`` holds; raises nothing for any content."""
        ...


class AttributeDraft(msgspec.Struct, frozen=True, gc=False):
    """An attribute as it will be written. Times are Unix seconds; ``relation`` is the name within
    its object (``object_relation``), empty outside one.

    ``uuid`` stays as it is when a later part of the day changes the rest: of an attribute whose
    value holds a count or a time, it follows from what is counted and not from the value."""

    uuid: str
    type: str
    category: str
    value: str
    to_ids: bool = False
    comment: str = ""
    first_seen: int | None = None
    last_seen: int | None = None
    tags: tuple[str, ...] = ()
    relation: str = ""


class ObjectDraft(msgspec.Struct, frozen=True):
    """A MISP object of a template that PyMISP ships."""

    uuid: str
    template: str
    attributes: tuple[AttributeDraft, ...]
    comment: str = ""
    first_seen: int | None = None
    last_seen: int | None = None


Content = AttributeDraft | ObjectDraft


class EventDraft(msgspec.Struct, frozen=True):
    """An event without its contents. ``threat_level``: 1 high to 4 undefined; ``analysis``: 0
    initial to 2 complete; ``distribution``: 0 own organisation to 3 all communities."""

    uuid: str
    info: str
    date: date
    tags: tuple[str, ...]
    threat_level: int = 4
    analysis: int = 2
    distribution: int = 1


class Shape(Protocol):
    """How one source's events look."""

    def head(self, event: Key) -> EventDraft:
        """The event of this key."""
        ...

    def contents(self, event: Key, items: Iterable[tuple[Key, Counted]]) -> Iterator[Content]:
        """Its contents, in the order of ``items``, in bounded memory."""
        ...


class Drafts(Protocol):
    """Every event of a run, to look over and to publish, as often as wished."""

    def events(self) -> Iterator[EventDraft]:
        """The events, oldest day first."""
        ...

    def contents(self, event_uuid: str) -> Iterator[Content]:
        """The contents of one of them."""
        ...
