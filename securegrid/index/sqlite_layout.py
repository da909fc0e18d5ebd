"""What stands in the file of one generation: its tables, and how a row becomes one sorted key."""

import sqlite3
from typing import NamedTuple

from securegrid.index.port import EventRows, Row
from securegrid.values.fingerprints import FINGERPRINT_BYTES, Mark

EVENT_BYTES = 4
KEY_BYTES = FINGERPRINT_BYTES + EVENT_BYTES + 16 + 1
TRACE_BYTES = 6
"""So much of each fingerprint is noted per event, to find its rows again. That two begin alike is
noticed (see ``sqlite_writing``): fewer bytes would cost time, and nothing else."""
EVENTS_AT_MOST = 0xFF000000
"""No event's number begins with the byte FF, so that a fingerprint and FF ends its keys."""
PLACES = 1024
"""So many fingerprints are looked up in one statement."""
VERSION = 1

# key: fingerprint, number of the event, UUID of the attribute, mark. One blob, because comparing
# and inserting it takes two thirds of the time of four columns, and no byte more.
# trace: how the fingerprints of an event's rows begin.
# state.whole_below: events with a number from here on are of a build that has not ended; nobody
# sees them or their rows. state.changes: goes up with every transaction that changes what is seen.
# part: where in the file beside this one rows of such a build wait (see ``sqlite_build``).
# place: the numbers below PLACES; with it a statement takes a list of fingerprints apart.
_TABLES = f"""
CREATE TABLE row (key BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE event (
    number INTEGER PRIMARY KEY,
    uuid BLOB NOT NULL UNIQUE,
    timestamp INTEGER NOT NULL,
    published INTEGER NOT NULL,
    attributes INTEGER NOT NULL,
    row_count INTEGER NOT NULL
);
CREATE TABLE trace (number INTEGER PRIMARY KEY, beginnings BLOB NOT NULL);
CREATE TABLE state (whole_below INTEGER NOT NULL, changes INTEGER NOT NULL);
INSERT INTO state VALUES (1, 0);
CREATE TABLE part (bucket INTEGER, start INTEGER, size INTEGER NOT NULL,
                   PRIMARY KEY (bucket, start)) WITHOUT ROWID;
CREATE TABLE place (i INTEGER PRIMARY KEY);
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {PLACES})
INSERT INTO place SELECT i FROM n;
"""  # noqa: S608 - a number of ours

_MARKS = {mark: bytes([mark]) for mark in Mark}
_BY_BYTE = {int(mark): mark for mark in Mark}


class Note(NamedTuple):
    """What is kept of an event beside its rows: a row of ``event``, and of ``trace``."""

    number: int
    uuid: bytes
    timestamp: int
    published: bool
    attributes: int
    row_count: int
    trace: bytes


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty file."""
    connection.execute("PRAGMA page_size = 4096")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {VERSION}; COMMIT;")


def number_bytes(number: int) -> bytes:
    """An event's number as it stands in a key."""
    return number.to_bytes(EVENT_BYTES, "big")


def keys_of(event: EventRows, number: int) -> set[bytes]:
    """The keys of an event's rows, each once."""
    ours = number_bytes(number)
    return {row.fingerprint + ours + row.attribute + _MARKS[row.mark] for row in event.rows}


def row_of(key: bytes) -> Row:
    """The row that a key stands for."""
    return Row(fingerprint=key[:16], attribute=key[20:36], mark=_BY_BYTE[key[36]])


def number_of(key: bytes) -> int:
    """The number of the event that a key belongs to."""
    return int.from_bytes(key[16:20], "big")


def note_of(event: EventRows, number: int, keys: set[bytes]) -> Note:
    """What is kept of an event whose rows have these keys."""
    return Note(
        number=number,
        uuid=event.event,
        timestamp=event.stamp.timestamp,
        published=event.stamp.published,
        attributes=event.attributes,
        row_count=len(keys),
        trace=b"".join({key[:TRACE_BYTES] for key in keys}),
    )


def beginnings(trace: bytes) -> list[bytes]:
    """How the fingerprints of an event begin, sorted."""
    return sorted(trace[i : i + TRACE_BYTES] for i in range(0, len(trace), TRACE_BYTES))
