"""``/sightings``: add by value, UUID or id; list; delete."""

# ruff: noqa: S608 - SQL is made of the module's own words; what clients send are parameters

from securegrid.node import render
from securegrid.node.access import owns, visible_attribute, visible_event
from securegrid.node.accounts import Permission
from securegrid.node.conditions import both, visible_attributes, visible_events
from securegrid.node.filters import choice_of, read_filter
from securegrid.node.intake import unwrap
from securegrid.node.moments import epoch_of
from securegrid.node.protocol import NOT_YOURS, Answer, Call, Endpoint, Refused, done
from securegrid.node.rows import AttributeRow, SightingRow, orgs_by_id
from securegrid.node.search import find_attributes
from securegrid.node.sequences import Sequences

_NONE = "Could not add the Sighting. Reason: No valid attributes found."
_NONE_MATCH = (
    "Could not add the Sighting. Reason: No valid attributes found that match the criteria."
)


def add(call: Call) -> Answer:
    """``sightings/add[/ATTRIBUTE]``: sights every visible attribute that is meant.

    The last sighting made is shown; where nothing matched, 200 with a message (trap 11).
    """
    given = unwrap(call.body, "Sighting")
    values = given.get("values") or given.get("value")
    name = str(given.get("uuid") or given.get("id") or call.argument() or "")
    if not values and not name:
        return Answer({"message": _NONE})
    found = _by_values(call, values) if values else _by_name(call, name)
    if not found:
        return Answer({"message": _NONE_MATCH})
    kind = str(given.get("type") or "0")
    if kind not in ("0", "1", "2"):
        return Answer({"message": "Could not add the Sighting. Reason: Invalid type."})
    moment = epoch_of(given.get("timestamp") or given.get("date_sighting") or "", 0) or call.now
    for attribute in found:
        made = _insert(call, attribute, int(kind), moment, str(given.get("source") or ""))
    return Answer({"Sighting": render.sighting(made)})


def index(call: Call) -> Answer:
    """``sightings/index/EVENT``: the sightings of an event's attributes."""
    event = visible_event(call, call.argument())
    if event is None:
        raise Refused(404, "Invalid event.")
    orgs = orgs_by_id(call.connection)
    return Answer(
        [render.sighting_with_org(s, orgs) for s in _visible(call, "s.event_id", event.id)]
    )


def list_sightings(call: Call) -> Answer:
    """``sightings/listSightings``: of one attribute or event, with the organisation's name."""
    given = {**call.parameters()}
    context = str(given.get("context") or call.argument(1) or "attribute")
    name = str(given.get("id") or call.argument())
    orgs = orgs_by_id(call.connection)
    return Answer(
        [
            {"Sighting": render.sighting(s), "Organisation": {"name": orgs[s.org_id].name}}
            for s in _of(call, context, name)
        ]
    )


def delete(call: Call) -> Answer:
    """``sightings/delete/ID``: by the organisation that sighted, or the event's owner."""
    column = "id" if call.argument().isdecimal() else "uuid"
    row = call.connection.execute(
        f"SELECT id, event_id, org_id FROM sighting WHERE {column} = ?",
        (call.argument(),),
    ).fetchone()
    event = row and visible_event(call, str(row[1]))
    if not row or not event:
        raise Refused(404, "Invalid Sighting.")
    if row[2] != call.caller.org_id and not owns(call, event):
        raise Refused(403, NOT_YOURS)
    call.connection.execute("DELETE FROM sighting WHERE id = ?", (row[0],))
    return done(call, "Sighting successfully deleted.")


def _by_values(call: Call, values: object) -> list[AttributeRow]:
    listed = values if isinstance(values, list) else [values]
    choice_of("values", listed)
    filter_ = read_filter({"value": {"OR": listed}}, call.now)
    return find_attributes(call.connection, call.caller, filter_)


def _by_name(call: Call, name: str) -> list[AttributeRow]:
    found = visible_attribute(call, name)
    return [found] if found else []


def _insert(
    call: Call, attribute: AttributeRow, kind: int, moment: int, source: str
) -> SightingRow:
    made = SightingRow(
        Sequences(call.connection).take("sighting"),
        call.store.new_uuid(),
        attribute.id,
        attribute.event_id,
        call.caller.org_id,
        moment,
        source,
        kind,
        attribute.uuid,
    )
    call.connection.execute("INSERT INTO sighting VALUES (?, ?, ?, ?, ?, ?, ?, ?)", made[:-1])
    call.connection.execute(
        "UPDATE event SET sighting_timestamp = ? WHERE id = ?", (call.now, attribute.event_id)
    )
    return made


def _of(call: Call, context: str, name: str) -> list[SightingRow]:
    if context == "event":
        event = visible_event(call, name)
        return _visible(call, "s.event_id", event.id) if event else []
    attribute = visible_attribute(call, name)
    return _visible(call, "s.attribute_id", attribute.id) if attribute else []


def _visible(call: Call, column: str, wanted: int) -> list[SightingRow]:
    visible = both([visible_events(call.caller), visible_attributes(call.caller)])
    rows = call.connection.execute(
        "SELECT s.*, a.uuid FROM sighting s JOIN attribute a ON a.id = s.attribute_id"
        f" JOIN event e ON e.id = s.event_id WHERE {column} = ? AND {visible.sql} ORDER BY s.id",
        (wanted, *visible.args),
    )
    return [SightingRow(*row) for row in rows]


ENDPOINTS = {
    ("sightings", "add"): Endpoint(add, Permission.SIGHT, writes=True),
    ("sightings", "index"): Endpoint(index),
    ("sightings", "listSightings"): Endpoint(list_sightings),
    ("sightings", "delete"): Endpoint(delete, Permission.SIGHT, writes=True),
}
