"""Changing and deleting what is there; any change touches the event and takes it back."""

# ruff: noqa: S608 - SQL is made of the module's own words; what clients send are parameters

import sqlite3
from collections.abc import Mapping
from typing import Any

from securegrid.node.acceptance import Problems, accept
from securegrid.node.filters import truthy
from securegrid.node.folding import fold
from securegrid.node.intake import (
    event_problems,
    read_attribute,
    read_object,
    read_tags,
)
from securegrid.node.moments import epoch_of, iso_date, iso_moment
from securegrid.node.records import NewAttribute
from securegrid.node.rows import ATTRIBUTE_COLUMNS, AttributeRow, EventRow, ObjectRow
from securegrid.node.writing import SIMILAR, Writing

Json = Mapping[str, Any]


def touch(connection: sqlite3.Connection, event_id: int, now: int) -> None:
    """The event changed now: it is no longer published until its owner says so again."""
    connection.execute(
        "UPDATE event SET timestamp = max(?, timestamp), published = 0 WHERE id = ?",
        (now, event_id),
    )


def edit_event(writing: Writing, event: EventRow, given: Json) -> Problems:
    """Take over the fields that were given, and merge attributes, objects and tags.

    Attributes and objects with a known UUID are changed (unless what is sent is older), others
    are added; what is not mentioned stays. Returns what is wrong with the event's own fields.
    """
    problems = event_problems({k: v for k, v in given.items() if k != "uuid"})
    if "info" in given and not str(given["info"] or "").strip():
        problems["info"] = ["valueNotEmpty"]
    if problems:
        return problems
    _event_fields(writing, event, given)
    writing.tags.attach_to_event(event.id, read_tags(given.get("Tag")))
    for attribute in _mappings(given.get("Attribute")):
        merge_attribute(writing, event.id, 0, attribute)
    for misp_object in _mappings(given.get("Object")):
        merge_object(writing, event.id, misp_object)
    writing.recount(event.id)
    return {}


def merge_attribute(writing: Writing, event_id: int, object_id: int, given: Json) -> None:
    """Change the attribute of this UUID, or add it; invalid ones are dropped (trap 11)."""
    known = attribute_by_uuid(writing.connection, event_id, str(given.get("uuid") or ""))
    if known is not None:
        edit_attribute(writing, known, given)
        return
    new = read_attribute(given)
    if not new.deleted:
        writing.attributes(event_id, object_id, [new], similar(writing.connection, event_id, new))


def merge_object(writing: Writing, event_id: int, given: Json) -> None:
    """Change the object of this UUID, or add it."""
    uuid = str(given.get("uuid") or "").lower()
    row = writing.connection.execute(
        "SELECT * FROM object WHERE event_id = ? AND uuid = ?", (event_id, uuid)
    ).fetchone()
    if row is None:
        writing.object(event_id, read_object(given))
    else:
        edit_object(writing, ObjectRow(*row), given)


def edit_object(writing: Writing, row: ObjectRow, given: Json) -> None:
    """Take over the object's fields and merge its attributes and references."""
    changes: dict[str, Any] = {"timestamp": writing.now}
    changes |= _texts(given, ("comment",)) | _moments(given)
    changes |= _numbers(given, {"distribution": (0, 1, 2, 3, 5)})
    _update(writing.connection, "object", row.id, changes)
    for attribute in _mappings(given.get("Attribute")):
        merge_attribute(writing, row.event_id, row.id, attribute)
    for new in read_object(given).references:
        taken = writing.connection.execute(
            "SELECT 1 FROM object_reference WHERE uuid = ?", (new.uuid,)
        ).fetchone()
        if taken is None:
            writing.reference(row.event_id, row.id, new)
    if truthy(given.get("deleted")):
        delete_object(writing.connection, row.id, writing.now, hard=False)


def edit_attribute(writing: Writing, row: AttributeRow, given: Json) -> Problems:
    """Take over the fields that were given; an older timestamp than the stored one is ignored."""
    sent = given.get("timestamp")
    stamp = epoch_of(sent, 0) if sent not in (None, "", "0", 0) else None
    if stamp is not None and stamp < row.timestamp:
        return {}
    changed = _as_new(row, given)
    verdict = accept(changed)
    if isinstance(verdict, dict):
        return verdict
    if row.object_id == 0 and _taken(writing.connection, row, changed):
        return {"value": [SIMILAR]}
    changes = {
        **verdict._asdict(),
        "timestamp": stamp if stamp is not None and stamp > row.timestamp else writing.now,
        "comment": changed.comment,
        "distribution": changed.distribution,
        "disable_correlation": changed.disable_correlation,
        "deleted": changed.deleted,
        "first_seen": iso_moment(changed.first_seen),
        "last_seen": iso_moment(changed.last_seen),
    }
    _update(writing.connection, "attribute", row.id, changes)
    writing.tags.attach_to_attribute(row.id, row.event_id, read_tags(given.get("Tag")))
    return {}


def attribute_by_uuid(
    connection: sqlite3.Connection, event_id: int, uuid: str
) -> AttributeRow | None:
    """The attribute of this UUID in this event."""
    row = connection.execute(
        f"SELECT {ATTRIBUTE_COLUMNS} FROM attribute a WHERE uuid = ? AND event_id = ?",
        (uuid.lower(), event_id),
    ).fetchone()
    return AttributeRow(*row) if row else None


