"""Putting events in and taking them out: a reader sees all of an event's rows, or none.

Rows carry the *version* of their event. They are written where their partitions lie first and
mean nothing until one small transaction on the coordinator makes that version the current one.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext
from enum import IntEnum
from uuid import UUID

from psycopg.sql import SQL, Identifier

from securegrid.index.port import EventRows, GenerationMissing, Row
from securegrid.index.postgres.database import Connection, Database
from securegrid.index.postgres.layout import place, shift
from securegrid.index.postgres.wire import Tails, Uuids, encoded, tails

BATCH_ROWS = 200_000


class State(IntEnum):
    """What a version of an event is; the numbers stand in the database.

    They stand in the statements too: as a parameter, no partial index would be used.
    """

    LOADING = 0
    CURRENT = 1
    RETIRED = 2
    """No reader that begins now sees it; its rows are still to be swept away."""


class LoadInterrupted(RuntimeError):  # noqa: N818 - it says what happened
    """Somebody took this load for dead, or a connection broke: nothing of it can be seen."""


Placed = tuple[Row, Tails]


def batches(events: Iterable[EventRows]) -> Iterator[list[EventRows]]:
    """Events in batches of some ``BATCH_ROWS`` rows; an event is never split."""
    batch: list[EventRows] = []
    rows = 0
    for event in events:
        batch.append(event)
        rows += len(event.rows) + 1
        if rows >= BATCH_ROWS:
            yield batch
            batch, rows = [], 0
    yield batch


def load(database: Database, generation: UUID, events: Sequence[EventRows]) -> None:
    """Exchange these events; raises ``GenerationMissing``, ``LoadInterrupted``, psycopg's own."""
    whole = list({event.event: event for event in events}.values())
    rows = [list(dict.fromkeys(event.rows)) for event in whole]
    with _writing(database) as connection:
        places = holders(connection)
        alone = all(server is None for server in places)
        with connection.transaction() if alone else nullcontext():
            versions = _announce(connection, generation, whole, [len(one) for one in rows])
            _copy(database, connection, places, _parted(rows, versions, len(places)))
            _publish(connection, generation, [event.event for event in whole], versions)


def retire(database: Database, generation: UUID, events: Sequence[bytes]) -> None:
    """Let readers see nothing of these events any more."""
    with database.connection() as connection, connection.transaction():
        number = _locked(connection, generation)
        _exchange(connection, number, events, added=(0, 0))


def drop(database: Database, generation: UUID) -> None:
    """Forget a generation; its rows are still to be swept away."""
    with database.connection() as connection, connection.transaction():
        row = connection.execute(
            "DELETE FROM generations WHERE id = %s RETURNING number", [generation]
        ).fetchone()
        if row is not None:
            connection.execute(
                "UPDATE events SET state = 2, retired = pg_current_xact_id()::text::bigint"
                " WHERE generation = %s AND state = 1",
                [row[0]],
            )


def holders(connection: Connection) -> list[str | None]:
    """The server of each partition; None is the coordinator itself."""
    found = connection.execute("SELECT server FROM partitions ORDER BY number").fetchall()
    return [server for (server,) in found]


@contextmanager
def _writing(database: Database) -> Iterator[Connection]:
    """A connection during whose life no partition changes its place."""
    lock = [f"{database.layout.schema}:write"]
    with database.connection() as connection:
        connection.execute("SELECT pg_advisory_lock_shared(hashtextextended(%s, 0))", lock)
        try:
            yield connection
        finally:
            if not connection.closed:
                connection.execute(
                    "SELECT pg_advisory_unlock_shared(hashtextextended(%s, 0))", lock
                )


def _announce(
    connection: Connection, generation: UUID, events: Sequence[EventRows], rows: Sequence[int]
) -> list[int]:
    """A version for each event, LOADING, so that leftovers can be found."""
    with connection.transaction(), connection.cursor(binary=True) as cursor:
        found = cursor.execute(
            "SELECT number FROM generations WHERE id = %s", [generation]
        ).fetchone()
        if found is None:
            raise GenerationMissing(generation)
        cursor.execute(
            'INSERT INTO events (generation, event, "timestamp", published, attributes, rows)'
            " SELECT %s, given.* FROM unnest(%s, %s::bigint[], %s::bool[], %s::int[], %s::int[])"
            " AS given RETURNING event, version",
            [
                found[0],
                Uuids([event.event for event in events]),
                [event.stamp.timestamp for event in events],
                [event.stamp.published for event in events],
                [event.attributes for event in events],
                list(rows),
            ],
        )
        versions: dict[bytes, int] = dict(cursor.fetchall())
    return [versions[event.event] for event in events]


