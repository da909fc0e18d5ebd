"""The tables of the index in PostgreSQL, made and brought up to date by the index itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, LiteralString
from uuid import uuid4

from psycopg.errors import InsufficientPrivilege
from psycopg.sql import SQL, Composed, Identifier, Literal

from securegrid.index.postgres.layout import Layout, bounds, place

if TYPE_CHECKING:
    from securegrid.index.postgres.database import Connection

VERSION = 1
COORDINATOR = "coordinator"
SERVER = "server"


class NotThisIndex(RuntimeError):  # noqa: N818 - it says what is wrong
    """What stands in the database's schema is not what this program may use there."""


_STATE: Final = """
CREATE TABLE IF NOT EXISTS state (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  index uuid NOT NULL,
  role text NOT NULL,
  version int NOT NULL,
  partitions int NOT NULL
);
CREATE TABLE IF NOT EXISTS arriving (
  partition int PRIMARY KEY,
  upto bigint NOT NULL
);
"""

_COORDINATOR: Final = """
CREATE TABLE generations (
  number int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id uuid NOT NULL UNIQUE,
  events bigint NOT NULL DEFAULT 0,
  rows bigint NOT NULL DEFAULT 0
);
CREATE TABLE events (
  version bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  generation int NOT NULL,
  event uuid NOT NULL,
  "timestamp" bigint NOT NULL,
  published boolean NOT NULL,
  attributes int NOT NULL,
  rows int NOT NULL,
  state smallint NOT NULL DEFAULT 0,
  retired bigint
);
CREATE UNIQUE INDEX events_current ON events (generation, event) WHERE state = 1;
CREATE INDEX events_others ON events (state, version) WHERE state <> 1;
CREATE TABLE servers (name text PRIMARY KEY);
CREATE TABLE partitions (
  number int PRIMARY KEY,
  server text REFERENCES servers
);
CREATE TABLE moves (
  partition int PRIMARY KEY REFERENCES partitions,
  source text REFERENCES servers,
  target text REFERENCES servers,
  swapped boolean NOT NULL DEFAULT false
);
CREATE TABLE fingerprints (
  fingerprint uuid NOT NULL,
  attribute uuid NOT NULL,
  version bigint NOT NULL,
  mark smallint NOT NULL
) PARTITION BY RANGE (fingerprint);
"""

_MIGRATIONS: Final[tuple[LiteralString, ...]] = ()
"""From version 1 to 2, from 2 to 3, …"""


def prepare(connection: "Connection", layout: Layout) -> int:
    """Make the coordinator's tables where they are missing; the number of partitions there is.

    Several processes may start at once. Raises ``NotThisIndex`` for tables of a newer program,
    or of a server of another index.
    """
    if (found := _version_and_partitions(connection)) and found[0] == VERSION:
        return found[1]
    with _alone(connection, layout.schema), connection.transaction():
        found = _version_and_partitions(connection)
        if found is None:
            _make(connection, layout)
            return layout.partitions
        _migrate(connection, found[0])
        return found[1]


def prepare_server(connection: "Connection", layout: Layout, index: bytes) -> None:
    """Make what a server beside the coordinator of ``index`` needs.

    Raises ``NotThisIndex`` when it already serves another index, or is a coordinator itself.
    """
    with _alone(connection, layout.schema), connection.transaction():
        connection.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(layout.schema)))
        connection.execute(_STATE)
        connection.execute(
            "INSERT INTO state (index, role, version, partitions) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [_uuid(index), SERVER, VERSION, layout.partitions],
        )
        if index_of(connection, SERVER) != index:
            raise NotThisIndex("this database already belongs to another index")


def index_of(connection: "Connection", role: str) -> bytes | None:
    """The random name of the index that this database belongs to in the ``role``."""
    with connection.cursor(binary=True) as cursor:
        row = cursor.execute("SELECT index FROM state WHERE role = %s", [role]).fetchone()
    return None if row is None else row[0]


def make_place(connection: "Connection", name: str, number: int, partitions: int) -> None:
    """A table that can hold partition ``number``, without its indexes."""
    connection.execute(
        SQL(
            "CREATE TABLE {} (fingerprint uuid NOT NULL, attribute uuid NOT NULL,"
            " version bigint NOT NULL, mark smallint NOT NULL, CHECK ({}))"
        ).format(Identifier(name), _check(number, partitions))
    )


def make_indexes(connection: "Connection", name: str) -> None:
    """The indexes of a partition's table, where they are missing.

    By fingerprint for looking up, by version for forgetting what an event held; equal versions
    share an entry, so that the second costs some seven bytes a row.
    """
    for column in ("fingerprint", "version"):
        connection.execute(
            SQL("CREATE INDEX IF NOT EXISTS {} ON {} ({})").format(
                Identifier(f"{name}_{column}"), Identifier(name), Identifier(column)
            )
        )


def attach(connection: "Connection", number: int, partitions: int) -> None:
    """Make the table of partition ``number`` a partition; its check spares reading it."""
    connection.execute(
        SQL("ALTER TABLE fingerprints ATTACH PARTITION {} {}").format(
            Identifier(place(number)), for_values(number, partitions)
        )
    )


def for_values(number: int, partitions: int) -> Composed:
    """The bounds of partition ``number`` in a statement."""
    low, high = bounds(number, partitions)
    return SQL("FOR VALUES FROM ({}) TO ({})").format(
        SQL("MINVALUE") if low is None else Literal(low),
        SQL("MAXVALUE") if high is None else Literal(high),
    )


def _make(connection: "Connection", layout: Layout) -> None:
    """The schema may have been made by an administrator, for a user who may make none."""
    try:
        with connection.transaction():
            connection.execute(
                SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(layout.schema))
            )
    except InsufficientPrivilege:
        pass
    connection.execute(_STATE)
    connection.execute(_COORDINATOR)
    connection.execute(
        "INSERT INTO state (index, role, version, partitions) VALUES (%s, %s, %s, %s)",
        [uuid4(), COORDINATOR, VERSION, layout.partitions],
    )
    for number in range(layout.partitions):
        connection.execute("INSERT INTO partitions (number) VALUES (%s)", [number])
        make_place(connection, place(number), number, layout.partitions)
        make_indexes(connection, place(number))
        attach(connection, number, layout.partitions)


def _version_and_partitions(connection: "Connection") -> tuple[int, int] | None:
    found = connection.execute("SELECT to_regclass('state')").fetchone()
    if found is None or found[0] is None:
        return None
    row = connection.execute("SELECT version, partitions, role FROM state").fetchone()
    if row is None or row[2] != COORDINATOR or row[0] > VERSION:
        raise NotThisIndex("its tables are a server's of another index, or of a newer program")
    return row[0], row[1]


def _migrate(connection: "Connection", version: int) -> None:
    for step in _MIGRATIONS[version - 1 :]:
        connection.execute(step)
    connection.execute("UPDATE state SET version = %s", [VERSION])


@contextmanager
def _alone(connection: "Connection", schema: str) -> Iterator[None]:
    """One at a time. A transaction that begins after the wait sees what the one before made."""
    name = [f"{schema}:schema"]
    connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", name)
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", name)


def _check(number: int, partitions: int) -> Composed:
    low, high = bounds(number, partitions)
    above = SQL("fingerprint >= {}").format(Literal(low)) if low else SQL("true")
    below = SQL("fingerprint < {}").format(Literal(high)) if high else SQL("true")
    return SQL("{} AND {}").format(above, below)


def _uuid(given: bytes) -> str:
    return given.hex()
