"""What a MISP has, or a file of MISP's events, as the drafts that rules look at."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, Final

import msgspec

from securegrid.ingest.model import AttributeDraft, Content, EventDraft, ObjectDraft
from securegrid.misp.copying import EventHead
from securegrid.misp.records import Attribute, Integer, Record, Tag, whole

NO_DATE: Final = date.min
"""Stands for a date that is absent or none; the rule ``date-missing`` finds it."""


class NotEvents(Exception):  # noqa: N818 - it says what it is
    """A file that holds no MISP events; the text says what is wrong and where."""


class _Attribute(Record, frozen=True):
    uuid: str = ""
    type: str = ""
    category: str = ""
    value: str | int | float | bool | None = ""
    to_ids: bool = False
    comment: str | None = None
    deleted: bool = False
    first_seen: str | None = None
    last_seen: str | None = None
    object_relation: str | None = None
    tags: list[Tag] = msgspec.field(name="Tag", default_factory=list)


class _Object(Record, frozen=True):
    uuid: str = ""
    name: str = ""
    comment: str | None = None
    deleted: bool = False
    first_seen: str | None = None
    last_seen: str | None = None
    attributes: list[_Attribute] = msgspec.field(name="Attribute", default_factory=list)


class _Event(Record, frozen=True):
    uuid: str = ""
    info: str = ""
    date: str = ""
    threat_level_id: Integer | None = None
    analysis: Integer | None = None
    distribution: Integer | None = None
    tags: list[Tag] = msgspec.field(name="Tag", default_factory=list)
    attributes: list[_Attribute] = msgspec.field(name="Attribute", default_factory=list)
    objects: list[_Object] = msgspec.field(name="Object", default_factory=list)


class Held:
    """Drafts that are all there: as many as fit into a file.

    Events without a UUID, or with one that another event has, get one that is theirs alone.
    """

    def __init__(self, events: Iterable[tuple[EventDraft, tuple[Content, ...]]]) -> None:
        self._events: list[EventDraft] = []
        self._contents: dict[str, tuple[Content, ...]] = {}
        for number, (event, contents) in enumerate(events, 1):
            alone = event.uuid and event.uuid not in self._contents
            uuid = event.uuid if alone else f"{event.uuid}#{number}"
            self._events.append(msgspec.structs.replace(event, uuid=uuid))
            self._contents[uuid] = contents
        self._events.sort(key=lambda event: event.date)

    def events(self) -> Iterator[EventDraft]:
        """The events, oldest day first."""
        return iter(self._events)

    def contents(self, event_uuid: str) -> Iterator[Content]:
        """The contents of one of them."""
        return iter(self._contents[event_uuid])


def read_events(content: bytes) -> Held:
    """The events of a JSON text: one event, ``{"Event": …}``, ``{"response": […]}`` or a list
    of any of these. Raises NotEvents."""
    try:
        found = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotEvents(f"JSON: {error}") from error
    events = list(_events_in(found, "$"))
    if not events:
        raise NotEvents("$: Event?")
    return Held((_head(event), tuple(_contents(event))) for event in events)


def head_draft(head: EventHead) -> EventDraft:
    """An event as a MISP lists it."""
    return EventDraft(
        uuid=head.uuid,
        info=head.info,
        date=_day(head.date),
        tags=tuple(head.tags()),
        threat_level=whole(head.threat_level_id) or 4,
        analysis=whole(head.analysis) or 0,
        distribution=whole(head.distribution) or 0,
    )


def attribute_draft(found: Attribute) -> AttributeDraft:
    """An attribute as a MISP gives it; that it is in an object shows by its relation."""
    return AttributeDraft(
        uuid=found.uuid,
        type=found.type,
        category=found.category,
        value=found.value,
        to_ids=found.to_ids,
        comment=found.comment or "",
        first_seen=seconds(found.first_seen),
        last_seen=seconds(found.last_seen),
        tags=tuple(tag.name for tag in found.tags if not whole_flag(tag.inherited)),
        relation=found.object_relation or "",
    )


def seconds(written: str | None) -> int | None:
    """Unix seconds of a time as MISP writes it; ``None`` when it is none."""
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
        return int(moment.timestamp())
    except (ValueError, OverflowError, OSError):
        return None


def whole_flag(flag: Integer | bool) -> bool:
    """A flag that came as a number, a text or a boolean."""
    return flag is True or whole(flag) == 1


def _events_in(found: Any, place: str) -> Iterator[_Event]:
    if isinstance(found, list):
        for number, one in enumerate(found):
            yield from _events_in(one, f"{place}[{number}]")
    elif not isinstance(found, dict):
        raise NotEvents(f"{place}: Event?")
    elif "response" in found:
        yield from _events_in(found["response"], f"{place}.response")
    elif "Event" in found:
        yield from _events_in(found["Event"], f"{place}.Event")
    elif "info" in found or "Attribute" in found or "Object" in found:
        yield _event(found, place)
    else:
        raise NotEvents(f"{place}: Event?")


def _event(found: dict[str, Any], place: str) -> _Event:
    try:
        return msgspec.convert(found, _Event, strict=False)
    except msgspec.ValidationError as error:
        raise NotEvents(str(error).replace("`$", f"`{place}", 1)) from error


def _head(event: _Event) -> EventDraft:
    return EventDraft(
        uuid=event.uuid,
        info=event.info,
        date=_day(event.date),
        tags=tuple(tag.name for tag in event.tags),
        threat_level=whole(event.threat_level_id) or 4,
        analysis=whole(event.analysis) or 0,
        distribution=whole(event.distribution) or 0,
    )


def _contents(event: _Event) -> Iterator[Content]:
    yield from (_draft(one) for one in event.attributes if not one.deleted)
    for found in event.objects:
        if not found.deleted:
            yield ObjectDraft(
                uuid=found.uuid,
                template=found.name,
                attributes=tuple(_drafts(found.attributes)),
                comment=found.comment or "",
                first_seen=seconds(found.first_seen),
                last_seen=seconds(found.last_seen),
            )


def _drafts(attributes: Iterable[_Attribute]) -> Iterator[AttributeDraft]:
    return (_draft(one) for one in attributes if not one.deleted)


def _draft(found: _Attribute) -> AttributeDraft:
    return AttributeDraft(
        uuid=found.uuid,
        type=found.type,
        category=found.category,
        value="" if found.value is None else str(found.value),
        to_ids=found.to_ids,
        comment=found.comment or "",
        first_seen=seconds(found.first_seen),
        last_seen=seconds(found.last_seen),
        tags=tuple(tag.name for tag in found.tags),
        relation=found.object_relation or "",
    )


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return NO_DATE
