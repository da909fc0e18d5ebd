"""Exchanging and removing events in the file of one generation, whole or not at all."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from securegrid.index.port import EventRows
from securegrid.index.sqlite_layout import (
    EVENT_BYTES,
    EVENTS_AT_MOST,
    KEY_BYTES,
    TRACE_BYTES,
    Note,
    beginnings,
    keys_of,
    note_of,
    number_bytes,
)
from securegrid.values.fingerprints import FINGERPRINT_BYTES

# ruff: noqa: S608 - only numbers of ours are put into the statements

# Each statement takes apart what stands in ?1 one behind the other. SQLite does it, and sorts,
# without holding Python's lock.
_KEYS = f"""
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + {KEY_BYTES} FROM n
                        WHERE i + {KEY_BYTES} < length(?1))
"""
_INSERT = f"{_KEYS} INSERT OR IGNORE INTO row SELECT substr(?1, i, {KEY_BYTES}) FROM n ORDER BY 1"
_DELETE = f"{_KEYS} DELETE FROM row WHERE key IN (SELECT substr(?1, i, {KEY_BYTES}) FROM n)"

# Of each beginning: the first fingerprint that begins so, and of that the rows of the event.
# Going through all rows that begin so would take long where one value is in every event.
_HELD = f"""
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + {TRACE_BYTES} FROM n
                        WHERE i + {TRACE_BYTES} < length(?1)),
first(fingerprint) AS MATERIALIZED (
    SELECT (SELECT substr(key, 1, 16) FROM row WHERE key >= substr(?1, i, {TRACE_BYTES})
            ORDER BY key LIMIT 1) FROM n)
SELECT key FROM first CROSS JOIN row
WHERE key >= CAST(fingerprint || ?2 AS BLOB) AND key < CAST(fingerprint || ?3 AS BLOB)
"""
_HELD_THAT_BEGIN = f"""
SELECT key FROM row WHERE key >= ?1 AND key < ?3 AND substr(key, 17, {EVENT_BYTES}) = ?2
"""


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction; none of it after an error."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def replace(connection: sqlite3.Connection, events: Iterable[EventRows]) -> None:
    """Exchange these events within the caller's transaction; of an event given twice the last.

    Rows that stay as they are are not touched. Raises OverflowError after 4 billion events.
    """
    number = first_free(connection)
    gone, added = bytearray(), bytearray()
    for event in {event.event: event for event in events}.values():
        held = _number_of(connection, event.event)
        old = set() if held is None else _forget(connection, held)
        its = number if held is None else held
        new = keys_of(event, its)
        insert_notes(connection, [note_of(event, its, new)])
        gone += b"".join(old - new)
        added += b"".join(new - old)
        number += held is None
    _delete_rows(connection, gone)
    insert_rows(connection, added)
    make_whole_below(connection, number)


def remove(connection: sqlite3.Connection, events: Iterable[bytes]) -> None:
    """Delete these events with their rows within the caller's transaction."""
    gone = bytearray()
    for event in events:
        number = _number_of(connection, event)
        if number is not None:
            gone += b"".join(_forget(connection, number))
    _delete_rows(connection, gone)
    make_whole_below(connection, first_free(connection))


def insert_notes(connection: sqlite3.Connection, notes: Sequence[Note]) -> None:
    """Note events; their rows follow. Raises OverflowError after 4 billion events."""
    if any(note.number >= EVENTS_AT_MOST for note in notes):
        raise OverflowError("no number is left for an event; rebuild the index")
    connection.executemany(
        "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)", [note[:-1] for note in notes]
    )
    traces = [(note.number, note.trace) for note in notes]
    connection.executemany("INSERT INTO trace VALUES (?, ?)", traces)


def insert_rows(connection: sqlite3.Connection, keys: bytes | bytearray) -> None:
    """Insert the keys that stand in ``keys`` one behind the other, in any order."""
    if keys:
        connection.execute(_INSERT, (keys,))


def first_free(connection: sqlite3.Connection) -> int:
    """The number of the next event; a number is never given to another event."""
    number: int = connection.execute("SELECT whole_below FROM state").fetchone()[0]
    return number


def make_whole_below(connection: sqlite3.Connection, number: int) -> None:
    """Let readers see the events with smaller numbers."""
    connection.execute("UPDATE state SET whole_below = ?, changes = changes + 1", (number,))


def empty_journal(connection: sqlite3.Connection) -> None:
    """Move what is in the journal into the file, and leave nothing in it unless somebody reads."""
    [[waiting_ms]] = connection.execute("PRAGMA busy_timeout").fetchall()
    connection.execute("PRAGMA busy_timeout = 0")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute(f"PRAGMA busy_timeout = {waiting_ms}")


def _number_of(connection: sqlite3.Connection, event: bytes) -> int | None:
    held = connection.execute("SELECT number FROM event WHERE uuid = ?", (event,)).fetchone()
    return held[0] if held else None


def _forget(connection: sqlite3.Connection, number: int) -> set[bytes]:
    """Delete the event, not its rows; returns their keys."""
    count, trace = connection.execute(
        "SELECT row_count, beginnings FROM event JOIN trace USING (number) WHERE number = ?",
        (number,),
    ).fetchone()
    connection.execute("DELETE FROM trace WHERE number = ?", (number,))
    connection.execute("DELETE FROM event WHERE number = ?", (number,))
    begin = beginnings(trace)
    keys = _held_keys(connection, number, begin)
    return keys if len(keys) == count else _held_keys_slowly(connection, number, begin)


def _held_keys(connection: sqlite3.Connection, number: int, begin: Sequence[bytes]) -> set[bytes]:
    if not begin:
        return set()
    ours, next_one = number_bytes(number), number_bytes(number + 1)
    return {key for (key,) in connection.execute(_HELD, (b"".join(begin), ours, next_one))}


def _held_keys_slowly(
    connection: sqlite3.Connection, number: int, begin: Sequence[bytes]
) -> set[bytes]:
    """Where two fingerprints begin alike: every row that begins so is looked at."""
    keys: set[bytes] = set()
    for beginning in begin:
        end = beginning.ljust(FINGERPRINT_BYTES + 1, b"\xff")
        found = connection.execute(_HELD_THAT_BEGIN, (beginning, number_bytes(number), end))
        keys.update(key for (key,) in found)
    return keys


def _delete_rows(connection: sqlite3.Connection, keys: bytearray) -> None:
    if keys:
        connection.execute(_DELETE, (keys,))
