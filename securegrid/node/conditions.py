"""Turning a typed filter into SQL conditions over ``attribute a`` and ``event e``."""

# ruff: noqa: S608 - SQL is made of the module's own words; what clients send are parameters

import ipaddress
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from securegrid.node.acceptance import UUID
from securegrid.node.accounts import Caller
from securegrid.node.filters import Choice, Filter, Span
from securegrid.node.folding import fold, fold_pattern, prefix_range
from securegrid.node.rows import listed

_IN = "IN (SELECT value FROM json_each(?))"
_NEVER = "0"


class Condition(NamedTuple):
    """A piece of a WHERE clause with its parameters."""

    sql: str
    args: tuple[object, ...] = ()


def both(conditions: Iterable[Condition]) -> Condition:
    """All of them; true when there are none."""
    return _joined(conditions, " AND ", "1")


def either(conditions: Iterable[Condition]) -> Condition:
    """Any of them; false when there are none."""
    return _joined(conditions, " OR ", _NEVER)


def none_of(condition: Condition) -> Condition:
    """The opposite."""
    return Condition(f"NOT {condition.sql}", condition.args)


def visible_events(caller: Caller) -> Condition:
    """Events that the caller may see: its organisation's, and what others published to it.

    As MISP with its setting ``unpublishedprivate``; distribution 0 never leaves the organisation.
    """
    if caller.sees_all:
        return Condition("1")
    own = "(e.orgc_id = ? OR e.org_id = ?)"
    return Condition(
        f"({own} OR (e.published = 1 AND e.distribution > 0))", (caller.org_id, caller.org_id)
    )


def visible_attributes(caller: Caller) -> Condition:
    """Attributes of a visible event that the caller may see; deleted ones are the owner's."""
    if caller.sees_all:
        return Condition("1")
    own = "(e.orgc_id = ? OR e.org_id = ?)"
    open_object = (
        "(a.object_id = 0 OR (SELECT o.distribution FROM object o WHERE o.id = a.object_id) > 0)"
    )
    shared = f"(a.distribution > 0 AND a.deleted = 0 AND {open_object})"
    return Condition(f"({own} OR {shared})", (caller.org_id, caller.org_id))


def event_conditions(connection: sqlite3.Connection, filter_: Filter) -> list[Condition]:
    """What the filter asks of the event itself."""
    choices, spans, flags = filter_.choices, filter_.spans, filter_.flags
    found = [
        *_each(choices, "eventid", _by_event),
        *_each(choices, "eventinfo", lambda c: _by_entry(c, _event_info)),
        *_each(choices, "org", lambda c: _by_orgs(connection, c)),
        *_each(choices, "threat_level_id", lambda c: _plain("e.threat_level_id", c)),
        *_each(choices, "analysis", lambda c: _plain("e.analysis", c)),
        *_each(choices, "event_distribution", lambda c: _plain("e.distribution", c)),
        *_span(spans, "event_timestamp", "e.timestamp"),
        *_span(spans, "publish_timestamp", "e.publish_timestamp"),
        *_span(spans, "date", "e.date"),
    ]
    if "publish_timestamp" in spans:
        found.append(Condition("e.published = 1"))
    if "published" in flags:
        found.append(_flag("e.published", flags["published"]))
    return found


def attribute_conditions(filter_: Filter, *, deleted: bool = True) -> list[Condition]:
    """What the filter asks of the attribute itself; live ones only unless it says otherwise."""
    choices, spans, flags = filter_.choices, filter_.spans, filter_.flags
    found = [
        *_each(choices, "value", _by_value),
        *_each(choices, "value1", lambda c: _by_half("key1", c)),
        *_each(choices, "value2", lambda c: _by_half("key2", c)),
        *_each(choices, "uuid", lambda c: _in_unions(c, _any_uuid)),
        *_each(choices, "type", lambda c: _plain("a.type", c)),
        *_each(choices, "category", lambda c: _plain("a.category", c)),
        *_each(choices, "object_relation", lambda c: _plain("a.object_relation", c)),
        *_each(choices, "comment", lambda c: _plain("a.comment", c)),
        *_span(spans, "timestamp", "a.timestamp"),
        *_span(spans, "first_seen", "a.first_seen"),
        *_span(spans, "last_seen", "a.last_seen"),
    ]
    if "to_ids" in flags:
        found.append(_flag("a.to_ids", flags["to_ids"]))
    if deleted:
        found.append(_flag("a.deleted", flags.get("deleted", frozenset({0}))))
    return found


def attribute_tag_conditions(connection: sqlite3.Connection, filter_: Filter) -> list[Condition]:
    """What the filter asks of the tags of an attribute or of its event."""
    return _tag_conditions(connection, filter_, _tagged_attribute)


