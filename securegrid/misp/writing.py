"""What is written to a MISP, as its JSON wants it, and what it says to have written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import msgspec

from securegrid.misp.query import MAX_LIMIT, MAX_VALUES
from securegrid.misp.records import Integer, Record, Tag, whole

AS_THE_EVENT = 5
"""Distribution of attributes and objects: whatever their event has."""
_UUID_CHARACTERS = 36
"""By its length a MISP tells a UUID from an id."""


class Written(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What all that is sent shares: an empty list of tags, say, is not sent."""


class WrittenTag(Written, frozen=True, gc=False):
    """A tag by its name; MISP makes it when it is new and the key may."""

    name: str


class WrittenAttribute(Written, frozen=True, gc=False):
    """An attribute; one whose ``uuid`` the event has already is changed, any other is added.

    It carries no timestamp: MISP ignores a change that is not newer than what it has, and takes
    its own clock where there is none.
    """

    uuid: str
    type: str
    category: str
    value: str
    to_ids: bool
    comment: str
    first_seen: str | None
    last_seen: str | None
    distribution: int | None = None
    """0 to 5; ``None`` leaves it as it is."""
    object_relation: str | None = None
    tags: tuple[WrittenTag, ...] = msgspec.field(name="Tag", default=())


class WrittenObject(Written, frozen=True, gc=False):
    """An object of a template, with its attributes."""

    uuid: str
    name: str
    meta_category: str = msgspec.field(name="meta-category")
    template_uuid: str
    template_version: str
    description: str
    comment: str
    first_seen: str | None
    last_seen: str | None
    attributes: tuple[WrittenAttribute, ...] = msgspec.field(name="Attribute")
    distribution: int | None = None


class WithinObject(Written, frozen=True, gc=False):
    """Attributes of an object that is there and stays as it is."""

    uuid: str
    name: str
    meta_category: str = msgspec.field(name="meta-category")
    template_uuid: str
    template_version: str
    description: str
    attributes: tuple[WrittenAttribute, ...] = msgspec.field(name="Attribute")


class WrittenEvent(Written, frozen=True, gc=False):
    """A new event, with or without contents; not published."""

    uuid: str
    info: str
    date: date
    threat_level_id: int
    analysis: int
    distribution: int
    tags: tuple[WrittenTag, ...] = msgspec.field(name="Tag", default=())
    attributes: tuple[WrittenAttribute, ...] = msgspec.field(name="Attribute", default=())
    objects: tuple[WrittenObject, ...] = msgspec.field(name="Object", default=())

    def body(self) -> bytes:
        """The JSON body for ``/events/add``."""
        return msgspec.json.encode({"Event": self})


class Changes(Written, frozen=True, gc=False):
    """What an event is to have too; whatever is not named stays as it is."""

    uuid: str
    tags: tuple[WrittenTag, ...] = msgspec.field(name="Tag", default=())
    attributes: tuple[WrittenAttribute, ...] = msgspec.field(name="Attribute", default=())
    objects: tuple[WrittenObject | WithinObject, ...] = msgspec.field(name="Object", default=())

    def body(self) -> bytes:
        """The JSON body for ``/events/edit``."""
        return msgspec.json.encode({"Event": self})


@dataclass(frozen=True, slots=True)
class OneAttribute:
    """An attribute alone: refused, it is told why."""

    attribute: WrittenAttribute

    def body(self) -> bytes:
        """The JSON body for ``/attributes/add``."""
        return msgspec.json.encode(self.attribute)


@dataclass(frozen=True, slots=True)
class TagOf:
    """A tag on the event or attribute of this UUID."""

    uuid: str
    tag: str

    def body(self) -> bytes:
        """The JSON body for ``/tags/removeTagFromObject``."""
        return msgspec.json.encode({"uuid": self.uuid, "tag": self.tag})


class WithDeleted:
    """Asks for a whole event with what was softly deleted."""

    def body(self) -> bytes:
        """The JSON body for ``/events/view``."""
        return b'{"deleted":[0,1]}'


WITH_DELETED = WithDeleted()


class Nothing:
    """The body of an action that needs none."""

    def body(self) -> bytes:
        """An empty JSON object."""
        return b"{}"


NOTHING = Nothing()


