"""``/attributes``: search, view, add, edit, delete, restore, and the type tables."""

# ruff: noqa: S608 - SQL is made of the module's own words; what clients send are parameters

from collections.abc import Mapping
from typing import Any

import msgspec

from securegrid.misp.typetable import type_table
from securegrid.node import editing, render
from securegrid.node.acceptance import Problems, accept
from securegrid.node.access import (
    INVALID_ATTRIBUTE,
    own_attribute,
    own_event,
    visible_attribute,
    visible_event,
    writing_for,
)
from securegrid.node.accounts import Permission
from securegrid.node.endpoints.searching import (
    answer_found,
    filter_of,
    search_parameters,
    told_count,
    wants_count,
)
from securegrid.node.filters import truthy
from securegrid.node.intake import could_not, read_attribute, unwrap
from securegrid.node.protocol import Answer, Call, Endpoint, Refused
from securegrid.node.records import NewAttribute
from securegrid.node.rows import ATTRIBUTE_COLUMNS, AttributeRow, attribute_tags
from securegrid.node.search import count_attributes, find_attributes
from securegrid.node.views import found_attributes
from securegrid.node.writing import Added


def rest_search(call: Call) -> Answer:
    """``attributes/restSearch``."""
    asked = search_parameters(call)
    counted = wants_count(asked)
    filter_ = filter_of(call, asked)
    if counted:
        count = count_attributes(call.connection, call.caller, filter_)
        return answer_found(str(count), told_count(count, filter_), counted=True)
    found = find_attributes(call.connection, call.caller, filter_)
    shown = found_attributes(
        call.connection,
        found,
        event_tags=truthy(asked.get("includeEventTags")),
        context=truthy(asked.get("includeContext")),
        sightings=truthy(asked.get("includeSightings")),
        event_uuid=truthy(asked.get("includeEventUuid")),
        proposals=truthy(asked.get("includeProposals")),
    )
    return answer_found({"response": {"Attribute": shown}}, told_count(len(shown), filter_))


def view(call: Call) -> Answer:
    """``attributes/view/ID``; MISP answers 405 for what is not there."""
    row = visible_attribute(call, call.argument())
    event = row and visible_event(call, str(row.event_id))
    if row is None or event is None:
        raise Refused(405, INVALID_ATTRIBUTE)
    shown = {**render.attribute_found(row), "event_uuid": event.uuid}
    tags = attribute_tags(call.connection, [row.id]).get(row.id, [])
    if tags:
        shown["Tag"] = [render.tag_in_event(tag) for tag in tags]
    return Answer({"Attribute": shown})


def add(call: Call) -> Answer:
    """``attributes/add/EVENT``: one attribute, a list, or one with a list of values."""
    event = own_event(call, call.argument())
    news = _sent(call.body)
    if not news:
        raise could_not("add", "Attribute", accept_problems({}))
    writing = writing_for(call)
    known = [s for new in news for s in editing.similar(call.connection, event.id, new)]
    added = writing.attributes(event.id, 0, news, known)
    if not added.ids:
        # Nothing was stored: one attribute answers with its problems, several with all of them.
        raise could_not("add", "Attribute", _problems(added, many=len(news) > 1))
    editing.touch(call.connection, event.id, call.now)
    writing.recount(event.id)
    rows = _rows(call, added.ids)
    if _is_one(call.body):
        return Answer(
            {"Attribute": render.attribute_added(rows[0]), "AttributeTag": _links(call, rows[0])}
        )
    shown: dict[str, Any] = {"Attribute": [render.attribute_added(row) for row in rows]}
    if added.problems:
        shown["errors"] = _problems(added, many=True)
    return Answer(shown)


def edit(call: Call) -> Answer:
    """``attributes/edit/ID``: takes over the fields that were given."""
    row, event = own_attribute(call, call.argument(), deleted=True)
    problems = editing.edit_attribute(writing_for(call), row, unwrap(call.body, "Attribute"))
    if problems:
        raise could_not("edit", "Attribute", problems)
    _changed(call, event.id)
    return Answer({"Attribute": render.attribute_found(_rows(call, [row.id])[0])})


