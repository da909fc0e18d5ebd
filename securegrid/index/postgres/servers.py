"""The servers that hold the partitions: adding, listing and removing one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg.errors import InsufficientPrivilege, UndefinedFile
from psycopg.sql import SQL, Identifier

from securegrid.index.postgres import credentials, loading, schema
from securegrid.index.postgres.database import Connection, Database, connected, parsed
from securegrid.index.postgres.layout import place
from securegrid.index.postgres.moving import CHUNK_ROWS, Copied, Mover

COORDINATOR: Final = "coordinator"
"""What people call the database that the portal knows."""


class ServerRefused(ValueError):  # noqa: N818 - it says what happened
    """A server cannot be added, removed or used; the text is for operators, without secrets."""


@dataclass(frozen=True, slots=True)
class ServerState:
    """One server as it is now."""

    name: str
    address: str
    """Host, port and database."""
    partitions: tuple[int, ...]
    arriving: tuple[int, ...]
    """Partitions that are being moved to it, or were when a move was interrupted."""
    bytes: int | None
    """On disk, with indexes; None when the server does not answer."""


class Servers:
    """The coordinator and the servers beside it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, url: str) -> None:
        """Let partitions be moved to another PostgreSQL; the same name again changes its URL.

        ``url`` names host, database, user and password, and holds for the coordinator as well
        as for the portal and its workers. Raises ``ServerRefused``, psycopg's own errors when
        the server cannot be reached, and ``NotPostgres``.
        """
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,20}", name) or name == COORDINATOR:
            raise ServerRefused("name: lower-case letters, digits and _, 21 at most")
        conninfo = parsed(url)
        try:
            server, user = credentials.options_of(conninfo)
            self._prepare(conninfo, name)
            self._register(name, server, user)
        except (credentials.AddressRefused, schema.NotThisIndex) as refused:
            raise ServerRefused(str(refused)) from None

    def remove(self, name: str) -> None:
        """Forget a server that holds nothing any more; raises ``ServerRefused``."""
        held = next((one for one in self.states() if one.name == name), None)
        if held is None:
            raise ServerRefused("there is no such server")
        if held.partitions or held.arriving:
            raise ServerRefused("it still holds partitions; move them first")
        with self._database.connection(name) as server:
            own = SQL("DROP SCHEMA {} CASCADE").format(Identifier(self._database.layout.schema))
            server.execute(own)
        with self._database.connection() as connection, connection.transaction():
            foreign = Identifier(self._database.layout.foreign(name))
            connection.execute("DELETE FROM servers WHERE name = %s", [name])
            connection.execute(SQL("DROP SERVER {} CASCADE").format(foreign))

    def move(
        self,
        partition: int,
        to: str,
        *,
        copied: Copied | None = None,
        chunk_rows: int = CHUNK_ROWS,
    ) -> None:
        """Move a partition while the index answers and is written; interrupted, begin it again.

        ``to`` is a server's name, or ``COORDINATOR``. ``copied`` is told the rows copied so far,
        after every ``chunk_rows`` or so.
        Raises ``ServerRefused`` for an unknown server or partition, ``MoveFailed``, and
        psycopg's errors; none of them loses a row.
        """
        if partition not in range(self._database.partitions):
            raise ServerRefused(f"there are partitions 0 to {self._database.partitions - 1}")
        if to != COORDINATOR and to not in self._names():
            raise ServerRefused("there is no such server")
        target = None if to == COORDINATOR else to
        Mover(self._database, partition, copied or _silent, chunk_rows).move(target)

    def states(self) -> tuple[ServerState, ...]:
        """Every server with what it holds, the coordinator first."""
        with self._database.connection() as connection:
            places = loading.holders(connection)
            moves = connection.execute("SELECT partition, target FROM moves").fetchall()
        return tuple(
            ServerState(
                name=name or COORDINATOR,
                address=self._address(name),
                partitions=tuple(number for number, at in enumerate(places) if at == name),
                arriving=tuple(number for number, target in moves if target == name),
                bytes=self._bytes(name, places),
            )
            for name in (None, *self._names())
        )

    def bytes_taken(self) -> int:
        """What all partitions take on disk, as far as their servers answer."""
        with self._database.connection() as connection:
            places = loading.holders(connection)
        return sum(self._bytes(server, places) or 0 for server in set(places))

    def _prepare(self, conninfo: str, name: str) -> None:
        index = self._index()
        connection = connected(conninfo, self._database.layout.schema)
        with connection:
            schema.prepare_server(connection, self._database.layout, index)

    def _index(self) -> bytes:
        with self._database.connection() as connection:
            index = schema.index_of(connection, schema.COORDINATOR)
        if index is None:
            raise ServerRefused("this database does not coordinate an index")
        return index

    def _register(self, name: str, server: dict[str, str], user: dict[str, str]) -> None:
        foreign = self._database.layout.foreign(name)
        with self._database.connection() as connection, connection.transaction():
            _make_extension(connection)
            credentials.remember(connection, foreign, server)
            credentials.remember_user(connection, foreign, user)
            connection.execute(
                "INSERT INTO servers (name) VALUES (%s) ON CONFLICT DO NOTHING", [name]
            )
        self._database.disconnect()

    def _names(self) -> tuple[str, ...]:
        with self._database.connection() as connection:
            found = connection.execute("SELECT name FROM servers ORDER BY name").fetchall()
        return tuple(name for (name,) in found)

    def _address(self, server: str | None) -> str:
        """Where it is, as the coordinator was told."""
        if server is None:
            with self._database.connection() as connection:
                info = connection.info
                return f"{info.host}:{info.port}/{info.dbname}"
        with self._database.connection() as connection:
            return credentials.address_of(connection, self._database.layout.foreign(server))

    def _bytes(self, server: str | None, places: Sequence[str | None]) -> int | None:
        names = [place(number) for number, at in enumerate(places) if at == server]
        try:
            with self._database.connection(server) as connection:
                row = connection.execute(
                    "SELECT coalesce(sum(pg_total_relation_size(name::regclass)), 0)::bigint"
                    " FROM unnest(%s::text[]) AS given (name)",
                    [names],
                ).fetchone()
        except psycopg.Error:
            return None
        return None if row is None else int(row[0])


def _make_extension(connection: Connection) -> None:
    try:
        with connection.transaction():
            connection.execute("CREATE EXTENSION IF NOT EXISTS postgres_fdw WITH SCHEMA public")
    except UndefinedFile:
        raise ServerRefused("postgres_fdw is not installed (package postgresql-contrib)") from None
    except InsufficientPrivilege:
        raise ServerRefused(
            "an administrator must first run, in the coordinator's database:"
            " CREATE EXTENSION postgres_fdw; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO …"
        ) from None


def _silent(_rows: int) -> None:
    """Nobody wants to know."""
