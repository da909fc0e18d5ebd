"""Filling a generation with many events: rows are spread by their beginning, then sorted in.

Rows wait in a file beside the generation's, in a bucket for each beginning of a fingerprint.
Each time that ``SPOOLED_BYTES`` have come, they are written there and their events noted, as events
that nobody sees yet. At the end, or when the next writer finds that a build was killed, the buckets
are inserted in order, which makes a packed tree in one pass, and the events are seen at once.
Inserting again what a killed process had inserted changes nothing.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from securegrid.index.port import EventRows
from securegrid.index.sqlite_layout import KEY_BYTES, Note, keys_of, note_of
from securegrid.index.sqlite_writing import (
    first_free,
    insert_notes,
    insert_rows,
    make_whole_below,
    remove,
    writing,
)

SPOOLED_BYTES = 16 * 2**20
"""A build that is killed loses at most so many bytes of rows."""
PIECE_BYTES = 8 * 2**20
"""Sorted and inserted at once: so many bytes of buckets, or one bucket that is larger."""
PIECE_AT_MOST = 48 * 2**20
"""Sorted and inserted at once of one bucket."""
_BUCKETS = 256
"""One for each first byte of a fingerprint."""


class BeingBuiltError(RuntimeError):
    """Another process or thread is building this generation."""


def build(connection: sqlite3.Connection, parts: Path, events: Iterable[EventRows]) -> None:
    """Add events that the generation does not hold; ``parts`` is the file where rows wait.

    What ``events`` raises is raised again; the events before it are kept. Raises BeingBuiltError,
    and ValueError for an event that is held or came before.
    """
    with _locked(parts) as file:
        _settle(connection, file)
        spool = _Spool(connection, file)
        try:
            for event in events:
                spool.add(event)
        except Exception:
            spool.flush()
            _settle(connection, file)
            raise
        spool.flush()
        _settle(connection, file)


def settle(connection: sqlite3.Connection, parts: Path) -> None:
    """Finish what a killed build has left. Raises BeingBuiltError while a build is alive."""
    if _unseen(connection):
        with _locked(parts) as file:
            _settle(connection, file)


@contextmanager
def _locked(parts: Path) -> Iterator[BinaryIO]:
    """The file where rows wait, for this builder alone; the lock dies with its process."""
    descriptor = os.open(parts, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BeingBuiltError("another process is building this generation") from None
        yield file


class _Spool:
    """Takes events; writes their rows by bucket each time that enough have come."""

    def __init__(self, connection: sqlite3.Connection, file: BinaryIO) -> None:
        self._connection = connection
        self._file = file
        self._next = first_free(connection)
        self._empty()

    def add(self, event: EventRows) -> None:
        """Take one event."""
        keys = keys_of(event, self._next)
        self._notes.append(note_of(event, self._next, keys))
        self._next += 1
        buckets = self._buckets
        for key in keys:
            buckets[key[0]] += key
        self._bytes += len(keys) * KEY_BYTES
        if self._bytes >= SPOOLED_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write the rows, then note the events: what is noted is there."""
        buckets, notes = self._buckets, self._notes
        self._empty()
        parts = list(self._write(buckets))
        os.fsync(self._file.fileno())
        try:
            with writing(self._connection):
                insert_notes(self._connection, notes)
                self._connection.executemany("INSERT INTO part VALUES (?, ?, ?)", parts)
        except sqlite3.IntegrityError:
            raise ValueError("an event was given that is held already") from None

    def _empty(self) -> None:
        self._buckets = [bytearray() for _ in range(_BUCKETS)]
        self._notes: list[Note] = []
        self._bytes = 0

    def _write(self, buckets: list[bytearray]) -> Iterator[tuple[int, int, int]]:
        start = self._file.seek(0, os.SEEK_END)
        for bucket, keys in enumerate(buckets):
            if keys:
                self._file.write(keys)
                yield bucket, start, len(keys)
                start += len(keys)
        self._file.flush()


def _settle(connection: sqlite3.Connection, file: BinaryIO) -> None:
    """Sort in what waits and let it be seen; the file is empty then."""
    unseen = _unseen(connection)
    if unseen and _reaches(connection) > os.fstat(file.fileno()).st_size:
        _give_up(connection)
    elif unseen:
        for piece in _pieces(connection, file):
            with writing(connection):
                insert_rows(connection, piece)
        with writing(connection):
            connection.execute("DELETE FROM part")
            make_whole_below(connection, unseen + 1)
    file.truncate(0)


def _unseen(connection: sqlite3.Connection) -> int:
    """The highest number of an event that is not seen yet; 0 when there is none."""
    highest: int = connection.execute(
        "SELECT coalesce(max(number), 0) FROM event WHERE number >= (SELECT whole_below FROM state)"
    ).fetchone()[0]
    return highest


def _reaches(connection: sqlite3.Connection) -> int:
    """How long the file with the waiting rows must be."""
    end: int = connection.execute("SELECT coalesce(max(start + size), 0) FROM part").fetchone()[0]
    return end


def _give_up(connection: sqlite3.Connection) -> None:
    """Forget events whose rows are lost: a backup was restored without the file beside it."""
    unseen = connection.execute(
        "SELECT uuid FROM event WHERE number >= (SELECT whole_below FROM state)"
    ).fetchall()
    with writing(connection):
        remove(connection, [uuid for (uuid,) in unseen])
        connection.execute("DELETE FROM part")


def _pieces(connection: sqlite3.Connection, file: BinaryIO) -> Iterator[bytes]:
    """The waiting keys in the order of their buckets, a few buckets at once."""
    piece, last = bytearray(), -1
    waiting = connection.execute("SELECT bucket, start, size FROM part ORDER BY bucket, start")
    for bucket, start, size in waiting.fetchall():
        is_full = len(piece) >= PIECE_BYTES and bucket != last
        if is_full or len(piece) + size > PIECE_AT_MOST:
            yield bytes(piece)
            piece.clear()
        file.seek(start)
        piece += file.read(size)
        last = bucket
    if piece:
        yield bytes(piece)