def event_tag_conditions(
    connection: sqlite3.Connection, caller: Caller, filter_: Filter
) -> list[Condition]:
    """What the filter asks of the tags of an event or of its attributes."""

    def tagged_event(tag_ids: str) -> Condition:
        own = Condition(f"e.id IN (SELECT event_id FROM event_tag WHERE tag_id {_IN})", (tag_ids,))
        inside = Condition(
            f"a.id IN (SELECT attribute_id FROM attribute_tag WHERE tag_id {_IN})", (tag_ids,)
        )
        return either([own, has_attribute(caller, inside)])

    return _tag_conditions(connection, filter_, tagged_event)


def has_attribute(caller: Caller, asked: Condition) -> Condition:
    """Events with an attribute that the caller may see and for which ``asked`` holds.

    What the caller may not see must not decide what is found, or a search would tell of it.
    """
    inner = both([asked, visible_attributes(caller)])
    return Condition(
        "e.id IN (SELECT a.event_id FROM attribute a CROSS JOIN event e ON e.id = a.event_id"
        f" WHERE {inner.sql})",
        inner.args,
    )


def event_by_any_uuid(caller: Caller, choice: Choice) -> Condition:
    """Events by their own UUID, or by that of an attribute or object in them."""

    def any_part(entries: Iterable[str]) -> Condition:
        uuids = (listed(entry.lower() for entry in entries),)
        in_object = f"(a.object_id > 0 AND a.object_id IN (SELECT id FROM object WHERE uuid {_IN}))"
        inside = either([Condition(f"a.uuid {_IN}", uuids), Condition(in_object, uuids)])
        return either([Condition(f"e.uuid {_IN}", uuids), has_attribute(caller, inside)])

    return _in_unions(choice, any_part)


def searchall_condition(caller: Caller, choice: Choice) -> Condition:
    """Events with the text (or pattern) in an attribute's value or in the event's title."""

    def anywhere(entry: str) -> Condition:
        value = either([_key_matches("a.key1", entry), _key_matches("a.key2", entry)])
        live = both([Condition("a.deleted = 0"), value])
        return either([has_attribute(caller, live), _key_matches("e.info_key", entry)])

    return _by_entry(choice, anywhere)


def _joined(conditions: Iterable[Condition], word: str, empty: str) -> Condition:
    parts = list(conditions)
    if not parts:
        return Condition(empty)
    sql = word.join(part.sql for part in parts)
    return Condition(f"({sql})", tuple(arg for part in parts for arg in part.args))


def _each(
    choices: Mapping[str, Choice], name: str, make: Callable[[Choice], Condition]
) -> list[Condition]:
    return [make(choices[name])] if name in choices else []


def _by_entry(choice: Choice, make: Callable[[str], Condition]) -> Condition:
    parts: list[Condition] = []
    if choice.any_of:
        parts.append(either(make(entry) for entry in choice.any_of))
    parts += [make(entry) for entry in choice.all_of]
    parts += [none_of(make(entry)) for entry in choice.none_of]
    return both(parts)


def _by_value(choice: Choice) -> Condition:
    """The whole of value1 or of value2, or a pattern with ``%`` at an end (traps 2, 3).

    Required exact values act as alternatives, and a required pattern must fit both halves: so
    does MISP. Excluded values are really excluded, which MISP promises and fails to do.
    """
    exact_all = [entry for entry in choice.all_of if not _is_pattern(entry)]
    parts: list[Condition] = []
    if wanted := [*choice.any_of, *exact_all]:
        parts.append(_any_value(wanted))
    for entry in choice.all_of:
        if _is_pattern(entry):
            parts += [_key_matches("a.key1", entry), _key_matches("a.key2", entry)]
    if choice.none_of:
        parts.append(none_of(_any_value(choice.none_of)))
    return both(parts)


def _any_value(entries: Iterable[str]) -> Condition:
    texts = list(entries)
    # SQLite's JSON ends a text at a NUL: what holds one would match what does not.
    keys = [
        key for key in (_key(t) for t in texts if not _is_pattern(t)) if key and "\0" not in key
    ]
    halves = [("key1", ""), ("key2", "key2 <> '' AND ")]
    parts: list[Condition] = []
    for column, guard in halves:
        if keys:
            parts.append(Condition(f"{guard}{column} {_IN}", (listed(keys),)))
        for text in texts:
            if _is_pattern(text):
                match = _key_matches(column, text)
                parts.append(Condition(guard + match.sql, match.args))
    if not parts:
        return Condition(_NEVER)
    union = " UNION ALL ".join(f"SELECT id FROM attribute WHERE {p.sql}" for p in parts)
    return Condition(f"a.id IN ({union})", tuple(arg for part in parts for arg in part.args))


def _by_half(column: str, choice: Choice) -> Condition:
    return _by_entry(choice, lambda entry: _key_matches(f"a.{column}", entry))


def _key_matches(column: str, entry: str) -> Condition:
    if not _is_pattern(entry):
        return Condition(f"{column} = ?", (_key(entry),))
    pattern = fold_pattern(entry)
    body = pattern[:-1]
    if pattern.endswith("%") and not any(mark in body for mark in "%_\\"):
        return Condition(f"({column} >= ? AND {column} < ?)", prefix_range(body))
    return Condition(f"{column} LIKE ? ESCAPE '\\'", (pattern,))


