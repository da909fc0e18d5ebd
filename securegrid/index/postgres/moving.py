"""Moving a partition to another server while the index answers and is written.

Rows never change, and new ones carry higher versions. So a move copies, in chunks that are
committed one by one, all versions up to a *fence* at which nobody was writing; what came after
it the same way; and the short rest while writers wait. Then one short transaction on the
coordinator puts the new table in the old one's place. Nothing is swept meanwhile.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final, TypeAlias

import psycopg
from psycopg.errors import LockNotAvailable
from psycopg.sql import SQL, Identifier, Literal

from securegrid.index.postgres import schema
from securegrid.index.postgres.database import Connection, Database
from securegrid.index.postgres.layout import incoming, place
from securegrid.index.postgres.sweeping import retire_dead, sweep, sweep_lock

CHUNK_ROWS: Final = 200_000
_VERSIONS_AT_ONCE: Final = 50_000
_SWAP_WAIT: Final = "300ms"
"""Longer a swap does not wait for a reader: other readers would queue behind it."""
_SWAP_TRIES: Final = 200
_BETWEEN_TRIES_S: Final = 0.1
_BEGIN_WAIT: Final = "60s"

Copied: TypeAlias = Callable[[int], None]


class MoveFailed(RuntimeError):  # noqa: N818 - it says what happened
    """A move did not come to its end; the partition answers where it was, and nothing is lost."""


@dataclass(frozen=True, slots=True)
class _Move:
    source: str | None
    target: str | None
    swapped: bool


class Mover:
    """One partition on its way."""

    def __init__(self, database: Database, partition: int, copied: Copied, chunk_rows: int) -> None:
        self._database = database
        self._partition = partition
        self._copied = copied
        self._chunk_rows = chunk_rows
        self._rows = 0

    def move(self, target: str | None) -> None:
        """Move it to ``target`` (None: the coordinator), or go on with that; raises MoveFailed."""
        with self._database.connection() as coordinator, self._alone(coordinator):
            move = self._begun(coordinator, target)
            if move is not None and not move.swapped:
                self._copy_and_swap(coordinator, move)
            if move is not None:
                self._tidy(coordinator, move)
        sweep(self._database)

    @contextmanager
    def _alone(self, coordinator: Connection) -> Iterator[None]:
        """While no other move and no sweep runs. Who waits in line is not overtaken by sweeps."""
        name = [sweep_lock(self._database)]
        try:
            with coordinator.transaction():
                coordinator.execute(SQL("SET LOCAL lock_timeout = {}").format(Literal(_BEGIN_WAIT)))
                coordinator.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", name)
        except LockNotAvailable:
            raise MoveFailed("another move is running") from None
        try:
            yield
        finally:
            if not coordinator.closed:
                coordinator.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", name)

    def _begun(self, coordinator: Connection, target: str | None) -> _Move | None:
        """The move to do or to go on with; one to elsewhere is given up or brought to its end."""
        move = self._recorded(coordinator)
        if move is not None and move.target != target:
            self._give_up(coordinator, move)
            move = None
        if move is None:
            source = self._holder(coordinator)
            if source == target:
                return None
            move = _Move(source, target, swapped=False)
            self._begin(coordinator, move)
        return move

    def _recorded(self, coordinator: Connection) -> _Move | None:
        row = coordinator.execute(
            "SELECT source, target, swapped FROM moves WHERE partition = %s", [self._partition]
        ).fetchone()
        return None if row is None else _Move(*row)

    def _holder(self, coordinator: Connection) -> str | None:
        row = coordinator.execute(
            "SELECT server FROM partitions WHERE number = %s", [self._partition]
        ).fetchone()
        return None if row is None else row[0]

    def _give_up(self, coordinator: Connection, move: _Move) -> None:
        if move.swapped:
            self._tidy(coordinator, move)
            return
        self._clear_if_there(move.target)
        self._forget(coordinator)

    def _begin(self, coordinator: Connection, move: _Move) -> None:
        """Record it first: what is then made at the target can be found again."""
        coordinator.execute(
            "INSERT INTO moves (partition, source, target) VALUES (%s, %s, %s)",
            [self._partition, move.source, move.target],
        )

    def _copy_and_swap(self, coordinator: Connection, move: _Move) -> None:
        with (
            self._database.connection(move.source) as source,
            self._database.connection(move.target) as target,
        ):
            self._prepare(coordinator, target, move)
            self._copy(source, target, move, self._fence(coordinator))
            schema.make_indexes(target, self._at(move.target))
            fence = self._fence(coordinator)
            self._copy(source, target, move, fence)
            self._verify(source, target, move, fence)
            with self._nobody_writes(coordinator):
                self._copy(source, target, move, _highest(coordinator))
                self._swap(coordinator, move)

    def _prepare(self, coordinator: Connection, target: Connection, move: _Move) -> None:
        """An empty table at the target; or, begun before, one without what was swept since."""
        if self._upto(target) is not None:
            _purge(coordinator, target, self._at(move.target))
            return
        with target.transaction():
            self._clear(target, move.target)
            schema.make_place(
                target, self._at(move.target), self._partition, self._database.partitions
            )
            target.execute(
                "INSERT INTO arriving (partition, upto) VALUES (%s, 0)", [self._partition]
            )

    def _fence(self, coordinator: Connection) -> int:
        """A version up to which everything is written: whatever is written later is higher."""
        with self._nobody_writes(coordinator):
            return _highest(coordinator)

    @contextmanager
    def _nobody_writes(self, coordinator: Connection) -> Iterator[None]:
        """While no rows are being written; writers that come wait. The dead are retired."""
        lock = [f"{self._database.layout.schema}:write"]
        coordinator.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", lock)
        try:
            retire_dead(coordinator)
            yield
        finally:
            if not coordinator.closed:
                coordinator.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", lock)

    def _copy(self, source: Connection, target: Connection, move: _Move, fence: int) -> None:
        """Bring the target to ``fence``, chunk by chunk, from wherever it is."""
        while (begin := self._upto(target) or 0) < fence:
            end = self._end_of_chunk(source, begin, fence)
            self._copy_chunk(source, target, move, begin, end)

    def _end_of_chunk(self, source: Connection, begin: int, fence: int) -> int:
        row = source.execute(
            SQL(
                "SELECT version FROM {} WHERE version > %s AND version <= %s"
                " ORDER BY version OFFSET %s LIMIT 1"
            ).format(Identifier(place(self._partition))),
            [begin, fence, self._chunk_rows],
        ).fetchone()
        return fence if row is None else int(row[0])

    def _copy_chunk(
        self, source: Connection, target: Connection, move: _Move, begin: int, end: int
    ) -> None:
        """Sorted, so that the target's index is filled from left to right."""
        out = SQL(
            "COPY (SELECT fingerprint, attribute, version, mark FROM {} WHERE version > {} AND"
            " version <= {} ORDER BY fingerprint) TO STDOUT (FORMAT BINARY)"
        ).format(Identifier(place(self._partition)), Literal(begin), Literal(end))
        into = SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(Identifier(self._at(move.target)))
        with target.transaction(), source.cursor() as reading, target.cursor() as writing:
            with reading.copy(out) as given, writing.copy(into) as taken:
                for block in given:
                    taken.write(block)
            self._rows += writing.rowcount
            target.execute(
                "UPDATE arriving SET upto = %s WHERE partition = %s", [end, self._partition]
            )
        self._copied(self._rows)

    def _verify(self, source: Connection, target: Connection, move: _Move, fence: int) -> None:
        there = _count(target, self._at(move.target), fence)
        if (here := _count(source, place(self._partition), fence)) != there:
            raise MoveFailed(f"{there} rows arrived of {here}")

    def _swap(self, coordinator: Connection, move: _Move) -> None:
        for _ in range(_SWAP_TRIES):
            try:
                return self._exchange(coordinator, move)
            except LockNotAvailable:
                time.sleep(_BETWEEN_TRIES_S)
        raise MoveFailed("readers held the partition for too long; move it again")

    def _exchange(self, coordinator: Connection, move: _Move) -> None:
        with coordinator.transaction():
            coordinator.execute(SQL("SET LOCAL lock_timeout = {}").format(Literal(_SWAP_WAIT)))
            old = SQL("DROP TABLE {}" if move.source is None else "DROP FOREIGN TABLE {}")
            coordinator.execute(old.format(Identifier(place(self._partition))))
            if move.target is None:
                self._take_in(coordinator)
            else:
                self._point_to(coordinator, move.target)
            coordinator.execute(
                "UPDATE partitions SET server = %s WHERE number = %s",
                [move.target, self._partition],
            )
            coordinator.execute(
                "UPDATE moves SET swapped = true WHERE partition = %s", [self._partition]
            )

    def _take_in(self, coordinator: Connection) -> None:
        coordinator.execute(
            SQL("ALTER TABLE {} RENAME TO {}").format(
                Identifier(incoming(self._partition)), Identifier(place(self._partition))
            )
        )
        schema.attach(coordinator, self._partition, self._database.partitions)

    def _point_to(self, coordinator: Connection, server: str) -> None:
        layout = self._database.layout
        coordinator.execute(
            SQL(
                "CREATE FOREIGN TABLE {} PARTITION OF fingerprints {} SERVER {}"
                " OPTIONS (schema_name {}, table_name {})"
            ).format(
                Identifier(place(self._partition)),
                schema.for_values(self._partition, self._database.partitions),
                Identifier(layout.foreign(server)),
                Literal(layout.schema),
                Literal(place(self._partition)),
            )
        )

    def _tidy(self, coordinator: Connection, move: _Move) -> None:
        """After the swap: the old server's table goes, which nobody reads any more."""
        if move.source is not None:
            self._clear_if_there(move.source)
        with self._database.connection(move.target) as target:
            target.execute("DELETE FROM arriving WHERE partition = %s", [self._partition])
        self._forget(coordinator)

    def _clear_if_there(self, server: str | None) -> None:
        """What a server that is away keeps does no harm: a later move to it goes on with rows
        that never change, or begins anew."""
        with (
            suppress(psycopg.OperationalError),
            self._database.connection(server) as other,
            other.transaction(),
        ):
            self._clear(other, server)

    def _clear(self, connection: Connection, server: str | None) -> None:
        connection.execute(SQL("DROP TABLE IF EXISTS {}").format(Identifier(self._at(server))))
        connection.execute("DELETE FROM arriving WHERE partition = %s", [self._partition])

    def _forget(self, coordinator: Connection) -> None:
        coordinator.execute("DELETE FROM moves WHERE partition = %s", [self._partition])

    def _upto(self, target: Connection) -> int | None:
        row = target.execute(
            "SELECT upto FROM arriving WHERE partition = %s", [self._partition]
        ).fetchone()
        return None if row is None else int(row[0])

    def _at(self, server: str | None) -> str:
        """The table at the target while it is being filled."""
        return incoming(self._partition) if server is None else place(self._partition)


