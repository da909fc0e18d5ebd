"""ESET's published MISP events, as their JSON exports hold them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from securegrid.node.records import NewAttribute, NewEvent, NewObject, NewOrg, NewTag


def eset_events(folder: Path) -> Iterator[NewEvent]:
    """Every event of every export; a UUID that two exports share comes once."""
    seen: set[str] = set()
    for path in sorted(folder.glob("*/*misp*.json")):
        for item in msgspec.json.decode(path.read_bytes())["response"]:
            event = item["Event"]
            if event["uuid"] not in seen:
                seen.add(event["uuid"])
                yield _event(event)


def _event(event: dict[str, Any]) -> NewEvent:
    return NewEvent(
        info=event["info"],
        date=event["date"],
        attributes=tuple(_attribute(one) for one in event.get("Attribute", ())),
        objects=tuple(_object(one) for one in event.get("Object", ())),
        tags=tuple(NewTag(tag["name"], tag.get("colour", "")) for tag in event.get("Tag", ())),
        uuid=event["uuid"],
        threat_level_id=int(event.get("threat_level_id", 4)),
        analysis=2,
        published=True,
        timestamp=int(event["timestamp"]),
        publish_timestamp=int(event["timestamp"]),
        orgc=NewOrg(event["Orgc"]["name"], event["Orgc"]["uuid"]),
    )


def _object(one: dict[str, Any]) -> NewObject:
    return NewObject(
        name=one["name"],
        attributes=tuple(_attribute(attribute) for attribute in one.get("Attribute", ())),
        meta_category=one.get("meta-category", ""),
        description=one.get("description"),
        template_uuid=one.get("template_uuid"),
        template_version=one.get("template_version"),
        comment=one.get("comment", ""),
        uuid=one.get("uuid", ""),
    )


def _attribute(one: dict[str, Any]) -> NewAttribute:
    return NewAttribute(
        type=one["type"],
        category=one.get("category", ""),
        value=one["value"],
        comment=one.get("comment") or "",
        to_ids=bool(one.get("to_ids")),
        uuid=one.get("uuid", ""),
        timestamp=int(one["timestamp"]) if one.get("timestamp") else None,
        object_relation=one.get("object_relation"),
        tags=tuple(NewTag(tag["name"], tag.get("colour", "")) for tag in one.get("Tag", ())),
    )
