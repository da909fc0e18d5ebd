"""Finding attributes and events: the filter's conditions, run in the order that is quick."""

# ruff: noqa: S608 - SQL is made of the module's own words; what clients send are parameters

import re
import sqlite3
from typing import NamedTuple

from securegrid.node import conditions as where
from securegrid.node.accounts import Caller
from securegrid.node.conditions import Condition
from securegrid.node.filters import Filter
from securegrid.node.protocol import Refused
from securegrid.node.rows import (
    ATTRIBUTE_COLUMNS,
    EVENT_COLUMNS,
    AttributeRow,
    EventRow,
    listed,
)

# An answer is built in memory: about 0.6 kB per attribute.
MAX_ROWS = 250_000
TOO_MANY = f"More than {MAX_ROWS} rows match. Use limit and page."

# Up to this many attributes, going event by event is quicker than walking all attributes.
_FEW_ATTRIBUTES = 200_000
_ORDER = re.compile(r"(?:(Attribute|Event)\.)?(\w+)(?:\s+(asc|desc))?", re.I)
_ATTRIBUTE_ORDERS = frozenset({"id", "event_id", "timestamp", "type", "category", "uuid"})
_EVENT_ORDERS = frozenset(
    {"id", "timestamp", "publish_timestamp", "date", "info", "attribute_count", "uuid"}
)
# These find few rows through their own index, whatever else is asked.
_DRIVERS = ("value", "value1", "uuid")


class EventPage(NamedTuple):
    """One page of events, and how many there are on all pages (trap 5)."""

    rows: list[EventRow]
    total: int


def find_attributes(
    connection: sqlite3.Connection, caller: Caller, filter_: Filter
) -> list[AttributeRow]:
    """The attributes that the caller may see and the filter wants, by id unless ordered.

    Raises ``Refused`` when without a limit more than ``MAX_ROWS`` match.
    """
    order = _order(filter_.order, "Attribute", "a", _ATTRIBUTE_ORDERS) or "a.id"
    sql, args = _attribute_sql(connection, caller, filter_)
    limit = filter_.paging.limit
    rows = connection.execute(
        f"SELECT {ATTRIBUTE_COLUMNS} {sql} ORDER BY {order} LIMIT ? OFFSET ?",
        (*args, MAX_ROWS + 1 if limit is None else limit, filter_.paging.offset),
    ).fetchall()
    if limit is None and len(rows) > MAX_ROWS:
        raise Refused(400, TOO_MANY)
    return [AttributeRow._make(row) for row in rows]


def count_attributes(connection: sqlite3.Connection, caller: Caller, filter_: Filter) -> int:
    """How many attributes match; a limit is a limit of the count, too (``rs_count_limit``)."""
    sql, args = _attribute_sql(connection, caller, filter_)
    limit = filter_.paging.limit
    if limit is None:
        found = connection.execute(f"SELECT count(*) {sql}", args)
    else:
        found = connection.execute(
            f"SELECT count(*) FROM (SELECT 1 {sql} LIMIT ?)",
            (*args, limit),
        )
    return int(found.fetchone()[0])


def find_events(connection: sqlite3.Connection, caller: Caller, filter_: Filter) -> EventPage:
    """The events that the caller may see and that have what the filter wants."""
    condition = _event_condition(connection, caller, filter_)
    order = _order(filter_.order, "Event", "e", _EVENT_ORDERS) or "e.id"
    source = f"FROM event e WHERE {condition.sql}"
    total = connection.execute(f"SELECT count(*) {source}", condition.args).fetchone()[0]
    limit = filter_.paging.limit
    rows = connection.execute(
        f"SELECT {EVENT_COLUMNS} {source} ORDER BY {order} LIMIT ? OFFSET ?",
        (*condition.args, -1 if limit is None else limit, filter_.paging.offset),
    ).fetchall()
    return EventPage([EventRow._make(row) for row in rows], total)


def _attribute_sql(
    connection: sqlite3.Connection, caller: Caller, filter_: Filter
) -> tuple[str, tuple[object, ...]]:
    of_event = where.event_conditions(connection, filter_)
    parts = [
        *where.attribute_conditions(filter_),
        *where.attribute_tag_conditions(connection, filter_),
        *of_event,
        where.visible_events(caller),
        where.visible_attributes(caller),
    ]
    if of_event and not any(name in filter_.choices for name in _DRIVERS):
        parts += _by_event(connection, where.both(of_event))
    condition = where.both(parts)
    # CROSS JOIN keeps SQLite from walking all events first, which it would to check visibility.
    source = "FROM attribute a CROSS JOIN event e ON e.id = a.event_id"
    return f"{source} WHERE {condition.sql}", condition.args


def _by_event(connection: sqlite3.Connection, of_event: Condition) -> list[Condition]:
    rows = connection.execute(
        f"SELECT e.id, e.attribute_count FROM event e WHERE {of_event.sql}",
        of_event.args,
    ).fetchall()
    if sum(count for _, count in rows) > _FEW_ATTRIBUTES:
        return []
    chosen = listed(event_id for event_id, _ in rows)
    return [Condition("a.event_id IN (SELECT value FROM json_each(?))", (chosen,))]


def _event_condition(connection: sqlite3.Connection, caller: Caller, filter_: Filter) -> Condition:
    choices = dict(filter_.choices)
    parts = [
        where.visible_events(caller),
        *where.event_conditions(connection, filter_),
        *where.event_tag_conditions(connection, caller, filter_),
    ]
    if uuids := choices.pop("uuid", None):
        parts.append(where.event_by_any_uuid(caller, uuids))
    if text := choices.pop("searchall", None):
        parts.append(where.searchall_condition(caller, text))
    return where.both([*parts, *_inside(caller, filter_._replace(choices=choices))])


def _inside(caller: Caller, filter_: Filter) -> list[Condition]:
    """Events of which at least one attribute has what is asked of attributes."""
    if not where.attribute_conditions(filter_, deleted=False):
        return []
    return [where.has_attribute(caller, where.both(where.attribute_conditions(filter_)))]


def _order(asked: str, model: str, alias: str, columns: frozenset[str]) -> str | None:
    match = _ORDER.fullmatch(asked.strip())
    if match is None or (match[1] or model).lower() != model.lower():
        return None
    column = match[2].lower()
    if column not in columns:
        return None
    direction = (match[3] or "asc").upper()
    # Titles sort as the database compares them: without case, accents or width.
    column = "info_key" if column == "info" else column
    tie = "" if column == "id" else f", {alias}.id"
    return f"{alias}.{column} {direction}{tie}"