def similar(
    connection: sqlite3.Connection, event_id: int, new: NewAttribute
) -> list[tuple[str, str, str, str]]:
    """What the event has already that equals the new attribute."""
    verdict = accept(new)
    if isinstance(verdict, dict):
        return []
    rows = connection.execute(
        "SELECT type, category, key1, key2 FROM attribute WHERE key1 = ? AND key2 = ?"
        # The plus keeps it from going through the whole event instead of the value's index.
        " AND +event_id = ? AND object_id = 0 AND deleted = 0",
        (verdict.key1, verdict.key2, event_id),
    )
    return [tuple(row) for row in rows]


def delete_attribute(
    connection: sqlite3.Connection, row: AttributeRow, now: int, *, hard: bool
) -> None:
    """Soft: mark it, so that copies elsewhere learn of it. Hard: as if it had never been."""
    if not hard:
        connection.execute(
            "UPDATE attribute SET deleted = 1, timestamp = ? WHERE id = ?", (now, row.id)
        )
        return
    connection.execute("DELETE FROM attribute_tag WHERE attribute_id = ?", (row.id,))
    connection.execute("DELETE FROM sighting WHERE attribute_id = ?", (row.id,))
    connection.execute("DELETE FROM attribute WHERE id = ?", (row.id,))


def delete_object(connection: sqlite3.Connection, object_id: int, now: int, *, hard: bool) -> None:
    """Delete an object with its attributes, softly or for good."""
    found = connection.execute(
        f"SELECT {ATTRIBUTE_COLUMNS} FROM attribute a WHERE a.object_id > 0 AND a.object_id = ?",
        (object_id,),
    ).fetchall()
    for row in found:
        delete_attribute(connection, AttributeRow(*row), now, hard=hard)
    if hard:
        connection.execute("DELETE FROM object WHERE id = ?", (object_id,))
    else:
        connection.execute(
            "UPDATE object SET deleted = 1, timestamp = ? WHERE id = ?", (now, object_id)
        )


def delete_event(connection: sqlite3.Connection, event_id: int) -> None:
    """Delete an event and all that belongs to it, for good."""
    for table in ("sighting", "attribute_tag", "attribute"):
        connection.execute(f"DELETE FROM {table} WHERE event_id = ?", (event_id,))
    connection.execute("DELETE FROM event WHERE id = ?", (event_id,))


def _event_fields(writing: Writing, event: EventRow, given: Json) -> None:
    changes: dict[str, Any] = _numbers(
        given,
        {"distribution": (0, 1, 2, 3), "threat_level_id": (1, 2, 3, 4), "analysis": (0, 1, 2)},
    )
    changes |= _texts(given, ("info", "extends_uuid"))
    if "info" in changes:
        changes["info_key"] = fold(changes["info"])
    if given.get("date"):
        changes["date"] = iso_date(given["date"])
    if "disable_correlation" in given:
        changes["disable_correlation"] = truthy(given["disable_correlation"])
    touch(writing.connection, event.id, writing.now)
    _update(writing.connection, "event", event.id, changes)


def _as_new(row: AttributeRow, given: Json) -> NewAttribute:
    kept = {
        "type": row.type,
        "value": row.value,
        "category": row.category,
        "comment": row.comment,
        "to_ids": bool(row.to_ids),
        "distribution": row.distribution,
        "first_seen": row.first_seen,
        "last_seen": row.last_seen,
        "disable_correlation": bool(row.disable_correlation),
        "deleted": bool(row.deleted),
    }
    sent = {k: v for k, v in given.items() if k in kept}
    return read_attribute({**kept, **sent})


def _taken(connection: sqlite3.Connection, row: AttributeRow, changed: NewAttribute) -> bool:
    verdict = accept(changed)
    if isinstance(verdict, dict):
        return False
    found = connection.execute(
        "SELECT 1 FROM attribute WHERE key1 = ? AND key2 = ? AND +type = ? AND category = ?"
        " AND +event_id = ? AND object_id = 0 AND deleted = 0 AND id <> ?",
        (verdict.key1, verdict.key2, verdict.type, verdict.category, row.event_id, row.id),
    ).fetchone()
    return found is not None and not changed.deleted


def _update(
    connection: sqlite3.Connection, table: str, row_id: int, changes: Mapping[str, Any]
) -> None:
    """``changes`` are by column; the names are this module's own, never a client's."""
    if not changes:
        return
    columns = ", ".join(f"{name} = ?" for name in changes)
    connection.execute(
        f"UPDATE {table} SET {columns} WHERE id = ?",
        (*changes.values(), row_id),
    )


def _texts(given: Json, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: str(given[name] or "") for name in names if name in given}


def _moments(given: Json) -> dict[str, Any]:
    return {name: iso_moment(given[name]) for name in ("first_seen", "last_seen") if name in given}


def _numbers(given: Json, options: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, allowed in options.items():
        written = str(given.get(name, "")).strip()
        if written.isdecimal() and int(written) in allowed:
            found[name] = int(written)
    return found


def _mappings(given: object) -> list[Json]:
    entries = given if isinstance(given, list) else [given]
    return [entry for entry in entries if isinstance(entry, Mapping)]
