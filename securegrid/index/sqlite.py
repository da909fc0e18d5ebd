"""The index in SQLite files, one for each generation: the embedded store."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from sqlite3 import Connection
from typing import NamedTuple
from uuid import UUID

from securegrid.index import sqlite_build, sqlite_reading, sqlite_writing
from securegrid.index.port import EventRows, EventStamp, Row, Size
from securegrid.index.sqlite_files import Files

READ_AT_ONCE = 16
"""Parts of a look-up that are read at once: SQLite waits for the disk without Python's lock."""
PARTS_AT_MOST = 4
"""So many parts the fingerprints wanted of one generation are cut into."""
PART_AT_LEAST = 64
"""Fingerprints in a part, if there are more parts than one."""


class _View(NamedTuple):
    changes: int
    """How often the generation had changed when this was seen."""
    rows: list[Row]


class SqliteStore:
    """A Store in ``folder``, which is made if it is absent, for this user alone.

    Safe in several threads and processes. After kill -9 it holds what it held, and of a build all
    but the last 16 MiB. Raises ``sqlite3.Error`` for files that cannot be used, and
    ``BeingBuiltError`` for a write while another process builds the same generation.
    """

    def __init__(self, folder: Path) -> None:
        self._files = Files(folder)
        self._readers = ThreadPoolExecutor(READ_AT_ONCE, thread_name_prefix="index")

    def look_up(self, wanted: Mapping[UUID, Sequence[bytes]]) -> dict[UUID, list[Row]]:
        """See ``Reader``; every generation asked for is in the answer."""
        asked = {generation: sorted(set(some)) for generation, some in wanted.items()}
        parts = list(_parts(asked))
        see = map if len(parts) == 1 else self._readers.map
        views: dict[UUID, list[_View]] = {generation: [] for generation in asked}
        for (generation, _), view in zip(parts, see(self._view, parts), strict=True):
            views[generation].append(view)
        return {one: self._joined(one, asked[one], views[one]) for one in asked}

    def create(self, generation: UUID) -> None:
        """See ``Store``."""
        self._files.create(generation)

    def build(self, generation: UUID, events: Iterable[EventRows]) -> None:
        """See ``Store``; takes events that a generation does not hold, even if it is not empty."""
        with self._files.connection(generation) as connection:
            try:
                sqlite_build.build(connection, self._files.parts(generation), events)
            finally:
                sqlite_writing.empty_journal(connection)

    def replace(self, generation: UUID, events: Sequence[EventRows]) -> None:
        """See ``Store``."""
        with self._writing(generation) as connection:
            sqlite_writing.replace(connection, events)

    def remove(self, generation: UUID, events: Sequence[bytes]) -> None:
        """See ``Store``."""
        with self._writing(generation) as connection:
            sqlite_writing.remove(connection, events)

    def stamps(self, generation: UUID) -> dict[bytes, EventStamp]:
        """See ``Store``; finishes a build that was killed, which may take a while."""
        with (
            suppress(sqlite_build.BeingBuiltError),
            self._files.connection(generation) as connection,
        ):
            sqlite_build.settle(connection, self._files.parts(generation))
        with self._reading(generation) as (connection, whole_below, _):
            return sqlite_reading.stamps(connection, whole_below)

    def size(self, generation: UUID) -> Size:
        """See ``Store``."""
        with self._reading(generation) as (connection, whole_below, _):
            events, rows = sqlite_reading.counts(connection, whole_below)
        return Size(events=events, rows=rows, bytes=self._files.bytes_of(generation))

    def drop(self, generation: UUID) -> None:
        """See ``Store``."""
        self._files.drop(generation)

    def generations(self) -> frozenset[UUID]:
        """See ``Store``."""
        return self._files.present()

    def close(self) -> None:
        """See ``Store``."""
        self._readers.shutdown()
        self._files.close()

    def _joined(self, generation: UUID, asked: list[bytes], views: list[_View]) -> list[Row]:
        if len({view.changes for view in views}) > 1:  # a sync wrote between two of them
            return self._view((generation, asked)).rows
        return [row for view in views for row in view.rows]

    def _view(self, part: tuple[UUID, list[bytes]]) -> _View:
        with self._reading(part[0]) as (connection, whole_below, changes):
            return _View(changes, sqlite_reading.rows_with(connection, part[1], whole_below))

    @contextmanager
    def _reading(self, generation: UUID) -> Iterator[tuple[Connection, int, int]]:
        with (
            self._files.connection(generation) as connection,
            sqlite_reading.seeing(connection) as (whole_below, changes),
        ):
            yield connection, whole_below, changes

    @contextmanager
    def _writing(self, generation: UUID) -> Iterator[Connection]:
        """One transaction; what it removes leaves the journal at once, unless somebody reads."""
        with self._files.connection(generation) as connection:
            sqlite_build.settle(connection, self._files.parts(generation))
            with sqlite_writing.writing(connection):
                yield connection
            sqlite_writing.empty_journal(connection)


def _parts(asked: Mapping[UUID, list[bytes]]) -> Iterator[tuple[UUID, list[bytes]]]:
    """The fingerprints in parts; few generations are cut into more parts than many."""
    for generation, some in asked.items():
        count = min(PARTS_AT_MOST, READ_AT_ONCE // len(asked), len(some) // PART_AT_LEAST)
        size = -(-len(some) // max(1, count)) or 1
        for start in range(0, len(some) or 1, size):
            yield generation, some[start : start + size]
