"""A page of attributes as MISP's events, with the attributes inside."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from securegrid.misp.records import Attribute, EventSummary, Tag

_UNKNOWN = EventSummary(id=0, uuid="", info="")


def by_event(
    attributes: Sequence[Attribute],
) -> Iterator[tuple[EventSummary, Sequence[Attribute]]]:
    """The events of a page, in the order of their first attribute."""
    groups: dict[str, list[Attribute]] = {}
    for one in attributes:
        groups.setdefault(str(one.event_id), []).append(one)
    for group in groups.values():
        yield group[0].event or _UNKNOWN, group


def event_document(event: EventSummary, attributes: Sequence[Attribute]) -> dict[str, Any]:
    """An event with some of its attributes, as ``events/restSearch`` gives it."""
    document: dict[str, Any] = msgspec.to_builtins(event)
    newest = max((str(one.timestamp) for one in attributes), default="0")
    plain = [_attribute_document(one) for one in attributes]
    return document | {"timestamp": str(event.timestamp or newest), "Attribute": plain}


def _attribute_document(one: Attribute) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.to_builtins(one)
    del document["Event"]
    document["Tag"] = [tag for tag in document["Tag"] if not is_inherited(tag["inherited"])]
    return document | {"timestamp": str(one.timestamp), "comment": one.comment or ""}


def own_tags(one: Attribute) -> Sequence[Tag]:
    """The attribute's tags without those that were merged in from its event."""
    return [tag for tag in one.tags if not is_inherited(tag.inherited)]


def is_inherited(told: object) -> bool:
    """Whether a tag was merged in from the event (trap 7)."""
    return told not in {0, "0"}
