"""One SQLite file per generation: making it, finding it, opening it, leaving nothing of it."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import NamedTuple
from uuid import UUID

from securegrid.index.port import GenerationMissing
from securegrid.index.sqlite_layout import VERSION, prepare

ENDING = ".sqlite3"
KEPT_IDLE = 64
"""Connections that wait for their next use; beyond that the one that waited longest is closed."""
CACHE_KIB = 2048
"""Of one connection. More does not make look-ups faster: the system caches the file as well."""
BUSY_S = 30.0
_SETTINGS = (
    # With memory-mapping on, a cold look-up took 16 times as long.
    "PRAGMA mmap_size = 0",
    f"PRAGMA cache_size = -{CACHE_KIB}",
    # After kill -9 nothing is lost, after a power failure the last transactions may be.
    "PRAGMA synchronous = NORMAL",
    # A removed fingerprint leaves no byte in the file.
    "PRAGMA secure_delete = ON",
    # What SQLite sorts stays out of the system's temporary folder.
    "PRAGMA temp_store = MEMORY",
)
_Identity = tuple[int, int]


class _Idle(NamedTuple):
    generation: UUID
    identity: _Identity
    """Of the file that it is open on: it may have been dropped and made anew since."""
    connection: sqlite3.Connection


class Files:
    """The files in ``folder`` and this process's connections to them; safe in several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._idle: list[_Idle] = []
        self._lock = Lock()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def path(self, generation: UUID) -> Path:
        """Where a generation is, or would be."""
        return self._folder / f"{generation}{ENDING}"

    def parts(self, generation: UUID) -> Path:
        """Where rows of a build wait until they are sorted in."""
        return self._folder / f"{generation}.parts"

    def create(self, generation: UUID) -> None:
        """Make the file of an empty generation; whoever sees it sees all of its tables."""
        if self.path(generation).exists():
            return
        draft = self._folder / f"{generation}.{os.getpid()}.{os.urandom(4).hex()}.draft"
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        try:
            with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
                prepare(connection)
            with suppress(FileExistsError):
                os.link(draft, self.path(generation))
        finally:
            draft.unlink()

    def present(self) -> frozenset[UUID]:
        """Every generation that has a file."""
        found = set()
        for path in self._folder.glob(f"*{ENDING}"):
            with suppress(ValueError):  # somebody else's file
                found.add(UUID(path.stem))
        return frozenset(found)

    def bytes_of(self, generation: UUID) -> int:
        """On disk, with what is not yet moved from the journal into the file."""
        total = 0
        for path in self._folder.glob(f"{generation}{ENDING}*"):
            with suppress(FileNotFoundError):
                total += path.stat().st_size
        return total

    def drop(self, generation: UUID) -> None:
        """Remove every file of a generation, drafts and journals too."""
        self._close_idle(generation)
        self.path(generation).unlink(missing_ok=True)
        for path in self._folder.glob(f"{generation}*"):
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the idle connections."""
        with self._lock:
            idle, self._idle = self._idle, []
        for one in idle:
            one.connection.close()

    @contextmanager
    def connection(self, generation: UUID) -> Iterator[sqlite3.Connection]:
        """A connection that nobody else uses meanwhile. Raises GenerationMissing."""
        identity, connection = self._take(generation)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._give_back(_Idle(generation, identity, connection))

    def _take(self, generation: UUID) -> tuple[_Identity, sqlite3.Connection]:
        now = self._identity(generation)
        while idle := self._pop(generation):
            if idle.identity == now:
                return now, idle.connection
            idle.connection.close()
        return self._open(generation, now)

    def _pop(self, generation: UUID) -> _Idle | None:
        with self._lock:
            for place in reversed(range(len(self._idle))):
                if self._idle[place].generation == generation:
                    return self._idle.pop(place)
        return None

    def _give_back(self, used: _Idle) -> None:
        with self._lock:
            self._idle.append(used)
            oldest = self._idle.pop(0) if len(self._idle) > KEPT_IDLE else None
        if oldest:
            oldest.connection.close()

    def _close_idle(self, generation: UUID) -> None:
        while idle := self._pop(generation):
            idle.connection.close()

    def _open(self, generation: UUID, now: _Identity) -> tuple[_Identity, sqlite3.Connection]:
        while True:
            connection = self._connect(generation)
            # Dropped and made anew between the two looks: another file was opened.
            before, now = now, self._identity(generation)
            if before == now:
                return now, connection
            connection.close()

    def _connect(self, generation: UUID) -> sqlite3.Connection:
        address = f"{self.path(generation).absolute().as_uri()}?mode=rw"
        try:
            connection = sqlite3.connect(
                address, uri=True, isolation_level=None, timeout=BUSY_S, check_same_thread=False
            )
            for setting in _SETTINGS:
                connection.execute(setting)
            version = connection.execute("PRAGMA user_version").fetchone()[0]
        except sqlite3.OperationalError:
            if self.path(generation).exists():
                raise
            raise GenerationMissing(str(generation)) from None
        if version != VERSION:
            connection.close()
            raise ValueError(f"an index file of version {version}, not {VERSION}; rebuild it")
        return connection

    def _identity(self, generation: UUID) -> _Identity:
        try:
            status = self.path(generation).stat()
        except FileNotFoundError:
            self._close_idle(generation)
            raise GenerationMissing(str(generation)) from None
        return status.st_dev, status.st_ino
