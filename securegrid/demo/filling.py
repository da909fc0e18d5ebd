"""Putting the demo's events into the files of its nodes."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time
from pathlib import Path

from securegrid.demo import reports
from securegrid.demo.cast import CastMisp
from securegrid.demo.records import ComposedAttribute, ComposedEvent, stable_uuid
from securegrid.node.accounts import Role
from securegrid.node.loading import Loaded
from securegrid.node.records import NewAttribute, NewEvent, NewOrg, NewTag
from securegrid.node.store import Store

# What comes from logs is read from logs (see ``log_import``).
COMPOSED: dict[str, Callable[[], Iterable[ComposedEvent]]] = {
    "osint": reports.osint_events,
    "lab": reports.lab_events,
}

_COLOURS = {
    "tlp:clear": "#d9d9d9",
    "tlp:amber": "#ffc000",
    "type:OSINT": "#004646",
    "type:LAB": "#5d2f8f",
    "demo:composed": "#8c8c8c",
}


def fill(
    path: Path,
    misp: CastMisp,
    events: Iterable[ComposedEvent | NewEvent],
    keys: dict[Role, str],
) -> Loaded:
    """Make the file of one node: its events and the keys that may read or change it."""
    store = Store(path, host_org=misp.org)
    try:
        loaded = store.load(
            _new_event(event) if isinstance(event, ComposedEvent) else event for event in events
        )
        for role, key in keys.items():
            store.add_key(role, raw=key, comment="demo")
        return loaded
    finally:
        store.close()


def _new_event(event: ComposedEvent) -> NewEvent:
    at = epoch(event.date)
    return NewEvent(
        info=event.info,
        date=str(event.date),
        attributes=tuple(_new_attribute(one, event.uuid, at) for one in event.attributes),
        tags=tuple(NewTag(name, _COLOURS.get(name, "")) for name in event.tags),
        uuid=event.uuid,
        threat_level_id=event.threat_level,
        analysis=2,
        published=True,
        timestamp=at,
        publish_timestamp=at,
        orgc=NewOrg(event.org),
    )


def _new_attribute(attribute: ComposedAttribute, event_uuid: str, at: int) -> NewAttribute:
    return NewAttribute(
        type=attribute.type,
        category=attribute.category,
        value=attribute.value,
        comment=attribute.comment,
        to_ids=attribute.to_ids,
        uuid=stable_uuid(event_uuid, attribute.type, attribute.value),
        timestamp=at,
    )


def epoch(day: date) -> int:
    """Midday of ``day`` in UTC, in seconds since the epoch."""
    return int(datetime.combine(day, time(12), UTC).timestamp())
