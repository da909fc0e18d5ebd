"""The portal's answers as the command line reads them; unknown fields are left aside."""

from datetime import date, datetime
from typing import Any

import msgspec


class OriginAnswer(msgspec.Struct, frozen=True):
    """The network of an address; ``name`` and ``country`` may be empty."""

    asn: int
    name: str = ""
    country: str = ""


class ValueAnswer(msgspec.Struct, frozen=True):
    """A value as it was searched; ``origin``: the network of an address, when it is known."""

    value: str
    kind: str
    written: list[str] = []
    note: str = ""
    label: str = ""
    origin: OriginAnswer | None = None


class RejectedAnswer(msgspec.Struct, frozen=True):
    """A written piece that was not understood."""

    written: str
    reason: str


class MispAnswer(msgspec.Struct, frozen=True):
    """One MISP's part; ``attributes`` is null where its owner does not tell a count.

    ``mode``: *indexed* or *live*; ``index_age_s``: how old the index was, in seconds.
    """

    id: str
    name: str
    member: str
    state: str
    reason: str | None = None
    elapsed_ms: float | None = None
    requests: int = 0
    values_hit: int = 0
    attributes: int | None = None
    mode: str = "live"
    index_age_s: float | None = None


class EventAnswer(msgspec.Struct, frozen=True):
    """The event of a hit, as far as its owner shows it."""

    info: str | None = None
    date: str | None = None
    uuid: str | None = None
    tags: list[Any] = []


class AttributeAnswer(msgspec.Struct, frozen=True):
    """The attribute of a hit, as far as its owner shows it."""

    type: str | None = None
    category: str | None = None
    value: str | None = None
    comment: str | None = None


class HitAnswer(msgspec.Struct, frozen=True):
    """A hit; ``count`` is the attributes it stands for, null where the owner does not tell.

    ``reason``: why its details are not available; then it is one of the last sync.
    """

    value: str
    misp: str
    relation: str = "equal"
    count: int | None = None
    event: EventAnswer | None = None
    attribute: AttributeAnswer | None = None
    reason: str | None = None


class CellsAnswer(msgspec.Struct, frozen=True):
    """The whole grid, counted by state."""

    hit: int = 0
    miss: int = 0
    not_answered: int = 0
    not_asked: int = 0
    running: int = 0


_LEFT_OUT = ("switched_off", "not_private")
"""MISPs that their owner or the searcher left out."""


class SearchAnswer(msgspec.Struct, frozen=True):
    """A whole search; ``origins_dated``: as of which day networks are told."""

    id: str
    state: str
    label: str | None
    created_at: datetime
    elapsed_ms: float | None
    values: list[ValueAnswer]
    rejected: list[RejectedAnswer]
    misps: list[MispAnswer]
    hits: list[HitAnswer]
    cells: CellsAnswer
    origins_dated: date | None = None

    @property
    def is_complete(self) -> bool:
        """Whether every cell has its final state."""
        return self.state == "complete"

    @property
    def all_answered(self) -> bool:
        """Whether every MISP that was to be asked answered for every value."""
        return all(
            one.state == "answered" or (one.state == "not_asked" and one.reason in _LEFT_OUT)
            for one in self.misps
        )


class CellAnswer(msgspec.Struct, frozen=True):
    """One cell of the grid."""

    value: str
    misp: str
    state: str
    reason: str | None = None