def _parted(
    rows: Sequence[Sequence[Row]], versions: Sequence[int], partitions: int
) -> list[list[Placed]]:
    """The rows of each partition."""
    parted: list[list[Placed]] = [[] for _ in range(partitions)]
    bits = shift(partitions)
    for version, its in zip(versions, rows, strict=True):
        end = tails(version)
        for row in its:
            parted[row.fingerprint[0] >> bits].append((row, end))
    return parted


def _copy(
    database: Database,
    connection: Connection,
    places: Sequence[str | None],
    parted: Sequence[Sequence[Placed]],
) -> None:
    """Write each row to the server that holds its partition; all of them, or it raises.

    Copied through the coordinator's foreign tables they would go one by one.
    """
    numbers_of = {server: _of(server, places, parted) for server in set(places)}
    own = numbers_of.pop(None, [])
    with ExitStack() as transactions, ThreadPoolExecutor(max(1, len(numbers_of))) as threads:
        others = []
        for server, numbers in numbers_of.items():
            other = transactions.enter_context(database.connection(server))
            transactions.enter_context(other.transaction())
            others.append(threads.submit(_copy_all, other, numbers, parted))
        with connection.transaction():
            _copy_all(connection, own, parted)
        for copied in others:
            copied.result()
        # Who has lost the coordinator has lost its lock: its versions may have been swept.
        connection.execute("SELECT 1")


def _of(
    server: str | None, places: Sequence[str | None], parted: Sequence[Sequence[Placed]]
) -> list[int]:
    return [number for number, at in enumerate(places) if at == server and parted[number]]


def _copy_all(
    connection: Connection, numbers: Sequence[int], parted: Sequence[Sequence[Placed]]
) -> None:
    with connection.cursor() as cursor:
        for number in numbers:
            command = SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(Identifier(place(number)))
            with cursor.copy(command) as copy:
                copy.write(encoded(parted[number]))


def _publish(
    connection: Connection, generation: UUID, events: Sequence[bytes], versions: Sequence[int]
) -> None:
    """Make these versions the current ones: the moment from which readers see them."""
    with connection.transaction():
        number = _locked(connection, generation)
        added = connection.execute(
            "SELECT count(*), coalesce(sum(rows), 0)::bigint FROM events"
            " WHERE version = ANY(%s::bigint[]) AND state = 0",
            [versions],
        ).fetchone()
        if added is None or added[0] != len(versions):
            raise LoadInterrupted("another process took this load for dead")
        _exchange(connection, number, events, added=(added[0], added[1]))
        connection.execute(
            "UPDATE events SET state = 1 WHERE version = ANY(%s::bigint[])", [versions]
        )


def _locked(connection: Connection, generation: UUID) -> int:
    """The number of a generation that nobody else changes until the transaction ends."""
    row = connection.execute(
        "SELECT number FROM generations WHERE id = %s FOR UPDATE", [generation]
    ).fetchone()
    if row is None:
        raise GenerationMissing(generation)
    return int(row[0])


def _exchange(
    connection: Connection, number: int, events: Sequence[bytes], added: tuple[int, int]
) -> None:
    """Retire what is current of ``events`` and count what comes in its stead."""
    connection.execute(
        "WITH ended AS ("
        " UPDATE events SET state = 2, retired = pg_current_xact_id()::text::bigint"
        " WHERE generation = %s AND state = 1 AND event = ANY(%s) RETURNING rows)"
        " UPDATE generations SET events = events + %s - (SELECT count(*) FROM ended),"
        " rows = rows + %s - (SELECT coalesce(sum(rows), 0) FROM ended) WHERE number = %s",
        [number, Uuids(events), *added, number],
    )
