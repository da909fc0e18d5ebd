"""Reading what clients send (loosely typed JSON) into the typed records of new things."""

from collections.abc import Mapping
from typing import Any

from securegrid.node.acceptance import DISTRIBUTIONS as ATTRIBUTE_DISTRIBUTIONS
from securegrid.node.acceptance import UUID
from securegrid.node.filters import truthy
from securegrid.node.moments import epoch_of, iso_date
from securegrid.node.protocol import Refused
from securegrid.node.records import (
    NewAttribute,
    NewEvent,
    NewObject,
    NewOrg,
    NewReference,
    NewTag,
)

Json = Mapping[str, Any]

NO_EVENT = "No valid event data received."
DISTRIBUTIONS = {
    0: "Your organisation only",
    1: "This community only",
    2: "Connected communities",
    3: "All communities",
}
_THREAT_LEVELS = {1: "High", 2: "Medium", 3: "Low", 4: "Undefined"}
_ANALYSES = {0: "Initial", 1: "Ongoing", 2: "Completed"}


def unwrap(body: object, name: str) -> Json:
    """The object that the body is, or holds under ``name``; empty when there is none."""
    if not isinstance(body, Mapping):
        return {}
    inner = body.get(name, body)
    if not isinstance(inner, Mapping):
        return {}
    # Tags and attributes may lie beside the object (a list of one kind, as old clients send).
    return inner


def read_event(body: object) -> NewEvent:
    """A new event; raises ``Refused`` with MISP's errors when it cannot be one."""
    given = unwrap(body, "Event")
    if not given:
        raise Refused(405, NO_EVENT)
    problems = event_problems(given)
    if not str(given.get("info") or "").strip():
        problems = {"info": ["valueNotEmpty"], **problems}
    if problems:
        raise could_not("add", "Event", {"Event": problems})
    return NewEvent(
        info=str(given["info"]),
        date=iso_date(given.get("date")) or "",
        attributes=tuple(read_attribute(a) for a in _objects(given.get("Attribute"))),
        objects=tuple(read_object(o) for o in _objects(given.get("Object"))),
        tags=read_tags(given.get("Tag")),
        uuid=_uuid(given),
        threat_level_id=_int(given, "threat_level_id", 4),
        analysis=_int(given, "analysis", 0),
        distribution=_int(given, "distribution", 1),
        published=truthy(given.get("published")),
        timestamp=_epoch(given, "timestamp"),
        publish_timestamp=_epoch(given, "publish_timestamp"),
        disable_correlation=truthy(given.get("disable_correlation")),
        extends_uuid=str(given.get("extends_uuid") or ""),
        orgc=_orgc(given.get("Orgc")),
    )


def event_problems(given: Json) -> dict[str, list[str]]:
    """What is wrong with the event fields that were given (missing ones are not)."""
    problems: dict[str, list[str]] = {}
    if given.get("date") not in (None, "") and iso_date(given["date"]) is None:
        problems["date"] = ["Expected date format: YYYY-MM-DD"]
    closed = (
        ("distribution", DISTRIBUTIONS),
        ("threat_level_id", _THREAT_LEVELS),
        ("analysis", _ANALYSES),
    )
    for name, options in closed:
        if given.get(name) not in (None, "") and _int(given, name, -1) not in options:
            problems[name] = ["Options : " + ", ".join(options.values())]
    if given.get("uuid") and not UUID.fullmatch(str(given["uuid"])):
        problems["uuid"] = ["Please provide a valid RFC 4122 UUID"]
    return problems


def read_attribute(given: Json) -> NewAttribute:
    """A new attribute; nothing is refused here, that is the validation's work."""
    to_ids = given.get("to_ids")
    return NewAttribute(
        type=str(given.get("type") or ""),
        value=_value(given.get("value")),
        category=str(given.get("category") or ""),
        comment=str(given.get("comment") or ""),
        to_ids=None if to_ids is None else truthy(to_ids),
        uuid=str(given.get("uuid") or ""),
        timestamp=_epoch(given, "timestamp"),
        distribution=_int(given, "distribution", 5),
        first_seen=given.get("first_seen"),
        last_seen=given.get("last_seen"),
        object_relation=given.get("object_relation"),
        disable_correlation=truthy(given.get("disable_correlation")),
        deleted=truthy(given.get("deleted")),
        tags=read_tags(given.get("Tag")),
    )


