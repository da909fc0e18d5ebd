"""Puts together what was counted in pieces: one part at a time, in bounded memory."""

import sqlite3
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from securegrid.ingest.runs.database import PARTS, transaction
from securegrid.ingest.runs.packing import Item, events_of, together, unpack_key

GROUP_BYTES: Final = 4 << 20
"""Of the packed segments that are put together at once, at some 30 bytes an item."""

Group: TypeAlias = tuple[int, int]
"""A part, and the last segment of it that is in the group."""
Groups: TypeAlias = Iterator[tuple[tuple[bytes, ...], Group]]
Merge: TypeAlias = Callable[[Groups], Iterator[tuple[bytes, Group]]]


def in_this_process(groups: Groups) -> Iterator[tuple[bytes, Group]]:
    """Each group put together, one after another."""
    for segments, group in groups:
        yield together(segments), group


def fold(database: sqlite3.Connection, merge: Merge = in_this_process) -> None:
    """Count every segment into the items; ``merge`` gives ``together`` of each group in order.

    A kill in between loses nothing and doubles nothing: segments go in the transaction that
    counts them.
    """
    for data, (part, last) in merge(_groups(database)):
        with transaction(database):
            _write(database, part, events_of(data))
            database.execute("DELETE FROM segments WHERE part = ? AND id <= ?", (part, last))


def _groups(database: sqlite3.Connection) -> Groups:
    for part in range(PARTS):
        last = 0
        while True:
            segments, last = _group(database, part, last)
            if not segments:
                break
            yield segments, (part, last)


def _group(database: sqlite3.Connection, part: int, after: int) -> tuple[tuple[bytes, ...], int]:
    """The next segments of a part, and the last of them."""
    segments: list[bytes] = []
    found = database.execute(
        "SELECT id, data FROM segments WHERE part = ? AND id > ? ORDER BY id", (part, after)
    )
    size, last = 0, after
    for last, data in found:  # noqa: B007 - where the next group goes on
        segments.append(data)
        size += len(data)
        if size >= GROUP_BYTES:
            break
    found.close()
    return tuple(segments), last


def _write(database: sqlite3.Connection, part: int, events: list[tuple[bytes, list[Item]]]) -> None:
    counted = sorted((_event(database, key), items) for key, items in events)
    database.executemany(
        "INSERT INTO items VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " first = min(first, excluded.first), last = max(last, excluded.last),"
        " count = count + excluded.count",
        ((part, event, *item) for event, items in counted for item in items),
    )
    database.executemany(
        "UPDATE events SET version = version + 1, parts = parts | ? WHERE id = ?",
        ((1 << part, event) for event, _ in counted),
    )


def _event(database: sqlite3.Connection, key: bytes) -> int:
    found = database.execute("SELECT id FROM events WHERE key = ?", (key,)).fetchone()
    if found:
        return int(found[0])
    day = unpack_key(key)[0]
    made = database.execute("INSERT INTO events (key, day) VALUES (?, ?)", (key, day))
    return int(made.lastrowid or 0)
