"""What the PostgreSQL store does beyond the port: starts, connections that break, plans."""

import threading
from collections.abc import Iterator
from secrets import token_hex
from uuid import uuid4

import psycopg
import pytest

from securegrid.index.port import EventRows, EventStamp
from securegrid.index.postgres import PostgresStore
from securegrid.index.postgres.loading import BATCH_ROWS, batches
from securegrid.index.postgres.schema import VERSION, NotThisIndex
from tests.contract.index.samples import event, events, fingerprints, found, row, rows_of

pytestmark = pytest.mark.postgres


@pytest.fixture
def schema(postgres_url: str) -> Iterator[str]:
    """The name of a schema that does not exist yet."""
    name = f"index_{token_hex(4)}"
    yield name
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")


@pytest.fixture
def store(postgres_url: str, schema: str) -> Iterator[PostgresStore]:
    """An empty store of 16 partitions."""
    store = PostgresStore(postgres_url, schema=schema)
    yield store
    store.close()


def test_several_may_start_at_once(postgres_url: str, schema: str) -> None:
    together = threading.Barrier(6)
    seen: list[object] = []

    def start() -> None:
        store = PostgresStore(postgres_url, partitions=4, schema=schema)
        together.wait()
        seen.append(store.generations())
        store.close()

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert seen == [frozenset()] * 6


def test_the_number_of_partitions_is_decided_once(postgres_url: str, schema: str) -> None:
    first = PostgresStore(postgres_url, partitions=4, schema=schema)
    generation = uuid4()
    first.create(generation)
    first.replace(generation, events(3))
    again = PostgresStore(postgres_url, partitions=64, schema=schema)
    assert again.database.partitions == 4
    assert found(again, generation, fingerprints(events(3))) == rows_of(events(3))
    first.close()
    again.close()


def test_the_tables_of_a_newer_program_are_left_alone(store: PostgresStore) -> None:
    with store.database.connection() as connection:
        connection.execute("UPDATE state SET version = %s", [VERSION + 1])
    newer = PostgresStore(store_url(store), schema=store.database.layout.schema)
    with pytest.raises(NotThisIndex):
        newer.generations()


def store_url(store: PostgresStore) -> str:
    """Where it is, with its password."""
    with store.database.connection() as connection:
        return f"{connection.info.dsn} password={connection.info.password}"


def test_a_connection_that_broke_meanwhile_is_replaced(
    postgres_url: str, store: PostgresStore
) -> None:
    generation = uuid4()
    store.create(generation)
    store.replace(generation, events(3))
    for _ in range(3):
        _end_connections(postgres_url)
        assert found(store, generation, fingerprints(events(3))) == rows_of(events(3))


def _end_connections(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE application_name = 'securegrid-index'"
        )


def test_no_table_is_read_from_end_to_end(store: PostgresStore) -> None:
    generation = uuid4()
    store.create(generation)
    store.build(generation, events(300, rows=20))
    before = _scans(store)
    store.replace(generation, events(5, version=1, rows=20))
    store.remove(generation, [event(7).event])
    for number in range(8):  # so often that prepared statements are used
        store.look_up({generation: fingerprints(events(20 + number))})
    store.stamps(generation)
    assert _scans(store) == before


def _scans(store: PostgresStore) -> dict[str, int]:
    store.close()  # what a connection counted is told at its end at the latest
    with store.database.connection() as connection:
        connection.execute("SELECT pg_stat_force_next_flush()")
        found = connection.execute(
            "SELECT relname, seq_scan FROM pg_stat_user_tables WHERE schemaname = %s"
            " AND (relname = 'events' OR relname LIKE 'fingerprints%%')",
            [store.database.layout.schema],
        )
        return dict(found.fetchall())


def test_a_build_comes_in_batches_of_whole_events() -> None:
    size = BATCH_ROWS // 4
    rows = tuple(row(1, 0, place) for place in range(10)) * (size // 10)
    large = EventRows(b"e" * 16, EventStamp(1, True), size, rows)
    assert [len(batch) for batch in batches([large] * 9)] == [4, 4, 1]
    assert [len(batch) for batch in batches([])] == [0]
