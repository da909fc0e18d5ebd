"""Finding what a request names, only where the caller may see or change it."""

# ruff: noqa: S608 - SQL is made of the module's own words; what clients send are parameters

from securegrid.node.acceptance import UUID
from securegrid.node.accounts import Permission
from securegrid.node.conditions import both, visible_attributes, visible_events
from securegrid.node.protocol import NOT_YOURS, Call, Refused
from securegrid.node.rows import (
    ATTRIBUTE_COLUMNS,
    EVENT_COLUMNS,
    AttributeRow,
    EventRow,
    ObjectRow,
)
from securegrid.node.writing import Author, Writing

INVALID_EVENT = "Invalid event"
INVALID_ATTRIBUTE = "Invalid attribute"
INVALID_OBJECT = "Invalid object"


def visible_event(call: Call, name: str) -> EventRow | None:
    """The event of this id or UUID, if the caller may see it."""
    visible = visible_events(call.caller)
    row = call.connection.execute(
        f"SELECT {EVENT_COLUMNS} FROM event e WHERE {_named('e', name)} AND {visible.sql}",
        (name.lower(), *visible.args),
    ).fetchone()
    return EventRow(*row) if row else None


def visible_attribute(call: Call, name: str, *, deleted: bool = False) -> AttributeRow | None:
    """The attribute of this id or UUID, if the caller may see it."""
    visible = both([visible_events(call.caller), visible_attributes(call.caller)])
    row = call.connection.execute(
        f"SELECT {ATTRIBUTE_COLUMNS} FROM attribute a JOIN event e ON e.id = a.event_id"
        f" WHERE {_named('a', name)} AND (? OR a.deleted = 0) AND {visible.sql}",
        (name.lower(), deleted, *visible.args),
    ).fetchone()
    return AttributeRow(*row) if row else None


def visible_object(call: Call, name: str) -> tuple[ObjectRow, EventRow] | None:
    """The object of this id or UUID with its event, if the caller may see both."""
    row = call.connection.execute(
        f"SELECT * FROM object o WHERE {_named('o', name)}",
        (name.lower(),),
    ).fetchone()
    if row is None:
        return None
    found = ObjectRow(*row)
    event = visible_event(call, str(found.event_id))
    if event is None or not (owns(call, event) or (found.distribution and not found.deleted)):
        return None
    return found, event


def owns(call: Call, event: EventRow) -> bool:
    """Whether the caller may change the event: its creators and administrators may."""
    return call.caller.sees_all or event.orgc_id == call.caller.org_id


def own_event(call: Call, name: str) -> EventRow:
    """The event, if the caller may change it; raises ``Refused`` otherwise (404 or 403)."""
    event = visible_event(call, name)
    if event is None:
        raise Refused(404, INVALID_EVENT)
    if not owns(call, event):
        raise Refused(403, NOT_YOURS)
    return event


def own_attribute(call: Call, name: str, *, deleted: bool = False) -> tuple[AttributeRow, EventRow]:
    """The attribute with its event, if the caller may change it; raises ``Refused``."""
    attribute = visible_attribute(call, name, deleted=deleted)
    if attribute is None:
        raise Refused(404, INVALID_ATTRIBUTE)
    return attribute, own_event(call, str(attribute.event_id))


def own_object(call: Call, name: str) -> tuple[ObjectRow, EventRow]:
    """The object with its event, if the caller may change it; raises ``Refused``."""
    found = visible_object(call, name)
    if found is None:
        raise Refused(404, INVALID_OBJECT)
    return found[0], own_event(call, str(found[1].id))


def writing_for(call: Call) -> Writing:
    """New rows on behalf of the caller."""
    author = Author(
        call.caller.org_id,
        call.caller.email,
        may_make_tags=call.caller.may(Permission.MAKE_TAG),
        speaks_for_others=call.caller.may(Permission.ADMIN),
    )
    return Writing(call.connection, author, call.now, call.store.new_uuid)


def _named(alias: str, name: str) -> str:
    """A condition of one parameter: by UUID, by id, or never."""
    if UUID.fullmatch(name):
        return f"{alias}.uuid = ?"
    return f"{alias}.id = CAST(? AS INTEGER)" if name.isdecimal() and len(name) < 16 else "0 = ?"
