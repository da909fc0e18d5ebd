"""The state file: an SQLite database per source, in the hands of one process at a time."""

import fcntl
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import IO, Final

VERSION: Final = 2
PARTS: Final = 32
"""Into so many parts counted items are divided, so that one part is put together at a time and
is written to pages of its own. ``events.parts`` has a bit for each part with items of the event."""

_SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, length INTEGER NOT NULL, digest BLOB NOT NULL,
    position BLOB NOT NULL, lines INTEGER NOT NULL DEFAULT 0, counted INTEGER NOT NULL DEFAULT 0,
    passed_over INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX files_by_beginning ON files (length, digest);
CREATE TABLE bad_counts (
    file INTEGER NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (file, reason)
) WITHOUT ROWID;
CREATE TABLE bad (
    file INTEGER NOT NULL, number INTEGER NOT NULL, reason TEXT NOT NULL, head TEXT NOT NULL,
    unfinished INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX bad_by_file ON bad (file);
CREATE TABLE segments (id INTEGER PRIMARY KEY, part INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX segments_by_part ON segments (part, id);
CREATE TABLE events (
    id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, day TEXT NOT NULL, uuid TEXT,
    version INTEGER NOT NULL DEFAULT 0, acknowledged INTEGER NOT NULL DEFAULT 0,
    parts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX events_by_day ON events (day, key);
CREATE UNIQUE INDEX events_by_uuid ON events (uuid);
CREATE TABLE items (
    part INTEGER NOT NULL, event INTEGER NOT NULL, item BLOB NOT NULL, first INTEGER NOT NULL,
    last INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (part, event, item)
) WITHOUT ROWID;
"""


class BusyError(Exception):
    """Another process has this state open."""


class OtherVersionError(Exception):
    """The state was written by a version of this program that kept it differently."""


def path_of(folder: Path, source: str) -> Path:
    """Where the state of ``source`` is; other sources are never there."""
    readable = re.sub(r"[^A-Za-z0-9.-]+", "_", source).strip("._")[:40]
    digest = blake2b(source.encode(), digest_size=4).hexdigest()
    return folder / f"{readable}-{digest}.sqlite3".lstrip("-")


def lock(path: Path) -> IO[bytes]:
    """Hold the state until the file that is returned is closed, or the process ends in any way.

    Raises BusyError.
    """
    held = path.with_suffix(".lock").open("wb")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        held.close()
        raise BusyError(path.name) from error
    return held


def open_database(path: Path) -> sqlite3.Connection:
    """The database in ``path``, made if it is not there; raises OtherVersionError."""
    # A background thread of the portal may go on with what another began; never two at once.
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("PRAGMA cache_size = -16000")
    found = database.execute("PRAGMA user_version").fetchone()[0]
    if found == 0:
        database.executescript(f"BEGIN;{_SCHEMA}PRAGMA user_version = {VERSION};COMMIT;")
    elif found != VERSION:
        database.close()
        raise OtherVersionError(path.name)
    return database


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """All of the block's writes, or none."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")
