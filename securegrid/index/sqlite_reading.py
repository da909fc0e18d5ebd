"""Looking up fingerprints in the file of one generation, many in one statement."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from securegrid.index.port import EventStamp, Row
from securegrid.index.sqlite_layout import PLACES, number_of, row_of

_STRIDE = 17
_FIND = f"""
SELECT key FROM place CROSS JOIN row
WHERE i < ?2 AND key >= substr(?1, i * {_STRIDE} + 1, 16)
AND key < substr(?1, i * {_STRIDE} + 1, {_STRIDE})
"""  # noqa: S608 - a number of ours


@contextmanager
def seeing(connection: sqlite3.Connection) -> Iterator[tuple[int, int]]:
    """One view of the file for the whole block: (below which events are whole, its changes)."""
    connection.execute("BEGIN")
    try:
        yield connection.execute("SELECT whole_below, changes FROM state").fetchone()
    finally:
        connection.execute("COMMIT")


def rows_with(
    connection: sqlite3.Connection, fingerprints: Sequence[bytes], whole_below: int
) -> list[Row]:
    """The rows of whole events that have one of these fingerprints, sorted and without doubles."""
    rows: list[Row] = []
    for start in range(0, len(fingerprints), PLACES):
        some = fingerprints[start : start + PLACES]
        # Each with FF behind it, which ends the keys that begin with it.
        packed = b"\xff".join(some) + b"\xff"
        found = connection.execute(_FIND, (packed, len(some))).fetchall()
        rows += [row_of(key) for (key,) in found if number_of(key) < whole_below]
    return rows


def stamps(connection: sqlite3.Connection, whole_below: int) -> dict[bytes, EventStamp]:
    """The stamp of each whole event by its UUID."""
    held = connection.execute(
        "SELECT uuid, timestamp, published FROM event WHERE number < ?", (whole_below,)
    )
    return {uuid: EventStamp(timestamp, bool(published)) for uuid, timestamp, published in held}


def counts(connection: sqlite3.Connection, whole_below: int) -> tuple[int, int]:
    """How many whole events there are, and how many rows they have."""
    events, rows = connection.execute(
        "SELECT count(*), coalesce(sum(row_count), 0) FROM event WHERE number < ?", (whole_below,)
    ).fetchone()
    return events, rows
