"""The index in SQLite files, one for each generation: the embedded store."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from sqlite3 import Connection
from uuid import UUID

from securegrid.index import sqlite_build, sqlite_reading, sqlite_writing
from securegrid.index.port import EventRows, EventStamp, Row, Size
from securegrid.index.sqlite_files import Files

READ_AT_ONCE = 8
"""Generations that are read at once: SQLite waits for the disk without Python's lock."""


class SqliteStore:
    """A Store in ``folder``, which is made if it is absent, for this user alone.

    Safe in several threads and processes. After kill -9 it holds what it held, and of a build all
    but the last 32 MiB. Raises ``sqlite3.Error`` for files that cannot be used, and
    ``BeingBuiltError`` for a write while another process builds the same generation.
    """

    def __init__(self, folder: Path) -> None:
        self._files = Files(folder)
        self._readers = ThreadPoolExecutor(READ_AT_ONCE, thread_name_prefix="index")

    def look_up(self, wanted: Mapping[UUID, Sequence[bytes]]) -> dict[UUID, list[Row]]:
        """See ``Reader``; every generation asked for is in the answer."""
        if len(wanted) < 2:
            return {generation: self._find(generation, wanted[generation]) for generation in wanted}
        return dict(zip(wanted, self._readers.map(self._find, *_pairs(wanted)), strict=True))

    def create(self, generation: UUID) -> None:
        """See ``Store``."""
        self._files.create(generation)

    def build(self, generation: UUID, events: Iterable[EventRows]) -> None:
        """See ``Store``; takes events that a generation does not hold, even if it is not empty."""
        with self._files.connection(generation) as connection:
            sqlite_build.build(connection, self._files.parts(generation), events)

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
        with self._reading(generation) as (connection, whole_below):
            return sqlite_reading.stamps(connection, whole_below)

    def size(self, generation: UUID) -> Size:
        """See ``Store``."""
        with self._reading(generation) as (connection, whole_below):
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

    def _find(self, generation: UUID, fingerprints: Sequence[bytes]) -> list[Row]:
        asked = sorted(set(fingerprints))
        with self._reading(generation) as (connection, whole_below):
            return sqlite_reading.rows_with(connection, asked, whole_below)

    @contextmanager
    def _reading(self, generation: UUID) -> Iterator[tuple[Connection, int]]:
        with (
            self._files.connection(generation) as connection,
            sqlite_reading.seeing(connection) as (whole_below, _),
        ):
            yield connection, whole_below

    @contextmanager
    def _writing(self, generation: UUID) -> Iterator[Connection]:
        """One transaction; what it removes leaves the journal at once, unless somebody reads."""
        with self._files.connection(generation) as connection:
            sqlite_build.settle(connection, self._files.parts(generation))
            with sqlite_writing.writing(connection):
                yield connection
            sqlite_writing.empty_journal(connection)


def _pairs(
    wanted: Mapping[UUID, Sequence[bytes]],
) -> tuple[Iterable[UUID], Iterable[Sequence[bytes]]]:
    return wanted.keys(), wanted.values()
