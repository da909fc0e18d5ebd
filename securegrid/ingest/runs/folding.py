"""Puts together what was counted in pieces: one part at a time, in bounded memory."""

import sqlite3
from collections.abc import Iterable
from typing import Final, TypeAlias

from securegrid.ingest.runs.database import PARTS, transaction
from securegrid.ingest.runs.packing import unpack, unpack_key

GROUP: Final = 50_000
"""Different items that are held in memory before they are written."""

_Counts: TypeAlias = tuple[int, int, int]
_Items: TypeAlias = dict[tuple[int, bytes], _Counts]


def fold(database: sqlite3.Connection) -> None:
    """Count every segment into the items. A kill in between loses nothing and doubles nothing:
    segments go in the transaction that counts them."""
    for part in range(PARTS):
        events: dict[bytes, int] = {}
        while _fold_some(database, part, events):
            if len(events) > GROUP:
                events.clear()


def _fold_some(database: sqlite3.Connection, part: int, events: dict[bytes, int]) -> bool:
    """Fold segments of one part until GROUP items are held; tells whether there were any."""
    with transaction(database):
        items: _Items = {}
        last = None
        found = database.execute(
            "SELECT id, data FROM segments WHERE part = ? ORDER BY id", (part,)
        )
        for last, data in found:  # noqa: B007 - the last one is deleted too
            _add(database, items, data, events)
            if len(items) >= GROUP:
                break
        found.close()
        _write(database, part, items)
        database.execute("DELETE FROM segments WHERE part = ? AND id <= ?", (part, last or 0))
    return last is not None


def _add(
    database: sqlite3.Connection, items: _Items, data: bytes, events: dict[bytes, int]
) -> None:
    segment = unpack(data)
    for key in segment.events:
        if key not in events:
            events[key] = _event(database, key)
    ids = [events[key] for key in segment.events]
    for number, item, first, last, count in segment.rows:
        at = (ids[number], item)
        before = items.get(at)
        if before is None:
            items[at] = (first, last, count)
        else:
            items[at] = (
                before[0] if before[0] < first else first,
                before[1] if before[1] > last else last,
                before[2] + count,
            )


def _event(database: sqlite3.Connection, key: bytes) -> int:
    found = database.execute("SELECT id FROM events WHERE key = ?", (key,)).fetchone()
    if found:
        return int(found[0])
    day = unpack_key(key)[0]
    made = database.execute("INSERT INTO events (key, day) VALUES (?, ?)", (key, day))
    return int(made.lastrowid or 0)


def _write(database: sqlite3.Connection, part: int, items: _Items) -> None:
    rows = ((part, event, item, *items[event, item]) for event, item in sorted(items))
    database.executemany(
        "INSERT INTO items VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " first = min(first, excluded.first), last = max(last, excluded.last),"
        " count = count + excluded.count",
        rows,
    )
    _touch(database, part, {event for event, _ in items})


def _touch(database: sqlite3.Connection, part: int, events: Iterable[int]) -> None:
    database.executemany(
        "UPDATE events SET version = version + 1, parts = parts | ? WHERE id = ?",
        ((1 << part, one) for one in events),
    )
