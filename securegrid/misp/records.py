"""Typed records of what MISPs send: each accepts every recorded shape."""

import msgspec

# MISP sends integers as strings, or as integers under another PDO setting (trap 6).
Integer = int | str


class Tag(msgspec.Struct, frozen=True):
    """A tag; ``inherited`` is 1 where includeEventTags merged it in from the event."""

    name: str
    colour: str | None = None
    inherited: Integer | bool = 0


class Org(msgspec.Struct, frozen=True):
    """An organisation as MISP names it (``Org``, ``Orgc``)."""

    name: str = ""
    uuid: str = ""


class EventSummary(msgspec.Struct, frozen=True):
    """The ``Event`` part of a found attribute; ``date`` and ``tags`` only with includeContext."""

    id: Integer
    uuid: str
    info: str
    date: str | None = None
    published: bool | None = None
    threat_level_id: Integer | None = None
    tags: list[Tag] = msgspec.field(name="Tag", default_factory=list)
    orgc: Org | None = msgspec.field(name="Orgc", default=None)


class Attribute(msgspec.Struct, frozen=True):
    """A found attribute with the event that holds it."""

    id: Integer
    uuid: str
    event_id: Integer
    type: str
    category: str
    value: str
    to_ids: bool = False
    timestamp: Integer = 0
    comment: str | None = None
    deleted: bool = False
    first_seen: str | None = None
    last_seen: str | None = None
    object_relation: str | None = None
    tags: list[Tag] = msgspec.field(name="Tag", default_factory=list)
    event: EventSummary | None = msgspec.field(name="Event", default=None)
