"""The node's file: one writer at a time, many readers, whole events or nothing."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from securegrid.node import schema
from securegrid.node.accounts import Accounts, KeyInfo, Role
from securegrid.node.loading import Loaded, load_events
from securegrid.node.records import NewEvent

Clock = Callable[[], float]


class RandomUuids:
    """Makes version 4 UUIDs (RFC 9562), many at a time: a bulk load needs one per attribute."""

    def __init__(self) -> None:
        self._ready: list[str] = []

    def __call__(self) -> str:
        """The next UUID."""
        while True:
            try:
                return self._ready.pop()
            except IndexError:
                digits = os.urandom(16 * 256).hex()
                self._ready += [_uuid4(digits[i : i + 32]) for i in range(0, len(digits), 32)]


def _uuid4(digits: str) -> str:
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


class Store:
    """Opens (and makes) the database file of a node; may be used from several threads.

    ``host_org`` names the organisation that runs the node; it counts only for a new file.
    Raises ``ValueError`` for a file of another version, ``sqlite3.Error`` for an unusable one.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock = time.time,
        new_uuid: Callable[[], str] | None = None,
        host_org: str = "ORGNAME",
    ) -> None:
        self.path = path
        self.clock = clock
        self.new_uuid = new_uuid or RandomUuids()
        self._all: list[sqlite3.Connection] = []
        self._local = threading.local()
        self._write_lock = threading.Lock()
        self._writer = self._connect(writer=True)
        with self.writing() as connection:
            schema.prepare(connection)
            self._settle(connection, host_org)

    @property
    def now(self) -> int:
        """The clock, in whole seconds since the epoch."""
        return int(self.clock())

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One consistent view; each thread has its own connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "reader", None)
        if connection is None:
            connection = self._local.reader = self._connect(writer=False)
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("COMMIT")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is on the disk on leaving, or none of it after an error."""
        with self._write_lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")

    def load(self, events: Iterable[NewEvent], *, org: str = "") -> Loaded:
        """Add many events at once, all or none; about 100,000 attributes per second and core.

        ``org`` made the events that do not name their own (the host organisation by default).
        Invalid attributes and duplicates are dropped and counted, as ``events/add`` does.
        """
        with self.writing() as connection:
            name = org or self.host_org(connection)
            maker = self.accounts(connection).org(name, now=self.now)
            return load_events(connection, events, maker.id, self.now, self.new_uuid)

    def add_key(
        self,
        role: Role,
        org: str = "",
        *,
        raw: str | None = None,
        comment: str = "",
        expires: int | None = None,
    ) -> str:
        """A new key (see ``Accounts.add_key``); the host organisation's when ``org`` is empty."""
        with self.writing() as connection:
            owner = org or self.host_org(connection)
            return self.accounts(connection).add_key(
                role, owner, now=self.now, raw=raw, comment=comment, expires=expires
            )

    def list_keys(self) -> list[KeyInfo]:
        """Every key, without its text."""
        with self.reading() as connection:
            return self.accounts(connection).keys()

    def revoke_key(self, key_id: int) -> bool:
        """Make a key useless at once; ``False`` when there is none of this id."""
        with self.writing() as connection:
            return self.accounts(connection).revoke_key(key_id)

    def accounts(self, connection: sqlite3.Connection) -> Accounts:
        """Organisations and keys within a transaction."""
        return Accounts(connection, self.new_uuid)

    def host_org(self, connection: sqlite3.Connection) -> str:
        """The name of the organisation that runs the node."""
        row = connection.execute("SELECT name FROM org WHERE id = 1").fetchone()
        return str(row[0])

    def close(self) -> None:
        """Close every connection; the write-ahead log is folded back into the file."""
        readers, self._all = [c for c in self._all if c is not self._writer], []
        for connection in readers:
            connection.close()
        self._writer.close()

    def _settle(self, connection: sqlite3.Connection, host_org: str) -> None:
        if connection.execute("SELECT 1 FROM org WHERE id = 1").fetchone() is None:
            self.accounts(connection).org(host_org, now=self.now)
            connection.execute("INSERT INTO node VALUES ('uuid', ?)", (self.new_uuid(),))

    def _connect(self, *, writer: bool) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        schema.configure(connection, writer=writer)
        self._all.append(connection)
        return connection
