"""Whole answers put together from rows: found attributes, whole events, lists of events."""

# ruff: noqa: S608 - SQL is made of the module's own words; what clients send are parameters

import sqlite3
from collections.abc import Iterable, Sequence

from securegrid.node import render, rows
from securegrid.node.accounts import Caller
from securegrid.node.conditions import both, visible_attributes
from securegrid.node.render import Json
from securegrid.node.rows import (
    ATTRIBUTE_COLUMNS,
    Attached,
    AttributeRow,
    EventRow,
    ObjectRow,
    listed,
)


def found_attributes(
    connection: sqlite3.Connection,
    found: Sequence[AttributeRow],
    *,
    event_tags: bool = False,
    context: bool = False,
    sightings: bool = False,
    event_uuid: bool = False,
    proposals: bool = False,
) -> list[Json]:
    """The list of ``attributes/restSearch``, with what the include parameters add."""
    ids = [row.id for row in found]
    events = rows.events_by_id(connection, (row.event_id for row in found))
    own = rows.attribute_tags(connection, ids)
    of_event = rows.event_tags(connection, events) if event_tags or context else {}
    seen = rows.sightings_of_attributes(connection, ids) if sightings else {}
    objects = rows.object_distributions(connection, (row.object_id for row in found))
    orgs = rows.orgs_by_id(connection)
    shown_events = {
        event.id: render.event_context(event, orgs[event.orgc_id], of_event.get(event.id, []))
        if context
        else render.event_of_attribute(event)
        for event in events.values()
    }
    shown: list[Json] = []
    for row in found:
        one = render.attribute_found(row)
        if sightings:
            one["Sighting"] = [render.sighting_with_org(s, orgs) for s in seen.get(row.id, [])]
        if event_uuid:
            one["event_uuid"] = events[row.event_id].uuid
        one["Event"] = shown_events[row.event_id]
        if row.object_id in objects:
            one["Object"] = render.object_of_attribute(row.object_id, objects[row.object_id])
        if proposals:
            one["ShadowAttribute"] = []
        inherited = of_event.get(row.event_id, []) if event_tags else []
        if tags := _merged_tags(own.get(row.id, []), inherited):
            one["Tag"] = tags
        shown.append(one)
    return shown


def _merged_tags(own: list[Attached], inherited: list[Attached]) -> list[Json]:
    mine = {tag.tag.id for tag in own}
    return [
        *(render.tag_of_attribute(tag) for tag in own),
        *(render.tag_inherited(tag) for tag in inherited if tag.tag.id not in mine),
    ]


def whole_events(
    connection: sqlite3.Connection,
    caller: Caller,
    events: Iterable[EventRow],
    *,
    metadata: bool = False,
    deleted: Iterable[int] = (0,),
    to_ids: Iterable[int] = (0, 1),
    sightings: bool = False,
) -> list[Json]:
    """Events with everything in them that the caller may see; ``metadata`` leaves that out."""
    wanted = list(events)
    orgs = rows.orgs_by_id(connection)
    tags = rows.event_tags(connection, (event.id for event in wanted))
    shown: list[Json] = []
    for event in wanted:
        parts: Json = {"RelatedEvent": [], "Galaxy": []}
        if not metadata:
            parts = _parts(connection, caller, event, deleted, to_ids, sightings=sightings)
        shown.append({"Event": render.event_full(event, orgs, tags.get(event.id, []), parts)})
    return shown


def _parts(
    connection: sqlite3.Connection,
    caller: Caller,
    event: EventRow,
    deleted: Iterable[int],
    to_ids: Iterable[int],
    *,
    sightings: bool,
) -> Json:
    attributes = _attributes_of(connection, caller, event.id, deleted, to_ids)
    tags = rows.attribute_tags_of_event(connection, event.id)
    shown = [render.attribute_in_event(row, tags.get(row.id, [])) for row in attributes]
    if sightings:
        _add_sightings(connection, attributes, shown)
    inside: dict[int, list[Json]] = {}
    for row, one in zip(attributes, shown, strict=True):
        inside.setdefault(row.object_id, []).append(one)
    return {
        "Attribute": inside.get(0, []),
        "ShadowAttribute": [],
        "RelatedEvent": [],
        "Galaxy": [],
        "Object": objects_of(connection, caller, event, inside, deleted),
        "EventReport": [],
    }


def _add_sightings(
    connection: sqlite3.Connection, attributes: list[AttributeRow], shown: list[Json]
) -> None:
    orgs = rows.orgs_by_id(connection)
    seen = rows.sightings_of_attributes(connection, (row.id for row in attributes))
    for row, one in zip(attributes, shown, strict=True):
        if row.id in seen:
            one["Sighting"] = [render.sighting_with_org(s, orgs) for s in seen[row.id]]


def objects_of(
    connection: sqlite3.Connection,
    caller: Caller,
    event: EventRow,
    inside: dict[int, list[Json]],
    deleted: Iterable[int] = (0,),
) -> list[Json]:
    """The event's objects with the given attributes, by object."""
    own = caller.sees_all or caller.org_id in (event.orgc_id, event.org_id)
    states = set(deleted) if own else {0}
    found = connection.execute(
        "SELECT * FROM object WHERE event_id = ? AND (? OR distribution > 0)"
        " AND deleted IN (SELECT value FROM json_each(?)) ORDER BY id",
        (event.id, own, listed(states)),
    )
    objects = [ObjectRow(*row) for row in found]
    references = rows.references_of_objects(connection, [o.id for o in objects])
    return [render.object_full(o, references.get(o.id, []), inside.get(o.id, [])) for o in objects]


def one_object(connection: sqlite3.Connection, caller: Caller, row: ObjectRow) -> Json:
    """An object by itself, with those of its live attributes that the caller may see."""
    visible = visible_attributes(caller)
    found = connection.execute(
        f"SELECT {ATTRIBUTE_COLUMNS} FROM attribute a CROSS JOIN event e ON e.id = a.event_id"
        " WHERE a.object_id > 0 AND a.object_id = ?"
        f" AND a.deleted = 0 AND {visible.sql} ORDER BY a.id",
        (row.id, *visible.args),
    )
    attributes = [AttributeRow(*one) for one in found]
    tags = rows.attribute_tags(connection, (a.id for a in attributes))
    shown = [render.attribute_in_event(a, tags.get(a.id, [])) for a in attributes]
    references = rows.references_of_objects(connection, [row.id])
    return render.object_full(row, references.get(row.id, []), shown)


def _attributes_of(
    connection: sqlite3.Connection,
    caller: Caller,
    event_id: int,
    deleted: Iterable[int],
    to_ids: Iterable[int],
) -> list[AttributeRow]:
    visible = both([visible_attributes(caller)])
    found = connection.execute(
        f"SELECT {ATTRIBUTE_COLUMNS} FROM attribute a CROSS JOIN event e ON e.id = a.event_id"
        f" WHERE a.event_id = ? AND {visible.sql}"
        " AND a.deleted IN (SELECT value FROM json_each(?))"
        " AND a.to_ids IN (SELECT value FROM json_each(?)) ORDER BY a.id",
        (event_id, *visible.args, listed(deleted), listed(to_ids)),
    ).fetchall()
    return [AttributeRow._make(row) for row in found]
