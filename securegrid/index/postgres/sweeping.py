"""Removing the rows of versions that no reader can see any more, on every server."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg.sql import SQL, Composed, Identifier, Literal

from securegrid.index.postgres.database import Connection, Database
from securegrid.index.postgres.loading import State

BATCH_VERSIONS = 500
_LOOK_EVERY_S = 0.01

_SWEEPABLE: Final = """
WITH oldest AS (
  SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint
    - coalesce(max(age(backend_xmin)), 0) AS xact
  FROM pg_stat_activity
  WHERE datname = current_database() AND backend_type = 'client backend'
    AND pid <> pg_backend_pid()
)
SELECT version FROM events, oldest
WHERE state = 2 AND retired < oldest.xact ORDER BY version LIMIT %s
"""
"""A server beside the coordinator shows a look-up its state of a moment later than the
coordinator's snapshot. So the rows of a version go only when every snapshot still in use is
younger than its retirement."""


def sweep(database: Database, *, wait_s: float = 0.0) -> bool:
    """Sweep what can be swept; whether nothing is left.

    For ``wait_s`` seconds, waits for readers that began before, and for another sweep or a move.
    A server that cannot be reached keeps its leftovers until a later sweep.
    """
    until = time.monotonic() + wait_s
    while True:
        with (
            database.connection() as connection,
            _lock_if_free(connection, sweep_lock(database)) as mine,
        ):
            try:
                if mine and _swept(connection, database):
                    return True
            except psycopg.OperationalError:
                if connection.closed:
                    raise
                return False
        if time.monotonic() >= until:
            return False
        time.sleep(_LOOK_EVERY_S)


def sweep_lock(database: Database) -> str:
    """The lock that one sweep or one move holds at a time."""
    return f"{database.layout.schema}:sweep"


def bury(connection: Connection, database: Database) -> None:
    """Retire what dead processes were loading; known to be dead when nobody writes at all."""
    if not _any(connection, State.LOADING):
        return
    with _lock_if_free(connection, f"{database.layout.schema}:write") as nobody_writes:
        if nobody_writes:
            retire_dead(connection)


def retire_dead(connection: Connection) -> None:
    """Retire every version that is LOADING; only for who has locked the writers out."""
    connection.execute(
        "UPDATE events SET state = 2, retired = pg_current_xact_id()::text::bigint WHERE state = 0"
    )


def _swept(connection: Connection, database: Database) -> bool:
    """Deletes rows before events, so that a sweep that was cut off is done again."""
    bury(connection, database)
    while versions := _sweepable(connection):
        for table in ("fingerprints", "events"):
            connection.execute(_delete(table, versions))
    return not _any(connection, State.RETIRED)


def _delete(table: str, versions: list[int]) -> Composed:
    """Literal versions: with a parameter, foreign rows would be fetched and deleted one by one."""
    return SQL("DELETE FROM {} WHERE version = ANY({}::bigint[])").format(
        Identifier(table), Literal(versions)
    )


def _sweepable(connection: Connection) -> list[int]:
    found = connection.execute(_SWEEPABLE, [BATCH_VERSIONS]).fetchall()
    return [version for (version,) in found]


def _any(connection: Connection, state: State) -> bool:
    query = SQL("SELECT 1 FROM events WHERE state = {} LIMIT 1").format(Literal(state.value))
    found = connection.execute(query)
    return found.fetchone() is not None


@contextmanager
def _lock_if_free(connection: Connection, name: str) -> Iterator[bool]:
    found = connection.execute(
        "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name]
    ).fetchone()
    mine = found is not None and bool(found[0])
    try:
        yield mine
    finally:
        if mine and not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])
