"""What can be shown of a hit: the typed records that are stored for the searcher."""

import msgspec

from securegrid.values.model import Relation


class TagShown(msgspec.Struct, frozen=True):
    """A tag as its MISP colours it (``#rrggbb``, or null)."""

    name: str
    colour: str | None = None


class EventShown(msgspec.Struct, frozen=True):
    """The event of a hit. With visibility *title*, only ``info`` and ``tags`` are filled."""

    info: str
    tags: list[TagShown] = []
    uuid: str | None = None
    date: str | None = None
    org: str | None = None
    published: bool | None = None
    threat_level_id: int | None = None


class AttributeShown(msgspec.Struct, frozen=True):
    """The attribute that hit, as its MISP holds it; ``timestamp`` is RFC 3339 in UTC."""

    uuid: str
    type: str
    category: str
    value: str
    comment: str = ""
    to_ids: bool = False
    timestamp: str | None = None
    first_seen: str | None = None
    last_seen: str | None = None
    object_relation: str | None = None
    tags: list[TagShown] = []


class VisibleHit(msgspec.Struct, frozen=True):
    """One row of what the searcher may see; ``None`` is what the owner does not allow.

    ``count``: attributes that this row stands for, 1 or more.
    """

    position: int
    relation: Relation
    count: int | None = None
    event: EventShown | None = None
    attribute: AttributeShown | None = None
