"""What comes in: typed, frozen records of new events, objects, attributes and tags."""

import msgspec


class NewTag(msgspec.Struct, frozen=True):
    """A tag to attach; a ``colour`` (``#rrggbb``) counts only when the tag is new to the node."""

    name: str
    colour: str = ""
    local: bool = False


class NewAttribute(msgspec.Struct, frozen=True, gc=False):
    """An attribute as written by a client; empty or ``None`` means MISP's default.

    ``timestamp`` is in seconds since the epoch; ``first_seen`` and ``last_seen`` are ISO 8601.
    ``distribution`` is 0 (own organisation only) to 3, or 5 (as the event).
    """

    type: str
    value: str
    category: str = ""
    comment: str = ""
    to_ids: bool | None = None
    uuid: str = ""
    timestamp: int | None = None
    distribution: int = 5
    first_seen: str | None = None
    last_seen: str | None = None
    object_relation: str | None = None
    disable_correlation: bool = False
    deleted: bool = False
    tags: tuple[NewTag, ...] = ()


class NewReference(msgspec.Struct, frozen=True):
    """A relation from an object to another object or attribute of the same event."""

    referenced_uuid: str
    relationship_type: str
    comment: str = ""
    uuid: str = ""
    timestamp: int | None = None
    deleted: bool = False


class NewObject(msgspec.Struct, frozen=True):
    """An object: attributes that belong together, built from a template."""

    name: str
    attributes: tuple[NewAttribute, ...] = ()
    references: tuple[NewReference, ...] = ()
    meta_category: str = ""
    description: str | None = None
    template_uuid: str | None = None
    template_version: str | None = None
    comment: str = ""
    uuid: str = ""
    timestamp: int | None = None
    distribution: int = 5
    first_seen: str | None = None
    last_seen: str | None = None
    deleted: bool = False


class NewOrg(msgspec.Struct, frozen=True):
    """An organisation named by a client; found by ``uuid`` or else by ``name``."""

    name: str
    uuid: str = ""


class NewEvent(msgspec.Struct, frozen=True):
    """An event as written by a client; ``None`` means MISP's default.

    ``date`` is ``YYYY-MM-DD``; ``distribution`` 0 (own organisation only) to 3; ``orgc`` is
    honoured only where the writer may speak for others (an administrator, a bulk load).
    """

    info: str
    date: str = ""
    attributes: tuple[NewAttribute, ...] = ()
    objects: tuple[NewObject, ...] = ()
    tags: tuple[NewTag, ...] = ()
    uuid: str = ""
    threat_level_id: int = 4
    analysis: int = 0
    distribution: int = 1
    published: bool = False
    timestamp: int | None = None
    publish_timestamp: int | None = None
    disable_correlation: bool = False
    extends_uuid: str = ""
    orgc: NewOrg | None = None
