"""The questions that hold no value: attributes by their UUIDs, events and what is in them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from securegrid.misp.offers import offers, refuse_unusable_name
from securegrid.misp.query import MAX_LIMIT, MAX_VALUES
from securegrid.misp.records import Attribute

MAX_UUIDS = MAX_VALUES
"""UUIDs in one list; the database reads longer lists of any kind worse (see MAX_VALUES)."""


@dataclass(frozen=True, slots=True)
class UuidQuery:
    """The attributes that have one of 1 to 190 UUIDs, with their events and tags.

    Checked however it is made; raises ``ValueError`` for what is out of range or no UUID. The
    same UUIDs in any order and spelling make the same bytes: nothing else shows.
    """

    uuids: Sequence[UUID | str] = field(repr=False)
    """Kept as lower-case text, sorted, without doubles."""
    published_only: bool = False
    left_out_tags: tuple[str, ...] = ()
    left_out_types: tuple[str, ...] = ()
    _asked: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if isinstance(self.uuids, str):
            raise TypeError("uuids is a list, not one string")
        asked = frozenset(str(_uuid(each)) for each in self.uuids)
        if not 1 <= len(asked) <= MAX_UUIDS:
            raise ValueError(f"between 1 and {MAX_UUIDS} UUIDs, not {len(asked)}")
        for name in (*self.left_out_tags, *self.left_out_types):
            refuse_unusable_name(name)
        object.__setattr__(self, "uuids", tuple(sorted(asked)))
        object.__setattr__(self, "_asked", asked)

    @property
    def limit(self) -> int:
        """Rows in the answer: one for each UUID, so that there is never a second page."""
        return len(self.uuids) + 1

    def body(self) -> bytes:
        """The JSON body for ``/attributes/restSearch``. What the owner leaves out is checked at
        the portal alone (``admits``): filters for it would only slow a list of UUIDs down."""
        return msgspec.json.encode(
            {
                "returnFormat": "json",
                "uuid": self.uuids,
                "limit": self.limit,
                "page": 1,
                "order": "Attribute.id ASC",
                "includeContext": True,
            }
        )

    def admits(self, attribute: Attribute) -> bool:
        """Whether a returned attribute was asked for and is one the owner offers."""
        return attribute.uuid.lower() in self._asked and offers(
            attribute,
            published_only=self.published_only,
            left_out_tags=self.left_out_tags,
            left_out_types=self.left_out_types,
        )


@dataclass(frozen=True, slots=True)
class EveryEvent:
    """All events by id, UUID, timestamp and whether published: what changed shows there."""

    def body(self) -> bytes:
        """The JSON body for ``/events/index``."""
        return b'{"minimal":1}'


EVERY_EVENT = EveryEvent()


@dataclass(frozen=True, slots=True)
class CountsQuery:
    """How many attributes are in 1 to 190 events. Raises ``ValueError``."""

    event_ids: tuple[int, ...]

    def __post_init__(self) -> None:
        _refuse_unusable_ids(self.event_ids)

    def body(self) -> bytes:
        """The JSON body for ``/events/index``; the limit holds should the filter be ignored."""
        asked = {"eventid": list(map(str, self.event_ids)), "limit": len(self.event_ids), "page": 1}
        return msgspec.json.encode(asked)


@dataclass(frozen=True, slots=True)
class ContentsQuery:
    """One page of the attributes that are in 1 to 190 events. Raises ``ValueError``."""

    event_ids: tuple[int, ...]
    limit: int
    """Rows on a page, 1 to 100,000."""
    page: int = 1
    published_only: bool = False

    def __post_init__(self) -> None:
        _refuse_unusable_ids(self.event_ids)
        if not 1 <= self.limit <= MAX_LIMIT or self.page < 1:
            raise ValueError("limit or page out of range")

    def body(self) -> bytes:
        """The JSON body for ``/attributes/restSearch``; deleted attributes stay out by default."""
        asked: dict[str, object] = {
            "returnFormat": "json",
            "eventid": list(map(str, self.event_ids)),
            "limit": self.limit,
            "page": self.page,
            "order": "Attribute.id ASC",
        }
        if self.published_only:
            asked["published"] = True
        return msgspec.json.encode(asked)


def _refuse_unusable_ids(event_ids: tuple[int, ...]) -> None:
    if not 1 <= len(event_ids) <= MAX_VALUES:
        raise ValueError(f"between 1 and {MAX_VALUES} events, not {len(event_ids)}")
    if any(not isinstance(each, int) or each < 1 for each in event_ids):
        raise ValueError("an event's id is a number above 0")


def _uuid(given: UUID | str) -> UUID:
    if isinstance(given, UUID):
        return given
    try:
        return UUID(given)
    except (ValueError, AttributeError, TypeError):
        raise ValueError("not a UUID") from None
