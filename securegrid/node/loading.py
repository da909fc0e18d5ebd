"""Loading many events at once, for a demonstration, a benchmark or a move from elsewhere."""

import sqlite3
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from securegrid.node import schema
from securegrid.node.records import NewEvent
from securegrid.node.writing import Author, Writing


class Loaded(NamedTuple):
    """What a bulk load brought in; ``dropped`` attributes were invalid or duplicates."""

    events: int
    attributes: int
    dropped: int


def load_events(
    connection: sqlite3.Connection,
    events: Iterable[NewEvent],
    org_id: int,
    now: int,
    new_uuid: Callable[[], str],
) -> Loaded:
    """Insert every event within the caller's transaction.

    Into an empty node the indexes are made after the rows. Raises ``sqlite3.IntegrityError``
    when two attributes share a UUID, ``Duplicate`` when two events do.
    """
    fresh = connection.execute("SELECT 1 FROM attribute LIMIT 1").fetchone() is None
    if fresh:
        schema.drop_attribute_indexes(connection)
    author = Author(org_id, "", may_make_tags=True, speaks_for_others=True)
    writing = Writing(connection, author, now, new_uuid, trusting_uuids=fresh)
    loaded = _insert(writing, events)
    if fresh:
        schema.make_attribute_indexes(connection)
    return loaded


def _insert(writing: Writing, events: Iterable[NewEvent]) -> Loaded:
    today = datetime.fromtimestamp(writing.now, UTC).strftime("%Y-%m-%d")
    count = attributes = dropped = 0
    for event in events:
        _, lost = writing.event(event, today)
        sent = len(event.attributes) + sum(len(o.attributes) for o in event.objects)
        count += 1
        attributes += sent - lost
        dropped += lost
    return Loaded(count, attributes, dropped)
