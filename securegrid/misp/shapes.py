"""Typed records of MISP's other answers: events, their index, types, tags, sightings, errors.

Like ``records``, they are decoded leniently and ignore what the portal has no use for.
"""

from typing import Any

import msgspec

from securegrid.misp.records import Attribute, Integer, Org, Record, Role, Tag, User


class MispObject(Record, frozen=True, gc=False):
    """An object: attributes that belong together under a template."""

    id: Integer
    name: str
    uuid: str
    event_id: Integer = 0
    meta_category: str = msgspec.field(name="meta-category", default="")
    description: str | None = None
    template_uuid: str = ""
    template_version: Integer = ""
    timestamp: Integer = 0
    comment: str | None = None
    deleted: bool = False
    attributes: list[Attribute] = msgspec.field(name="Attribute", default_factory=list)


class Event(Record, frozen=True, gc=False):
    """A whole event; without ``attributes`` and ``objects`` where only metadata was asked."""

    id: Integer
    uuid: str
    info: str
    date: str
    published: bool = False
    threat_level_id: Integer | None = None
    analysis: Integer | None = None
    distribution: Integer | None = None
    timestamp: Integer = 0
    publish_timestamp: Integer = 0
    attribute_count: Integer | None = None
    """What the server kept: it drops invalid attributes without a word (trap 11)."""
    org: Org | None = msgspec.field(name="Org", default=None)
    orgc: Org | None = msgspec.field(name="Orgc", default=None)
    tags: list[Tag] = msgspec.field(name="Tag", default_factory=list)
    attributes: list[Attribute] = msgspec.field(name="Attribute", default_factory=list)
    objects: list[MispObject] = msgspec.field(name="Object", default_factory=list)


class EventEntry(Record, frozen=True, gc=False):
    """``events/view``, ``events/add``, ``events/edit`` and each row of ``events/restSearch``."""

    event: Event = msgspec.field(name="Event")


class EventAnswer(Record, frozen=True, gc=False):
    """The answer of ``events/restSearch``; none found is an empty list (trap 4)."""

    response: list[EventEntry]


class TagOfEvent(Record, frozen=True, gc=False):
    """One of ``EventTag`` in ``events/index`` (trap 7)."""

    tag: Tag = msgspec.field(name="Tag")


class IndexedEvent(Record, frozen=True, gc=False):
    """A row of ``events/index``; ``minimal`` gives only the first four and ``orgc_uuid``.

    The answer is a bare list, ``[]`` when there is none (trap 4).
    """

    id: Integer
    uuid: str
    timestamp: Integer
    published: bool
    orgc_uuid: str | None = None
    info: str | None = None
    date: str | None = None
    attribute_count: Integer | None = None
    threat_level_id: Integer | None = None
    publish_timestamp: Integer | None = None
    org: Org | None = msgspec.field(name="Org", default=None)
    orgc: Org | None = msgspec.field(name="Orgc", default=None)
    event_tags: list[TagOfEvent] = msgspec.field(name="EventTag", default_factory=list)


class ObjectEntry(Record, frozen=True, gc=False):
    """A row of ``objects/restSearch``."""

    object: MispObject = msgspec.field(name="Object")


class ObjectAnswer(Record, frozen=True, gc=False):
    """The answer of ``objects/restSearch``."""

    response: list[ObjectEntry]


class AttributeEntry(Record, frozen=True, gc=False):
    """The answer of ``attributes/add``, ``edit`` and ``view``: one, or a list when several were
    sent, with ``errors`` for those that failed, still status 200 (trap 7)."""

    attribute: Attribute | list[Attribute] = msgspec.field(name="Attribute")
    errors: dict[str, Any] = msgspec.field(default_factory=dict)


class SaneDefault(Record, frozen=True, gc=False):
    """What a type is by default."""

    default_category: str
    to_ids: bool


class Types(Record, frozen=True, gc=False):
    """The types and categories that a server knows."""

    sane_defaults: dict[str, SaneDefault]
    types: list[str]
    categories: list[str]
    category_type_mappings: dict[str, list[str]]


class TypesAnswer(Record, frozen=True, gc=False):
    """The answer of ``attributes/describeTypes``."""

    result: Types


class TagList(Record, frozen=True, gc=False):
    """The answer of ``tags/index`` (trap 7)."""

    tags: list[Tag] = msgspec.field(name="Tag")


class TagEntry(Record, frozen=True, gc=False):
    """The answer of ``tags/add``, and each row of ``tags/search`` (trap 7)."""

    tag: Tag = msgspec.field(name="Tag")


class OrganisationEntry(Record, frozen=True, gc=False):
    """A row of ``organisations/index``."""

    organisation: Org = msgspec.field(name="Organisation")


class UserEntry(Record, frozen=True, gc=False):
    """A row of ``admin/users/index``, and the answer of ``admin/users/edit``."""

    user: User = msgspec.field(name="User")
    role: Role | None = msgspec.field(name="Role", default=None)


class Sighting(Record, frozen=True, gc=False):
    """That someone saw an attribute; ``type`` 0 seen, 1 false positive, 2 expired."""

    id: Integer
    attribute_id: Integer
    event_id: Integer
    date_sighting: Integer
    uuid: str = ""
    source: str = ""
    type: Integer = 0


class SightingEntry(Record, frozen=True, gc=False):
    """The answer of ``sightings/add``, and each row of ``sightings/listSightings``."""

    sighting: Sighting = msgspec.field(name="Sighting")


class Told(Record, frozen=True, gc=False):
    """What MISP says instead of data: an error (trap 8), or that something was done.

    ``sightings/add`` answers 200 with only a message when nothing matched (trap 11).
    """

    message: str
    name: str = ""
    url: str = ""
    saved: bool | None = None
    errors: dict[str, Any] | list[Any] | str | None = None
