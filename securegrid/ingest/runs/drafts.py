"""The events of a run, drawn up anew from its state each time they are read."""

import sqlite3
from collections.abc import Iterator
from heapq import merge
from typing import Final

from securegrid.ingest.model import Content, Counted, EventDraft, Key, Shape
from securegrid.ingest.runs.database import PARTS, transaction
from securegrid.ingest.runs.packing import unpack_key

_PAGE: Final = 500


class RunDrafts:
    """``Drafts`` of a run; with ``changed_only`` those that grew since they were acknowledged."""

    def __init__(self, database: sqlite3.Connection, shape: Shape, *, changed_only: bool) -> None:
        self._database = database
        self._shape = shape
        self._only = "version > acknowledged" if changed_only else "1"
        self._name_events()

    def events(self) -> Iterator[EventDraft]:
        """The events, oldest day first."""
        for _, key in self._keys(self._only):
            yield self._shape.head(key)

    def contents(self, event_uuid: str) -> Iterator[Content]:
        """The contents of one of them; nothing of an unknown one."""
        found = self._database.execute(
            "SELECT id, key, parts FROM events WHERE uuid = ?", (event_uuid,)
        ).fetchone()
        if found is None:
            return iter(())
        id_, key, parts = found
        return self._shape.contents(unpack_key(key), self._items(id_, parts))

    def version(self, event_uuid: str) -> int:
        """How often the event grew; what ``Run.acknowledge`` wants. 0 of an unknown one."""
        found = self._database.execute(
            "SELECT version FROM events WHERE uuid = ?", (event_uuid,)
        ).fetchone()
        return int(found[0]) if found else 0

    def _items(self, event: int, parts: int) -> Iterator[tuple[Key, Counted]]:
        """In the order of their keys, whatever part they are in."""
        found = (self._rows(part, event) for part in range(PARTS) if parts >> part & 1)
        for item, first, last, count in merge(*found):
            yield unpack_key(item), Counted(first, last, count)

    def _rows(self, part: int, event: int) -> Iterator[tuple[bytes, int, int, int]]:
        """Page by page, so that what else is done with the state meanwhile does no harm."""
        after = b""
        while True:
            page = self._database.execute(
                "SELECT item, first, last, count FROM items"
                " WHERE part = ? AND event = ? AND item > ? ORDER BY item LIMIT ?",
                (part, event, after, _PAGE),
            ).fetchall()
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1][0]

    def _keys(self, only: str) -> Iterator[tuple[int, Key]]:
        day, after = "", b""
        while True:
            page = self._database.execute(
                f"SELECT id, day, key FROM events WHERE {only} AND (day, key) > (?, ?)"  # noqa: S608 - constants
                f" ORDER BY day, key LIMIT {_PAGE}",
                (day, after),
            ).fetchall()
            for id_, _, key in page:
                yield id_, unpack_key(key)
            if len(page) < _PAGE:
                return
            _, day, after = page[-1]

    def _name_events(self) -> None:
        """Write down the UUID of each event under this shape: of all when the shape is another."""
        with transaction(self._database):
            if self._is_other_shape():
                self._database.execute("UPDATE events SET uuid = NULL, acknowledged = 0")
            named = ((self._shape.head(key).uuid, id_) for id_, key in self._keys("uuid IS NULL"))
            self._database.executemany("UPDATE events SET uuid = ? WHERE id = ?", named)

    def _is_other_shape(self) -> bool:
        found = self._database.execute(
            "SELECT key, uuid FROM events WHERE uuid IS NOT NULL LIMIT 1"
        ).fetchone()
        return bool(found) and self._shape.head(unpack_key(found[0])).uuid != found[1]
