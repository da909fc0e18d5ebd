"""Drafts to publish in tests, a node to publish them to, and what it has afterwards."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pymisp import PyMISP

from securegrid.ingest.identity import attribute_uuid, event_uuid, object_uuid
from securegrid.ingest.model import AttributeDraft, Content, EventDraft, ObjectDraft
from securegrid.ingest.publishing.journal import Journal
from securegrid.ingest.publishing.outcomes import Published
from securegrid.ingest.publishing.publish import publish
from securegrid.misp.connection import AddressPolicy, Connection
from securegrid.node.accounts import Role
from securegrid.node.normalisation import normaliser
from securegrid.node.store import Store

WRITER, READER, OTHER = (letter * 40 for letter in "wro")
SOURCE = "docodoco.jp"
NOON = 1_620_907_200
"""2021-05-13 12:00 UTC."""


@dataclass
class Events:
    """``Drafts`` in memory."""

    heads: dict[str, EventDraft] = field(default_factory=dict)
    inside: dict[str, tuple[Content, ...]] = field(default_factory=dict)

    def add(self, head: EventDraft, contents: Iterable[Content]) -> "Events":
        """One more event."""
        self.heads[head.uuid] = head
        self.inside[head.uuid] = tuple(contents)
        return self

    def events(self) -> Iterator[EventDraft]:
        """In the order in which they were added."""
        return iter(self.heads.values())

    def contents(self, event_uuid: str) -> Iterator[Content]:
        """As they were added."""
        return iter(self.inside[event_uuid])


def head(name: str, tags: tuple[str, ...] = ("docodoco.jp", "tlp:amber")) -> EventDraft:
    """An event of 13 May 2021."""
    uuid = event_uuid("Alliance", SOURCE, ("2021-05-13", name))
    return EventDraft(uuid, f"(2021-05-13) {name}", date(2021, 5, 13), tags)


def address(
    event: EventDraft, value: str, *, first: int = NOON, last: int = NOON, count: int = 1
) -> AttributeDraft:
    """A source that was seen ``count`` times."""
    return AttributeDraft(
        attribute_uuid(event.uuid, "ip-src", value),
        "ip-src",
        "Network activity",
        value,
        comment=f"{count} requests",
        first_seen=first,
        last_seen=last,
    )


def login(event: EventDraft, user: str, *, last: int = NOON, count: int = 1) -> ObjectDraft:
    """A log-in that was tried, as an object; its count keeps its UUID."""
    uuid = object_uuid(event.uuid, "credential", (user,))

    def inner(relation: str, value: str, named: str) -> AttributeDraft:
        return AttributeDraft(
            attribute_uuid(uuid, "text", named, relation), "text", "Other", value,
            relation=relation,
        )  # fmt: skip

    parts = (inner("username", user, user), inner("text", f"tried {count} times", "count"))
    return ObjectDraft(uuid, "credential", parts, first_seen=NOON, last_seen=last)


def addresses(event: EventDraft, number: int, **seen: int) -> list[AttributeDraft]:
    """So many different ones."""
    return [address(event, f"198.18.{n // 250}.{n % 250 + 1}", **seen) for n in range(number)]


def node_store(path: Path) -> Store:
    """A node with a writer, a reader and a writer of another organisation."""
    store = Store(path, host_org="GEO")
    store.add_key(Role.ADMIN, raw=WRITER)
    store.add_key(Role.READ_ONLY, raw=READER)
    store.add_key(Role.CONTRIBUTOR, "IPA", raw=OTHER)
    return store


def connection(url: str, key: str = WRITER) -> Connection:
    """To a node on this machine."""
    return Connection(url, key, policy=AddressPolicy(allow_loopback=True))


def import_into(
    url: str, journal: Journal, drafts: Events, *, refused: Any = (), **options: Any
) -> Published:
    """One whole import, as the pipeline does it."""
    target = options.pop("to", None) or connection(url)
    of = journal.begin(SOURCE, url)
    journal.refuse(of, refused)
    return publish(drafts, target, journal, of, **options)


def held(url: str, key: str = WRITER) -> dict[str, dict[str, Any]]:
    """Every event that PyMISP reads back, by UUID, without what a MISP makes up itself."""
    found = PyMISP(url, key).search(controller="events", deleted=[0, 1])
    assert isinstance(found, list), found
    return {one["Event"]["uuid"]: _plain_event(one["Event"]) for one in found}


def expected(drafts: Events) -> dict[str, dict[str, Any]]:
    """What ``held`` gives once all drafts are published."""
    return {uuid: _drafted(drafts, draft) for uuid, draft in drafts.heads.items()}


def _drafted(drafts: Events, draft: EventDraft) -> dict[str, Any]:
    inside = drafts.inside[draft.uuid]
    objects = [one for one in inside if isinstance(one, ObjectDraft)]
    return {
        "info": draft.info,
        "date": draft.date.isoformat(),
        "published": True,
        "tags": sorted(draft.tags),
        "attributes": {o.uuid: _as_held(o) for o in inside if isinstance(o, AttributeDraft)},
        "objects": {
            one.uuid: {
                "name": one.template,
                "first_seen": _moment(one.first_seen),
                "last_seen": _moment(one.last_seen),
                "attributes": {each.uuid: _as_held(each) for each in one.attributes},
            }
            for one in objects
        },
    }


def _as_held(draft: AttributeDraft) -> dict[str, Any]:
    return {
        "type": draft.type,
        "category": draft.category,
        "value": normaliser(draft.type)(draft.value),
        "to_ids": draft.to_ids,
        "comment": draft.comment,
        "first_seen": _moment(draft.first_seen),
        "last_seen": _moment(draft.last_seen),
        "object_relation": draft.relation or None,
    }


def _moment(seconds: int | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


def _plain_event(event: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "info": event["info"],
        "date": event["date"],
        "published": event["published"],
        "tags": sorted(tag["name"] for tag in event.get("Tag", [])),
        "attributes": {one["uuid"]: _plain(one) for one in event["Attribute"]},
        "objects": {
            one["uuid"]: {
                "name": one["name"],
                "first_seen": one.get("first_seen"),
                "last_seen": one.get("last_seen"),
                "attributes": {each["uuid"]: _plain(each) for each in one["Attribute"]},
            }
            for one in event["Object"]
        },
    }


def _plain(attribute: Mapping[str, Any]) -> dict[str, Any]:
    names = ("type", "category", "value", "to_ids", "comment", "first_seen", "last_seen")
    return {name: attribute[name] for name in (*names, "object_relation")}