@dataclass(frozen=True, slots=True)
class HeadsQuery:
    """Which of 1 to 190 events, by UUID, a MISP has. Raises ``ValueError``."""

    uuids: Sequence[str]

    def __post_init__(self) -> None:
        if not 1 <= len(self.uuids) <= MAX_VALUES:
            raise ValueError(f"between 1 and {MAX_VALUES} events, not {len(self.uuids)}")
        if any(len(each) != _UUID_CHARACTERS for each in self.uuids):
            raise ValueError("not a UUID")

    def body(self) -> bytes:
        """The JSON body for ``/events/index``; the limit holds should the filter be ignored."""
        asked = {"eventid": list(self.uuids), "limit": len(self.uuids), "page": 1}
        return msgspec.json.encode(asked)


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """One page of what is in one event, softly deleted attributes too. Raises ``ValueError``."""

    event_id: int
    limit: int
    page: int = 1

    def __post_init__(self) -> None:
        if self.event_id < 1 or self.page < 1 or not 1 <= self.limit <= MAX_LIMIT:
            raise ValueError("event, limit or page out of range")

    def body(self) -> bytes:
        """The JSON body for ``/attributes/restSearch``."""
        return msgspec.json.encode(
            {
                "returnFormat": "json",
                "eventid": [str(self.event_id)],
                "deleted": [0, 1],
                "limit": self.limit,
                "page": self.page,
                "order": "Attribute.id ASC",
            }
        )


class Stored(Record, frozen=True, gc=False):
    """An attribute as the MISP has it, as far as a writer needs to know."""

    uuid: str
    event_id: Integer
    type: str
    category: str
    value: str
    to_ids: bool = False
    comment: str | None = None
    deleted: bool = False
    first_seen: str | None = None
    last_seen: str | None = None
    object_id: Integer = 0
    tags: list[Tag] = msgspec.field(name="Tag", default_factory=list)


class StoredList(Record, frozen=True, gc=False):
    """``Attribute`` must be there: an answer without it does not say that nothing is."""

    attributes: tuple[Stored, ...] = msgspec.field(name="Attribute")


class StoredAnswer(Record, frozen=True, gc=False):
    """The answer of ``attributes/restSearch``, as a writer reads it."""

    response: StoredList


class StoredObject(Record, frozen=True, gc=False):
    """An object in a whole event."""

    uuid: str
    comment: str | None = None
    first_seen: str | None = None
    last_seen: str | None = None
    deleted: bool = False
    attributes: tuple[Stored, ...] = msgspec.field(name="Attribute", default=())


class _Listed(Record, frozen=True, gc=False):
    id: Integer


class _TagOfEvent(Record, frozen=True, gc=False):
    tag: Tag = msgspec.field(name="Tag")


class Head(Record, frozen=True, gc=False):
    """An event as the MISP has it: in ``events/index`` and in answers to changes without its
    contents, in ``events/view`` with all of them."""

    id: Integer
    uuid: str
    published: bool = False
    attribute_count: Integer | None = None
    event_tags: list[_TagOfEvent] = msgspec.field(name="EventTag", default_factory=list)
    own_tags: list[Tag] = msgspec.field(name="Tag", default_factory=list)
    attributes: tuple[Stored, ...] = msgspec.field(name="Attribute", default=())
    objects: tuple[StoredObject, ...] = msgspec.field(name="Object", default=())
    reports: tuple[_Listed, ...] = msgspec.field(name="EventReport", default=())
    proposals: tuple[_Listed, ...] = msgspec.field(name="ShadowAttribute", default=())

    @property
    def number(self) -> int:
        """Its id; 0 where the server sent none that is a number."""
        return whole(self.id) or 0

    @property
    def tags(self) -> frozenset[str]:
        """The names of its tags."""
        return frozenset(tag.name for tag in self.own_tags) | {
            each.tag.name for each in self.event_tags
        }

    @property
    def holds_more(self) -> bool:
        """Whether it has reports or proposals besides its contents."""
        return bool(self.reports or self.proposals)

    def everything(self) -> tuple[Stored, ...]:
        """All its attributes, those of objects too, where the answer held them."""
        return (*self.attributes, *(a for one in self.objects for a in one.attributes))


class HeadAnswer(Record, frozen=True, gc=False):
    """The answer of ``events/add``, ``events/edit`` and ``events/view``."""

    event: Head = msgspec.field(name="Event")


def moment(seconds: int | None) -> str | None:
    """Unix seconds as MISP writes a moment, in UTC."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000000+00:00")


def seconds_of(written: str | None) -> int | None:
    """A moment that MISP wrote as Unix seconds, rounded down; ``None`` where there is none."""
    if not written:
        return None
    try:
        told = datetime.fromisoformat(written)
    except ValueError:
        return None
    return int((told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp())
