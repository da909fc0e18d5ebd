"""Typed records of what MISPs send: each accepts every recorded shape.

Decoded leniently (``decoder``): unknown fields are ignored, and a flag may come as a boolean,
as 0 and 1, or as a string.
"""

import msgspec

# MISP sends integers as strings, or as integers under another PDO setting (trap 6).
Integer = int | str


def whole(written: Integer | None) -> int | None:
    """The number that ``written`` stands for, or ``None``."""
    try:
        return None if written is None else int(written)
    except ValueError:
        return None


class Record(msgspec.Struct, frozen=True, gc=False):
    """What all records share; they hold no circles, so the garbage collector may skip them."""


class Tag(Record, frozen=True, gc=False):
    """A tag; ``inherited`` is 1 where includeEventTags merged it in from the event (trap 7)."""

    name: str
    colour: str | None = None
    inherited: Integer | bool = 0
    is_galaxy: bool = False


class Org(Record, frozen=True, gc=False):
    """An organisation as MISP names it (``Org``, ``Orgc``)."""

    name: str = ""
    uuid: str = ""


class EventSummary(Record, frozen=True, gc=False):
    """The ``Event`` part of a found attribute; ``date`` and ``tags`` only with includeContext."""

    id: Integer
    uuid: str
    info: str
    date: str | None = None
    published: bool | None = None
    threat_level_id: Integer | None = None
    tags: list[Tag] = msgspec.field(name="Tag", default_factory=list)
    orgc: Org | None = msgspec.field(name="Orgc", default=None)
    timestamp: Integer | None = None
    publish_timestamp: Integer | None = None


class Attribute(Record, frozen=True, gc=False):
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


class AttributeList(Record, frozen=True, gc=False):
    """``Attribute`` must be there: an answer without it says nothing, and is not "none found"."""

    attributes: tuple[Attribute, ...] = msgspec.field(name="Attribute")


class AttributeAnswer(Record, frozen=True, gc=False):
    """The answer of ``attributes/restSearch``."""

    response: AttributeList


class Version(Record, frozen=True, gc=False):
    """The answer of ``servers/getVersion``."""

    version: str
    perm_sync: bool = False
    perm_sighting: bool = False
    perm_galaxy_editor: bool = False
    perm_analyst_data: bool = False
    uuid: str = ""


class User(Record, frozen=True, gc=False):
    """The user to whom the key belongs."""

    id: Integer
    org_id: Integer
    email: str
    disabled: bool = False


class Role(Record, frozen=True, gc=False):
    """What the key may do; a permission that a version of MISP does not know is not granted."""

    name: str
    perm_auth: bool = False
    perm_add: bool = False
    perm_modify: bool = False
    perm_modify_org: bool = False
    perm_publish: bool = False
    perm_tagger: bool = False
    perm_tag_editor: bool = False
    perm_sighting: bool = False
    perm_sync: bool = False
    perm_sharing_group: bool = False
    perm_admin: bool = False
    perm_site_admin: bool = False
    enforce_rate_limit: bool = False
    rate_limit_count: Integer = 0
    """Searches per quarter of an hour, when enforced (trap 10)."""

    @property
    def granted(self) -> tuple[str, ...]:
        """The names of the granted permissions, such as ``perm_add``."""
        names = (name for name in self.__struct_fields__ if name.startswith("perm_"))
        return tuple(name for name in names if getattr(self, name))


class Me(Record, frozen=True, gc=False):
    """The answer of ``users/view/me`` (trap 13)."""

    user: User = msgspec.field(name="User")
    role: Role = msgspec.field(name="Role")
    organisation: Org = msgspec.field(name="Organisation", default=Org())