def read_object(body: Json) -> NewObject:
    """A new object with its attributes and references."""
    given = unwrap(body, "Object")
    return NewObject(
        name=str(given.get("name") or ""),
        attributes=tuple(read_attribute(a) for a in _objects(given.get("Attribute"))),
        references=tuple(read_reference(r) for r in _objects(given.get("ObjectReference"))),
        meta_category=str(given.get("meta-category") or given.get("meta_category") or ""),
        description=given.get("description"),
        template_uuid=given.get("template_uuid"),
        template_version=_text_or_none(given.get("template_version")),
        comment=str(given.get("comment") or ""),
        uuid=_uuid(given),
        timestamp=_epoch(given, "timestamp"),
        distribution=_object_distribution(given),
        first_seen=given.get("first_seen"),
        last_seen=given.get("last_seen"),
        deleted=truthy(given.get("deleted")),
    )


def _object_distribution(given: Json) -> int:
    """What the node cannot keep (a sharing group) stays within the organisation."""
    wanted = _int(given, "distribution", 5)
    return wanted if wanted in ATTRIBUTE_DISTRIBUTIONS else 0


def read_reference(given: Json) -> NewReference:
    """A relation from an object."""
    return NewReference(
        referenced_uuid=str(given.get("referenced_uuid") or given.get("referenced_id") or ""),
        relationship_type=str(given.get("relationship_type") or ""),
        comment=str(given.get("comment") or ""),
        uuid=_uuid(given),
        timestamp=_epoch(given, "timestamp"),
        deleted=truthy(given.get("deleted")),
    )


def read_tags(given: object) -> tuple[NewTag, ...]:
    """Tags: a list of objects or of names, or one of either."""
    entries = given if isinstance(given, list) else [given]
    return tuple(tag for tag in (read_tag(entry) for entry in entries if entry) if tag.name)


def read_tag(given: object) -> NewTag:
    """One tag: an object or only its name."""
    if not isinstance(given, Mapping):
        return NewTag(str(given))
    return NewTag(
        name=str(given.get("name") or ""),
        colour=str(given.get("colour") or ""),
        local=truthy(given.get("local")),
    )


def could_not(verb: str, model: str, errors: object) -> Refused:
    """MISP's 403 for a failed validation (trap 8)."""
    action = f"/{_PLURALS[model]}/{verb}"
    return Refused(403, f"Could not {verb} {model}", saved_errors=errors, url=action)


_PLURALS = {
    "Event": "events",
    "Attribute": "attributes",
    "Object": "objects",
    "Tag": "tags",
}


def _objects(given: object) -> list[Json]:
    entries = given if isinstance(given, list) else [given]
    return [entry for entry in entries if isinstance(entry, Mapping)]


def _value(given: object) -> str:
    if isinstance(given, bool):
        return "1" if given else "0"
    return str(given) if isinstance(given, str | int | float) else ""


def _text_or_none(given: object) -> str | None:
    return None if given is None else str(given)


def _uuid(given: Json) -> str:
    written = str(given.get("uuid") or "")
    return written.lower() if UUID.fullmatch(written) else ""


def _epoch(given: Json, name: str) -> int | None:
    written = given.get(name)
    return None if written in (None, "", 0, "0") else epoch_of(written, 0)


def _orgc(given: object) -> NewOrg | None:
    if not isinstance(given, Mapping) or not given.get("name"):
        return None
    return NewOrg(str(given["name"]), _uuid(given))


def _int(given: Json, name: str, missing: int) -> int:
    """A whole number however it was written; ``missing`` also for an empty one."""
    written = given.get(name)
    if written in (None, ""):
        return missing
    try:
        return int(str(written))
    except ValueError:
        return -1
