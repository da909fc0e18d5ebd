"""Partitions move between servers while the index is read and written, and nothing is lost."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import psycopg
import pytest

from securegrid.index.port import EventRows
from securegrid.index.postgres import PostgresStore
from securegrid.index.postgres.sweeping import sweep
from tests.contract.index.fleet import NAMES, PARTITIONS, Machines, opened
from tests.contract.index.moving import started
from tests.contract.index.places import Place
from tests.contract.index.samples import event, events, fingerprints, found, rows_of

pytestmark = pytest.mark.postgres

COUNT, ROWS, CHANGING = 40, 60, 3
"""Events, their rows, and how many of them change all the time."""
AHEAD = 60
"""No more versions are written while somebody reads once."""


@pytest.fixture
def place(three: Machines) -> Iterator[Place]:
    """An empty index on three servers, all of it still on the first."""
    with three.index() as place:
        yield place


@pytest.fixture
def store(place: Place) -> Iterator[PostgresStore]:
    """It, opened."""
    store = opened(place.where)
    yield store
    store.close()


@pytest.fixture
def generation(store: PostgresStore) -> UUID:
    """A generation with ``COUNT`` events."""
    name = uuid4()
    store.create(name)
    store.build(name, events(COUNT, rows=ROWS))
    return name


class Traffic:
    """One thread writes versions of the first events, others read them and all that stays."""

    def __init__(self, place: Place, generation: UUID) -> None:
        self._place, self._generation = place, generation
        self.version, self.reads = 0, 0
        self.wrong: list[object] = []
        self._ended = threading.Event()

    @contextmanager
    def flowing(self) -> Iterator[None]:
        """While the block runs."""
        threads = [threading.Thread(target=work) for work in (self._write, self._read, self._read)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._ended.set()
            for thread in threads:
                thread.join(60)

    def now(self) -> list[EventRows]:
        """What the index holds after the last write."""
        return events(CHANGING, self.version, ROWS) + events(COUNT, rows=ROWS)[CHANGING:]

    def _write(self) -> None:
        store = opened(self._place.where)
        while not self._ended.is_set():
            try:
                store.replace(self._generation, events(CHANGING, self.version + 1, ROWS))
            except Exception as error:
                self.wrong.append(error)
                raise
            self.version += 1
        store.close()

    def _read(self) -> None:
        store = opened(self._place.where)
        staying = events(COUNT, rows=ROWS)[CHANGING:]
        while not self._ended.is_set():
            first = self.version
            held = [events(CHANGING, v, ROWS) for v in range(first, first + AHEAD)]
            wanted = [f for one in (staying, *held) for f in fingerprints(one)]
            rows = found(store, self._generation, wanted)
            upto = self.version + 2 - first
            if not any(rows == rows_of(one + staying) for one in held[:upto]):
                self.wrong.append((first, self.version, len(rows)))
            self.reads += 1
        store.close()


def test_every_partition_moves_twice_under_traffic(
    three: Machines, place: Place, store: PostgresStore, generation: UUID
) -> None:
    traffic = Traffic(place, generation)
    with traffic.flowing():
        for number in range(PARTITIONS):
            store.servers.move(number, NAMES[number % 2], chunk_rows=50)
        for number in range(PARTITIONS):
            store.servers.move(number, ("two", "coordinator")[number % 2], chunk_rows=50)
    assert traffic.wrong == []
    assert traffic.version > 5
    assert traffic.reads > 5
    _holds_exactly(three, place, store, generation, traffic.now())
    evens = tuple(range(0, PARTITIONS, 2))
    odds = tuple(range(1, PARTITIONS, 2))
    assert [one.partitions for one in store.servers.states()] == [odds, (), evens]
    assert [one.arriving for one in store.servers.states()] == [(), (), ()]


@pytest.mark.parametrize("chunks", [0, 1, 3, 6])
@pytest.mark.parametrize(("source", "target"), [("coordinator", "one"), ("one", "two")])
def test_a_killed_move_is_taken_up_again(
    three: Machines,
    place: Place,
    store: PostgresStore,
    generation: UUID,
    chunks: int,
    source: str,
    target: str,
) -> None:
    store.servers.move(3, source)
    child = started(place, 3, target, 30)
    for _ in range(1 + chunks):
        assert child.stdout
        assert child.stdout.readline()
    child.kill()
    child.wait()
    store.replace(generation, events(20, 1, ROWS))
    held = events(20, 1, ROWS) + events(COUNT, rows=ROWS)[20:]
    assert found(store, generation, fingerprints(held)) == rows_of(held)
    store.servers.move(3, target)
    _holds_exactly(three, place, store, generation, held)


@pytest.mark.parametrize("delay_s", [0.0, 0.01, 0.03, 0.06, 0.1, 0.2])
def test_moves_killed_at_any_moment(
    three: Machines, place: Place, store: PostgresStore, generation: UUID, delay_s: float
) -> None:
    target = "one"
    for number in range(4):
        child = started(place, number, target, 100)
        assert child.stdout
        child.stdout.readline()
        time.sleep(delay_s)
        child.kill()
        assert child.wait() in (0, -signal.SIGKILL)
        store.replace(generation, [event(number, 1, ROWS)])
    held = events(4, 1, ROWS) + events(COUNT, rows=ROWS)[4:]
    assert found(store, generation, fingerprints(held)) == rows_of(held)
    for number in range(4):
        store.servers.move(number, "two")
    _holds_exactly(three, place, store, generation, held)
    assert store.servers.states()[2].partitions == (0, 1, 2, 3)


def test_what_is_swept_between_two_tries_does_not_arrive(
    three: Machines, place: Place, store: PostgresStore, generation: UUID
) -> None:
    def interrupt(rows: int) -> None:
        if rows > 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.servers.move(0, "one", copied=interrupt, chunk_rows=50)
    assert store.servers.states()[1].arriving == (0,)
    store.remove(generation, [one.event for one in events(10)])
    store.servers.move(0, "one")
    _holds_exactly(three, place, store, generation, events(COUNT, rows=ROWS)[10:])


def test_a_drop_while_a_move_is_interrupted_leaves_nothing(
    three: Machines, place: Place, store: PostgresStore, generation: UUID
) -> None:
    def interrupt(_rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.servers.move(0, "one", copied=interrupt)
    store.drop(generation)
    store.servers.move(0, "coordinator")
    assert three.left(place) == [set(), set(), set()]


@pytest.mark.parametrize("delay_s", [0.0, 0.005, 0.02, 0.05, 0.1])
def test_a_killed_writer_leaves_nothing_behind(
    three: Machines, generation_on: Place, delay_s: float
) -> None:
    store, name = opened(generation_on.where), uuid4()
    store.create(name)
    child = generation_on.child("replace", name, 400)
    assert child.stdout
    while child.stdout.readline().strip() != "3":
        pass
    time.sleep(delay_s)
    child.kill()
    child.communicate()
    store.replace(name, events(3, 7, 10))
    _holds_exactly(three, generation_on, store, name, events(3, 7, 10))
    store.close()


@pytest.fixture
def generation_on(three: Machines) -> Iterator[Place]:
    """An empty index with a third of it on each server."""
    with three.spread_index() as place:
        yield place


def test_rows_stay_while_somebody_may_still_see_them(three: Machines, generation_on: Place) -> None:
    schema, url = generation_on.where.split(" ")
    store, name = opened(generation_on.where), uuid4()
    store.create(name)
    store.replace(name, events(2))
    with psycopg.connect(url) as reader:
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reader.execute(f"SELECT count(*) FROM {schema}.events")
        store.replace(name, events(2, version=1))
        assert sum(map(len, three.left(generation_on))) == 16
        seen = reader.execute(
            f"SELECT count(*) FROM {schema}.fingerprints JOIN {schema}.events USING (version)"
            " WHERE state = 1"
        ).fetchone()
        assert seen == (8,)
    store.replace(name, events(2, version=2))
    _holds_exactly(three, generation_on, store, name, events(2, version=2))
    store.close()


def _holds_exactly(
    three: Machines, place: Place, store: PostgresStore, generation: UUID, held: list[EventRows]
) -> None:
    """Found, counted, and nothing else in any table once no reader is left."""
    assert found(store, generation, fingerprints(held)) == rows_of(held)
    assert store.size(generation).rows == len(rows_of(held))
    assert sweep(store.database, wait_s=30)
    left = three.left(place)
    assert sum(map(len, left)) == len(rows_of(held))
    assert {row[0].bytes for rows in left for row in rows} == set(fingerprints(held))