def _is_pattern(entry: str) -> bool:
    return entry.startswith("%") or entry.endswith("%")


def _key(entry: str) -> str:
    """The key of a searched value; IPv6 is compressed as the stored ones are (trap 3)."""
    if ":" in entry:
        try:
            return ipaddress.IPv6Address(entry.strip()).compressed
        except ValueError:
            pass
    return fold(entry)


def _any_uuid(entries: Iterable[str]) -> Condition:
    return Condition(f"a.uuid {_IN}", (listed(entry.lower() for entry in entries),))


def _plain(column: str, choice: Choice) -> Condition:
    """Fields of short, known words: compared exactly, with ``%`` patterns."""
    patterns = any(_is_pattern(entry) for part in choice for entry in part)
    if patterns or choice.all_of:
        return _by_entry(choice, lambda entry: _word_matches(column, entry))
    parts: list[Condition] = []
    if len(choice.any_of) == 1:
        # An equation, unlike a list, lets SQLite walk an index in order of id.
        parts.append(Condition(f"{column} = ?", choice.any_of))
    elif choice.any_of:
        parts.append(Condition(f"{column} {_IN}", (listed(choice.any_of),)))
    if choice.none_of:
        parts.append(
            Condition(f"({column} IS NULL OR {column} NOT {_IN})", (listed(choice.none_of),))
        )
    return both(parts)


def _word_matches(column: str, entry: str) -> Condition:
    if _is_pattern(entry):
        return Condition(f"ifnull({column}, '') LIKE ? ESCAPE '\\'", (entry,))
    return Condition(f"ifnull({column}, '') = ?", (entry,))


def _by_event(choice: Choice) -> Condition:
    """Events by id or UUID; the lists may be long, as a copy in step asks them."""

    def any_event(entries: Iterable[str]) -> Condition:
        texts = list(entries)
        ids = [int(text) for text in texts if text.isdecimal() and len(text) < 16]
        uuids = [text.lower() for text in texts if UUID.fullmatch(text)]
        return Condition(f"(e.id {_IN} OR e.uuid {_IN})", (listed(ids), listed(uuids)))

    return _in_unions(choice, any_event)


def _in_unions(choice: Choice, any_of: Callable[[Iterable[str]], Condition]) -> Condition:
    """For fields where one condition can stand for many entries."""
    parts: list[Condition] = []
    if choice.any_of:
        parts.append(any_of(choice.any_of))
    parts += [any_of([entry]) for entry in choice.all_of]
    if choice.none_of:
        parts.append(none_of(any_of(choice.none_of)))
    return both(parts)


def _event_info(entry: str) -> Condition:
    return _key_matches("e.info_key", entry)


def _by_orgs(connection: sqlite3.Connection, choice: Choice) -> Condition:
    rows = connection.execute("SELECT id, uuid, name FROM org").fetchall()

    def any_org(entries: Iterable[str]) -> Condition:
        named = {entry.lower() for entry in entries}
        found = [i for i, uuid, name in rows if named & {str(i), uuid, name.lower()}]
        return Condition(f"e.orgc_id {_IN}", (listed(found),))

    return _in_unions(choice, any_org)


def _tag_conditions(
    connection: sqlite3.Connection, filter_: Filter, tagged: Callable[[str], Condition]
) -> list[Condition]:
    def any_tag(entries: Iterable[str]) -> Condition:
        return tagged(listed({i for entry in entries for i in _tag_ids(connection, entry)}))

    return _each(filter_.choices, "tags", lambda choice: _in_unions(choice, any_tag))


def _tag_ids(connection: sqlite3.Connection, entry: str) -> list[int]:
    match = _key_matches("key", entry)
    number = int(entry) if entry.isdecimal() and len(entry) < 16 else -1
    rows = connection.execute(
        f"SELECT id FROM tag WHERE {match.sql} OR id = ?", (*match.args, number)
    )
    return [row[0] for row in rows]


def _tagged_attribute(tag_ids: str) -> Condition:
    return Condition(
        f"(a.event_id IN (SELECT event_id FROM event_tag WHERE tag_id {_IN})"
        f" OR a.id IN (SELECT attribute_id FROM attribute_tag WHERE tag_id {_IN}))",
        (tag_ids, tag_ids),
    )


def _span(spans: Mapping[str, Span], name: str, column: str) -> list[Condition]:
    if name not in spans:
        return []
    span = spans[name]
    if span.impossible:
        return [Condition(_NEVER)]
    parts: list[Condition] = []
    if span.start is not None:
        parts.append(Condition(f"{column} >= ?", (span.start,)))
    if span.end is not None:
        parts.append(Condition(f"{column} <= ?", (span.end,)))
    return [both(parts)]


def _flag(column: str, wanted: frozenset[int]) -> Condition:
    return Condition(f"{column} {_IN}", (listed(sorted(wanted)),))