def delete(call: Call) -> Answer:
    """``attributes/delete/ID[/1]``: softly, or with 1 (or ``hard`` in the body) for good."""
    hard = truthy(call.argument(1)) or truthy(unwrap(call.body, "Attribute").get("hard"))
    row, event = own_attribute(call, call.argument(), deleted=hard)
    editing.delete_attribute(call.connection, row, call.now, hard=hard)
    _changed(call, event.id)
    return Answer({"message": "Attribute deleted."})


def restore(call: Call) -> Answer:
    """``attributes/restore/ID``: takes a soft deletion back."""
    row, event = own_attribute(call, call.argument(), deleted=True)
    problems = editing.edit_attribute(writing_for(call), row, {"deleted": False})
    if problems:
        raise could_not("edit", "Attribute", problems)
    _changed(call, event.id)
    return Answer({"Attribute": render.attribute_found(_rows(call, [row.id])[0])})


def describe_types(_: Call) -> Answer:
    """``attributes/describeTypes``."""
    return Answer({"result": msgspec.to_builtins(type_table().described)})


def accept_problems(given: Mapping[str, Any]) -> Problems:
    """What is wrong with one attribute as sent."""
    verdict = accept(read_attribute(given))
    return verdict if isinstance(verdict, dict) else {}


def _sent(body: object) -> list[NewAttribute]:
    given = unwrap(body, "Attribute") if not isinstance(body, list) else body
    entries = given if isinstance(given, list) else [given]
    found: list[NewAttribute] = []
    for entry in entries:
        if isinstance(entry, Mapping) and entry:
            inner = unwrap(entry, "Attribute")
            values = inner.get("value")
            several = values if isinstance(values, list) else [values]
            found += [read_attribute({**inner, "value": value}) for value in several]
    return found


def _is_one(body: object) -> bool:
    return not isinstance(body, list) and not isinstance(
        unwrap(body, "Attribute").get("value"), list
    )


def _problems(added: Added, *, many: bool) -> object:
    if not many:
        return added.problems.get(0, {})
    return {f"attribute_{position}": told for position, told in added.problems.items()}


def _rows(call: Call, ids: list[int]) -> list[AttributeRow]:
    marks = ", ".join("?" * len(ids))
    rows = call.connection.execute(
        f"SELECT {ATTRIBUTE_COLUMNS} FROM attribute a WHERE a.id IN ({marks}) ORDER BY a.id",
        ids,
    )
    return [AttributeRow(*row) for row in rows]


def _links(call: Call, row: AttributeRow) -> list[dict[str, Any]]:
    return [
        {
            "id": str(tag.link_id),
            "attribute_id": str(row.id),
            "event_id": str(row.event_id),
            "tag_id": str(tag.tag.id),
            "local": bool(tag.local),
            "relationship_type": None,
            "Tag": render.tag_full(tag.tag),
        }
        for tag in attribute_tags(call.connection, [row.id]).get(row.id, [])
    ]


def _changed(call: Call, event_id: int) -> None:
    editing.touch(call.connection, event_id, call.now)
    writing_for(call).recount(event_id)


ENDPOINTS = {
    ("attributes", "restSearch"): Endpoint(rest_search),
    ("attributes", "view"): Endpoint(view),
    ("attributes", "describeTypes"): Endpoint(describe_types),
    ("attributes", "add"): Endpoint(add, Permission.WRITE, writes=True),
    ("attributes", "edit"): Endpoint(edit, Permission.WRITE, writes=True),
    ("attributes", "delete"): Endpoint(delete, Permission.WRITE, writes=True),
    ("attributes", "restore"): Endpoint(restore, Permission.WRITE, writes=True),
}
