"""Typed records of what a sync reads: the list of events, and no more of attributes than it needs.

Decoded leniently like ``records``, but narrow: millions of them pass through.
"""

from collections.abc import Iterator
from uuid import UUID

import msgspec

from securegrid.misp.records import Integer, Record


class EventLine(Record, frozen=True, gc=False):
    """One event in ``events/index`` minimal: all by which a change shows."""

    id: int
    uuid: UUID
    timestamp: int
    """Unix seconds; moves with every edit of the event or of anything in it."""
    published: bool


class Listing(Record, frozen=True):
    """Every event that the key may see."""

    events: tuple[EventLine, ...]
    served_at: int | None
    """By the server's own clock (``Date``), Unix seconds; ``None`` when it did not tell."""


class TagName(Record, frozen=True, gc=False):
    """A tag by its name alone."""

    name: str


class _EventTag(Record, frozen=True, gc=False):
    tag: TagName = msgspec.field(name="Tag")


class EventCount(Record, frozen=True, gc=False):
    """One event in ``events/index``: how much is in it, and its tags (trap 7)."""

    id: int
    attribute_count: int | None = None
    """What the server keeps count of: attributes that are not deleted, also those that the key
    may not see."""
    event_tags: list[_EventTag] = msgspec.field(name="EventTag", default_factory=list)

    def tags(self) -> Iterator[str]:
        """The names of the event's tags."""
        return (each.tag.name for each in self.event_tags)


class EventHead(Record, frozen=True, gc=False):
    """One event in ``events/index`` without its contents, as people read it."""

    id: int
    uuid: str
    info: str = ""
    date: str = ""
    """``YYYY-MM-DD``; as the server has it, so not surely a day."""
    threat_level_id: Integer | None = None
    analysis: Integer | None = None
    distribution: Integer | None = None
    attribute_count: int | None = None
    event_tags: list[_EventTag] = msgspec.field(name="EventTag", default_factory=list)

    def tags(self) -> Iterator[str]:
        """The names of the event's tags."""
        return (each.tag.name for each in self.event_tags)


class Content(Record, frozen=True, gc=False):
    """An attribute, as far as its fingerprints need it."""

    uuid: str
    event_id: int
    type: str
    value: str
    deleted: bool = False
    tag_names: list[TagName] = msgspec.field(name="Tag", default_factory=list)

    def tags(self) -> Iterator[str]:
        """The names of the attribute's own tags."""
        return (tag.name for tag in self.tag_names)


class _ContentList(Record, frozen=True, gc=False):
    contents: tuple[Content, ...] = msgspec.field(name="Attribute")


class ContentAnswer(Record, frozen=True, gc=False):
    """The answer of ``attributes/restSearch``, narrow."""

    response: _ContentList