def _highest(coordinator: Connection) -> int:
    row = coordinator.execute("SELECT coalesce(max(version), 0) FROM events").fetchone()
    return 0 if row is None else int(row[0])


def _count(connection: Connection, table: str, fence: int) -> int:
    row = connection.execute(
        SQL("SELECT count(*) FROM {} WHERE version <= %s").format(Identifier(table)), [fence]
    ).fetchone()
    return 0 if row is None else int(row[0])


def _purge(coordinator: Connection, target: Connection, table: str) -> None:
    """Delete the rows of versions that were swept at the source since the move was interrupted."""
    after = 0
    while versions := _versions(target, table, after):
        after = versions[-1]
        gone = coordinator.execute(
            "SELECT version FROM unnest(%s::bigint[]) AS given (version)"
            " WHERE NOT EXISTS (SELECT FROM events e WHERE e.version = given.version)",
            [versions],
        ).fetchall()
        target.execute(
            SQL("DELETE FROM {} WHERE version = ANY(%s::bigint[])").format(Identifier(table)),
            [[version for (version,) in gone]],
        )


def _versions(target: Connection, table: str, after: int) -> list[int]:
    found = target.execute(
        SQL("SELECT DISTINCT version FROM {} WHERE version > %s ORDER BY version LIMIT %s").format(
            Identifier(table)
        ),
        [after, _VERSIONS_AT_ONCE],
    ).fetchall()
    return [version for (version,) in found]
