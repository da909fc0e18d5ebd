"""Servers beside the coordinator: added, refused, asked at once, away, and removed."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL

from securegrid.index.postgres import PostgresStore
from securegrid.index.postgres.credentials import remember_user
from securegrid.index.postgres.database import NotPostgres
from securegrid.index.postgres.schema import NotThisIndex
from securegrid.index.postgres.servers import ServerRefused
from securegrid.index.postgres.sweeping import sweep
from tests.contract.index.fleet import PARTITIONS, Machines, opened
from tests.contract.index.places import Place
from tests.contract.index.samples import event, events, fingerprints, found, rows_of, stamps_of
from tests.postgres import server

pytestmark = pytest.mark.postgres


@pytest.fixture
def spread(three: Machines) -> Iterator[Place]:
    """An empty index with a third of it on each server."""
    with three.spread_index() as place:
        yield place


@pytest.fixture
def store(three: Machines) -> Iterator[PostgresStore]:
    """An index on the coordinator that knows the others."""
    with three.index() as place:
        store = opened(place.where)
        yield store
        store.close()


def test_servers_say_what_they_hold(three: Machines, spread: Place) -> None:
    store = opened(spread.where)
    states = store.servers.states()
    assert [one.name for one in states] == ["coordinator", "one", "two"]
    assert [one.partitions for one in states] == [(0, 3, 6), (1, 4, 7), (2, 5)]
    for one, url in zip(states, three.urls, strict=True):
        given = conninfo_to_dict(url)
        assert one.address == f"{given['host']}:{given['port']}/{given['dbname']}"
        assert str(given["password"]) not in repr(one)
        assert one.bytes
    store.close()


def test_foreign_partitions_are_asked_at_the_same_time(spread: Place) -> None:
    store = opened(spread.where)
    generation = uuid4()
    store.create(generation)
    store.look_up({generation: [b"\0" * 16]})
    query = store._look_up_query()
    nothing: list[bytes] = []
    values = [*[nothing] * PARTITIONS, [generation]]
    with store.database.connection() as connection:
        plan = connection.execute(SQL("EXPLAIN (VERBOSE) ") + query, values).fetchall()
    lines = [line.strip() for (line,) in plan]
    assert sum("Async Foreign Scan" in line for line in lines) == 5
    remote = [line for line in lines if line.startswith("Remote SQL")]
    assert all("WHERE ((fingerprint = ANY (" in line for line in remote)
    assert not [line for line in lines if "Seq Scan on" in line]
    store.close()


def test_a_password_is_in_no_log(three: Machines, store: PostgresStore) -> None:
    coordinator, other = three.urls[0], three.urls[1]
    password = str(conninfo_to_dict(other)["password"])
    log = _log_of(coordinator)
    with psycopg.connect(coordinator, autocommit=True) as connection:
        for setting in ("log_statement = 'all'", "log_min_duration_statement = 0"):
            connection.execute(f"ALTER SYSTEM SET {setting}")
        connection.execute("SELECT pg_reload_conf()")
    store.close()
    before = len(log.read_text())
    store.servers.add("three", other)
    store.servers.add("three", other)
    store.servers.move(0, "three")
    foreign = store.database.layout.foreign("three")
    with (
        store.database.connection() as connection,
        pytest.raises(psycopg.Error) as refused,
        connection.transaction(),
    ):
        remember_user(connection, foreign, {"user": password, "no_option": password})
    said = log.read_text()[before:]
    assert "CREATE SERVER" in said
    assert "the user mapping was refused" in said
    assert password not in said
    assert password not in str(refused.value)


def _log_of(url: str) -> Path:
    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row
    return Path(row[0]).parent / "log"


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("Three", {}),
        ("coordinator", {}),
        ("a b", {}),
        ("three", {"password": None}),
        ("three", {"user": None}),
        ("three", {"options": "-csearch_path=x"}),
    ],
)
def test_what_cannot_be_a_server(
    three: Machines, store: PostgresStore, name: str, change: dict[str, str | None]
) -> None:
    url = make_conninfo(
        "", **{k: v for k, v in (conninfo_to_dict(three.urls[1]) | change).items() if v}
    )
    with pytest.raises(ServerRefused) as refused:
        store.servers.add(name, url)
    assert str(conninfo_to_dict(three.urls[1])["password"]) not in str(refused.value)
    assert len(store.servers.states()) == 3


def test_a_url_that_is_none_is_not_quoted(store: PostgresStore) -> None:
    with pytest.raises(NotPostgres) as refused:
        store.servers.add("three", "host=db s3cret-word")
    assert "s3cret" not in f"{refused.value!r} {refused.value.__cause__!r}"
    with pytest.raises(NotPostgres) as refused:
        PostgresStore("mysql://user:s3cret@host/db")
    assert "s3cret" not in repr(refused.value)


def test_a_wrong_password_adds_nothing(three: Machines, store: PostgresStore) -> None:
    wrong = conninfo_to_dict(three.urls[1]) | {"password": "s3cret-word"}
    with pytest.raises(psycopg.OperationalError) as refused:
        store.servers.add("three", make_conninfo("", **wrong))
    assert "s3cret" not in str(refused.value)
    assert len(store.servers.states()) == 3


def test_a_server_serves_one_index(three: Machines, store: PostgresStore) -> None:
    schema = store.database.layout.schema
    with pytest.raises(ServerRefused):
        store.servers.add("itself", three.urls[0])
    with pytest.raises(NotThisIndex):
        PostgresStore(three.urls[1], schema=schema).generations()
    with psycopg.connect(three.urls[0], autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {schema}")
        other = PostgresStore(
            make_conninfo(three.urls[0], dbname=schema), partitions=1, schema=schema
        )
        with pytest.raises(ServerRefused):
            other.servers.add("one", three.urls[1])
        assert [one.name for one in other.servers.states()] == ["coordinator"]
        other.close()
        connection.execute(f"DROP DATABASE {schema} WITH (FORCE)")


def test_a_server_that_holds_something_stays(store: PostgresStore) -> None:
    store.servers.move(5, "two")
    with pytest.raises(ServerRefused):
        store.servers.remove("two")
    with pytest.raises(ServerRefused):
        store.servers.remove("nobody")
    with pytest.raises(ServerRefused):
        store.servers.move(5, "nobody")
    with pytest.raises(ServerRefused):
        store.servers.move(PARTITIONS, "one")
    store.servers.move(5, "coordinator")
    store.servers.remove("two")
    assert [one.name for one in store.servers.states()] == ["coordinator", "one"]


def test_a_server_that_is_away(three: Machines) -> None:
    with three.index() as place:
        store, generation = opened(place.where), uuid4()
        store.create(generation)
        store.replace(generation, events(6))
        with server() as url:
            store.servers.add("leaving", url)
            store.servers.move(0, "leaving")
            assert found(store, generation, fingerprints(events(6))) == rows_of(events(6))
        with pytest.raises(psycopg.Error):
            found(store, generation, fingerprints(events(6)))
        with pytest.raises(psycopg.Error):
            store.replace(generation, events(6, version=1))
        assert store.stamps(generation) == stamps_of(events(6))
        store.remove(generation, [event(5).event])
        assert not sweep(store.database)
        assert store.servers.states()[1].bytes is None
        assert store.size(generation).rows == 20
        store.drop(generation)
        assert store.generations() == frozenset()
        store.close()


def test_a_move_to_a_server_that_went_away_is_given_up(store: PostgresStore) -> None:
    def interrupt(_rows: int) -> None:
        raise KeyboardInterrupt

    generation = uuid4()
    store.create(generation)
    store.replace(generation, events(20, rows=20))
    with server() as url:
        store.servers.add("leaving", url)
        with pytest.raises(KeyboardInterrupt):
            store.servers.move(0, "leaving", copied=interrupt)
    with pytest.raises(psycopg.OperationalError):
        store.servers.move(0, "leaving")
    store.servers.move(0, "one")
    assert {one.name: one.partitions for one in store.servers.states()[1:]} == {
        "leaving": (),
        "one": (0,),
        "two": (),
    }
    held = events(20, rows=20)
    assert found(store, generation, fingerprints(held)) == rows_of(held)
