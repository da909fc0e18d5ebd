"""Connections to the database that coordinates the index, and to the servers beside it."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString, TypeAlias

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.sql import SQL, Composed

from securegrid.index.postgres import credentials, schema, wire
from securegrid.index.postgres.layout import Layout

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]
Query: TypeAlias = LiteralString | SQL | Composed

_IDLE_KEPT = 8
_CONNECT_TIMEOUT_S = 10


class NotPostgres(ValueError):  # noqa: N818 - it says what is wrong
    """The URL is none that PostgreSQL's clients understand; its text is never quoted."""


class Database:
    """The coordinator and its servers; safe in several threads."""

    def __init__(self, url: str, layout: Layout) -> None:
        self.layout = layout
        self._conninfo = parsed(url)
        self._pools: dict[str | None, list[Connection]] = {}
        self._lock = threading.Lock()
        self._partitions: int | None = None

    @property
    def partitions(self) -> int:
        """Into how many the fingerprints are split; decided when the index was made."""
        if self._partitions is None:
            with self.connection():
                pass
        assert self._partitions is not None  # noqa: S101 - a first connection finds it
        return self._partitions

    @contextmanager
    def connection(self, server: str | None = None) -> Iterator[Connection]:
        """A connection in autocommit to ``server`` (None: the coordinator).

        The tables are made and brought up to date before the first one is given.
        """
        connection = self._idle(server) or self._connected(server)
        try:
            yield connection
        finally:
            self._give_back(server, connection)

    def read(self, query: Query, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows of one query in one snapshot, UUIDs as bytes.

        A connection that broke while nobody used it is replaced once.
        """
        with self.connection() as connection:
            try:
                return _rows(connection, query, values)
            except psycopg.OperationalError:
                if not connection.closed:
                    raise
        self.disconnect()
        with self.connection() as connection:
            return _rows(connection, query, values)

    def disconnect(self) -> None:
        """Close the connections that nobody uses."""
        with self._lock:
            idle = [one for pool in self._pools.values() for one in pool]
            self._pools.clear()
        for connection in idle:
            connection.close()

    def _idle(self, server: str | None) -> Connection | None:
        with self._lock:
            pool = self._pools.get(server)
            return pool.pop() if pool else None

    def _give_back(self, server: str | None, connection: Connection) -> None:
        usable = connection.info.transaction_status is TransactionStatus.IDLE
        with self._lock:
            pool = self._pools.setdefault(server, [])
            if usable and len(pool) < _IDLE_KEPT:
                pool.append(connection)
                return
        connection.close()

    def _connected(self, server: str | None) -> Connection:
        if server is not None:
            return connected(self._conninfo_of(server), self.layout.schema)
        connection = connected(self._conninfo, self.layout.schema)
        if self._partitions is None:
            self._partitions = schema.prepare(connection, self.layout)
        return connection

    def _conninfo_of(self, server: str) -> str:
        """Read anew for each connection: the server's address or password may have changed."""
        with self.connection() as coordinator:
            return credentials.conninfo_of(coordinator, self.layout.foreign(server))


def parsed(url: str) -> str:
    """``url`` as libpq takes it; raises ``NotPostgres``."""
    try:
        given = conninfo_to_dict(url)
    except psycopg.Error:
        raise NotPostgres("this is not a PostgreSQL URL") from None
    return make_conninfo("", **{"connect_timeout": _CONNECT_TIMEOUT_S, **given})


def connected(conninfo: str, schema_name: str) -> Connection:
    """A connection in autocommit whose names are those of the index."""
    connection = psycopg.connect(conninfo, autocommit=True, application_name="securegrid-index")
    settings = {**credentials.PLAIN_PLANS, "search_path": schema_name}
    wire.prepare(connection)
    connection.execute(
        "SELECT set_config(name, value, false) FROM unnest(%s::text[], %s::text[]) s (name, value)",
        [list(settings), list(settings.values())],
    )
    return connection


def _rows(connection: Connection, query: Query, values: Sequence[object]) -> list[tuple[Any, ...]]:
    with connection.cursor(binary=True) as cursor:
        return cursor.execute(query, values, prepare=True).fetchall()
