"""``/objects`` and ``/objectReferences``: view, add, edit, delete, relate."""

# ruff: noqa: S608 - SQL is made of the module's own words; what clients send are parameters

from securegrid.node import editing, render
from securegrid.node.access import (
    INVALID_OBJECT,
    own_event,
    own_object,
    visible_object,
    writing_for,
)
from securegrid.node.accounts import Permission
from securegrid.node.filters import truthy
from securegrid.node.intake import could_not, read_object, read_reference, unwrap
from securegrid.node.protocol import Answer, Call, Endpoint, Refused
from securegrid.node.rows import ObjectRow, ReferenceRow
from securegrid.node.views import one_object


def view(call: Call) -> Answer:
    """``objects/view/ID``, by id or UUID."""
    found = visible_object(call, call.argument())
    if found is None:
        raise Refused(404, INVALID_OBJECT)
    return Answer({"Object": one_object(call.connection, call.caller, found[0])})


def add(call: Call) -> Answer:
    """``objects/add/EVENT``; an object without a name or a valid attribute is refused."""
    event = own_event(call, call.argument())
    new = read_object(unwrap(call.body, "Object"))
    if not new.name:
        raise could_not("add", "Object", {"name": ["valueNotEmpty"]})
    writing = writing_for(call)
    object_id, added = writing.object(event.id, new)
    if new.attributes and not added.ids:
        raise could_not("add", "Object", {"Attribute": added.problems[0]})
    _changed(call, event.id)
    return _shown(call, object_id)


def edit(call: Call) -> Answer:
    """``objects/edit/ID``: takes over what was given, keeps what is not mentioned."""
    row, event = own_object(call, call.argument())
    editing.edit_object(writing_for(call), row, unwrap(call.body, "Object"))
    _changed(call, event.id)
    return _shown(call, row.id)


def delete(call: Call) -> Answer:
    """``objects/delete/ID[/1]``: softly, or with 1 (or ``hard`` in the body) for good."""
    row, event = own_object(call, call.argument())
    hard = truthy(call.argument(1)) or truthy(unwrap(call.body, "Object").get("hard"))
    editing.delete_object(call.connection, row.id, call.now, hard=hard)
    _changed(call, event.id)
    return Answer({"saved": True, "success": True, "message": "Object deleted"})


def add_reference(call: Call) -> Answer:
    """``objectReferences/add``: relates an object to another object or an attribute."""
    given = unwrap(call.body, "ObjectReference")
    source = str(given.get("object_uuid") or given.get("source_uuid") or call.argument())
    row, event = own_object(call, source or str(given.get("object_id") or ""))
    new = read_reference(given)
    if not new.referenced_uuid:
        raise could_not("add", "Object", {"referenced_uuid": ["Invalid reference."]})
    reference_id = writing_for(call).reference(event.id, row.id, new)
    editing.touch(call.connection, event.id, call.now)
    found = call.connection.execute(
        "SELECT * FROM object_reference WHERE id = ?", (reference_id,)
    ).fetchone()
    return Answer({"ObjectReference": render.reference(ReferenceRow(*found))})


def delete_reference(call: Call) -> Answer:
    """``objectReferences/delete/ID[/1]``."""
    column = "id" if call.argument().isdecimal() else "uuid"
    found = call.connection.execute(
        f"SELECT * FROM object_reference WHERE {column} = ?",
        (call.argument(),),
    ).fetchone()
    if found is None:
        raise Refused(404, "Invalid object reference")
    reference = ReferenceRow(*found)
    own_event(call, str(reference.event_id))
    call.connection.execute("DELETE FROM object_reference WHERE id = ?", (reference.id,))
    editing.touch(call.connection, reference.event_id, call.now)
    return Answer({"saved": True, "success": True, "message": "ObjectReference deleted"})


def _shown(call: Call, object_id: int) -> Answer:
    row = call.connection.execute("SELECT * FROM object WHERE id = ?", (object_id,)).fetchone()
    return Answer({"Object": one_object(call.connection, call.caller, ObjectRow(*row))})


def _changed(call: Call, event_id: int) -> None:
    editing.touch(call.connection, event_id, call.now)
    writing_for(call).recount(event_id)


ENDPOINTS = {
    ("objects", "view"): Endpoint(view),
    ("objects", "add"): Endpoint(add, Permission.WRITE, writes=True),
    ("objects", "edit"): Endpoint(edit, Permission.WRITE, writes=True),
    ("objects", "delete"): Endpoint(delete, Permission.WRITE, writes=True),
    ("objectReferences", "add"): Endpoint(add_reference, Permission.WRITE, writes=True),
    ("objectReferences", "delete"): Endpoint(delete_reference, Permission.WRITE, writes=True),
    ("object_references", "add"): Endpoint(add_reference, Permission.WRITE, writes=True),
    ("object_references", "delete"): Endpoint(delete_reference, Permission.WRITE, writes=True),
}
