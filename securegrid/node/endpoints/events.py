"""``/events``: search, index, view, add, edit, delete, publish and unpublish."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from securegrid.node import editing, render
from securegrid.node.access import INVALID_EVENT, own_event, owns, visible_event, writing_for
from securegrid.node.accounts import Permission
from securegrid.node.endpoints.searching import (
    answer_found,
    filter_of,
    search_parameters,
    wants_count,
)
from securegrid.node.filters import read_filter, truthy
from securegrid.node.intake import NO_EVENT, could_not, read_event, unwrap
from securegrid.node.moments import epoch_of
from securegrid.node.protocol import NOT_YOURS, Answer, Call, Endpoint, Refused, done
from securegrid.node.rows import EventRow, event_tags, orgs_by_id
from securegrid.node.search import find_events
from securegrid.node.views import whole_events
from securegrid.node.writing import Duplicate

_EXISTS = "Event already exists, if you would like to edit it, use the url in the location header."
_NOT_NEWER = "Event could not be saved: Event in the request not newer than the local copy."
# events/index uses its own names for some filters.
_INDEX_NAMES = {
    "attribute": "value",
    "threatlevel": "threat_level_id",
    "distribution": "event_distribution",
    "all": "searchall",
    "searchattribute": "value",
    "searchtag": "tags",
    "searcheventinfo": "eventinfo",
    "searchpublished": "published",
    "searchorg": "org",
    "timestamp": "event_timestamp",
}


def rest_search(call: Call) -> Answer:
    """``events/restSearch``: whole events, or without their content (``metadata``)."""
    asked = search_parameters(call)
    counted = wants_count(asked)
    if "timestamp" in asked:
        # Here the plain timestamp is the event's (attribute_timestamp is the attribute's).
        asked["event_timestamp"] = asked.pop("timestamp")
    filter_ = filter_of(call, asked, searchall=True)
    page = find_events(call.connection, call.caller, filter_)
    if counted:
        return answer_found(str(len(page.rows)), page.total, counted=True)
    shown = whole_events(
        call.connection,
        call.caller,
        page.rows,
        metadata=truthy(asked.get("metadata")),
        deleted=sorted(filter_.flags.get("deleted", {0})),
        to_ids=sorted(filter_.flags.get("to_ids", {0, 1})),
        sightings=truthy(asked.get("includeSightings")),
    )
    return answer_found({"response": shown}, page.total)


def index(call: Call) -> Answer:
    """``events/index``: a list of events without their content; empty filters list all."""
    asked = _index_parameters(call.parameters())
    filter_ = read_filter(asked, call.now, searchall=True)
    page = find_events(call.connection, call.caller, filter_)
    orgs = orgs_by_id(call.connection)
    if truthy(asked.get("minimal")):
        shown = [render.event_minimal(row, orgs) for row in page.rows]
    else:
        tags = event_tags(call.connection, (row.id for row in page.rows))
        shown = [render.event_listed(row, orgs, tags.get(row.id, [])) for row in page.rows]
    return Answer(shown, headers={"X-Result-Count": str(page.total)})


def view(call: Call) -> Answer:
    """``events/view/ID``, by id or UUID; ``deleted`` adds what was softly deleted."""
    event = visible_event(call, call.argument())
    if event is None:
        raise Refused(404, INVALID_EVENT)
    deleted = call.parameters().get("deleted")
    states = [0, 1] if truthy(deleted) else [0]
    return Answer(_shown(call, event, deleted=states))


def add(call: Call) -> Answer:
    """``events/add``: a whole event in one transaction; invalid attributes are dropped."""
    new = read_event(call.body)
    if not call.caller.may(Permission.PUBLISH):
        new = msgspec.structs.replace(new, published=False)
    today = datetime.fromtimestamp(call.now, UTC).strftime("%Y-%m-%d")
    try:
        event_id, _ = writing_for(call).event(new, today)
    except Duplicate as taken:
        # Whether an event that the caller may not see exists is not told.
        seen = visible_event(call, str(taken.id))
        location = f"/events/{taken.id}" if seen else None
        raise Refused(404, _EXISTS, location=location) from None
    return Answer(_shown(call, _reread(call, event_id)))


def edit(call: Call) -> Answer:
    """``events/edit/ID``: takes over what was given, keeps what is not mentioned."""
    given = unwrap(call.body, "Event")
    name = call.argument() or str(given.get("uuid") or "")
    event = own_event(call, name)
    if not given:
        raise Refused(405, NO_EVENT)
    _demand_newer(given, event)
    problems = editing.edit_event(writing_for(call), event, given)
    if problems:
        raise could_not("edit", "Event", {"Event": problems})
    if truthy(given.get("published")) and call.caller.may(Permission.PUBLISH):
        _set_published(call, event.id, published=True)
    return Answer(_shown(call, _reread(call, event.id)))


def _demand_newer(given: Mapping[str, Any], event: EventRow) -> None:
    stamp = epoch_of(given.get("timestamp") or "", 0)
    if stamp is not None and stamp <= event.timestamp:
        raise could_not("edit", "Event", {"error": _NOT_NEWER})


def delete(call: Call) -> Answer:
    """``events/delete/ID``: for good; MISP answers 403 for what is not there."""
    event = visible_event(call, call.argument())
    if event is None:
        raise Refused(
            403,
            "Could not delete Event",
            saved_errors="Event was not deleted.",
            url="/events/delete",
        )
    if not owns(call, event):
        raise Refused(403, NOT_YOURS)
    editing.delete_event(call.connection, event.id)
    return done(call, "Event deleted.")


def publish(call: Call) -> Answer:
    """``events/publish/ID`` (and ``alert``: the node sends no mail)."""
    event = own_event(call, call.argument())
    _set_published(call, event.id, published=True)
    return done(call, "Event published without alerts", id=str(event.id))


def unpublish(call: Call) -> Answer:
    """``events/unpublish/ID``: what is not published, others do not see."""
    event = own_event(call, call.argument())
    _set_published(call, event.id, published=False)
    return done(call, "Event unpublished.", id=str(event.id))


def _shown(call: Call, event: EventRow, **options: Any) -> dict[str, Any]:
    metadata = truthy(call.named.get("metadata"))
    shown = whole_events(call.connection, call.caller, [event], metadata=metadata, **options)
    return shown[0]


def _reread(call: Call, event_id: int) -> EventRow:
    event = visible_event(call, str(event_id))
    if event is None:
        raise Refused(404, INVALID_EVENT)
    return event


def _set_published(call: Call, event_id: int, *, published: bool) -> None:
    call.connection.execute(
        "UPDATE event SET published = ?1,"
        " publish_timestamp = CASE WHEN ?1 THEN ?2 ELSE publish_timestamp END WHERE id = ?3",
        (published, call.now, event_id),
    )


def _index_parameters(given: Mapping[str, Any]) -> dict[str, Any]:
    """The index's parameters under the search's names; an empty filter lists all, as in MISP."""
    renamed = {_INDEX_NAMES.get(name, name): value for name, value in given.items()}
    kept = {name: value for name, value in renamed.items() if value not in (None, "", [], {})}
    title = kept.get("eventinfo")
    if isinstance(title, str):
        kept["eventinfo"] = f"%{title.strip('%')}%"
    kept["order"] = f"Event.{kept.get('sort', 'id')} {_direction(kept)}"
    return kept


def _direction(asked: Mapping[str, Any]) -> str:
    down = str(asked.get("direction")).lower() == "desc" or truthy(asked.get("desc"))
    return "desc" if down else "asc"


ENDPOINTS = {
    ("events", "restSearch"): Endpoint(rest_search),
    ("events", "index"): Endpoint(index),
    ("events", "view"): Endpoint(view),
    ("events", "add"): Endpoint(add, Permission.WRITE, writes=True),
    ("events", "edit"): Endpoint(edit, Permission.WRITE, writes=True),
    ("events", "delete"): Endpoint(delete, Permission.WRITE, writes=True),
    ("events", "publish"): Endpoint(publish, Permission.PUBLISH, writes=True),
    ("events", "alert"): Endpoint(publish, Permission.PUBLISH, writes=True),
    ("events", "unpublish"): Endpoint(unpublish, Permission.PUBLISH, writes=True),
}
