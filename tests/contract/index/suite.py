"""What every store of the index promises; a store's test class inherits it and gives ``place``.

Beyond the port: ``look_up`` answers every generation it was asked for, if only with an empty list;
a fingerprint that is asked twice is answered once; rows have no order.
"""

import threading
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from securegrid.index.port import EventRows, GenerationMissing, Row, Store
from securegrid.values.fingerprints import Mark
from tests.contract.index.places import Place
from tests.contract.index.samples import (
    event,
    event_id,
    events,
    fingerprints,
    found,
    holding,
    row,
    rows_of,
    sixteen,
    stamps_of,
)


class StoreContract:
    """Inherit, and define a fixture ``place`` that gives an empty Place."""

    @pytest.fixture
    def store(self, place: Place) -> Iterator[Store]:
        """An empty store."""
        store = place.open()
        yield store
        store.close()

    @pytest.fixture
    def generation(self, store: Store) -> UUID:
        """An empty generation of it."""
        name = uuid4()
        store.create(name)
        return name

    def test_an_empty_generation(self, store: Store, generation: UUID) -> None:
        assert store.look_up({generation: [sixteen("any")]}) == {generation: []}
        assert store.look_up({generation: []}) == {generation: []}
        assert store.look_up({}) == {}
        assert store.stamps(generation) == {}
        assert (store.size(generation).events, store.size(generation).rows) == (0, 0)
        assert store.generations() == {generation}

    def test_an_absent_generation(self, store: Store, generation: UUID) -> None:
        absent = uuid4()
        with pytest.raises(GenerationMissing):
            store.look_up({generation: [sixteen("any")], absent: [sixteen("any")]})
        with pytest.raises(GenerationMissing):
            store.replace(absent, [event(1)])
        with pytest.raises(GenerationMissing):
            store.remove(absent, [event_id(1)])
        with pytest.raises(GenerationMissing):
            store.build(absent, [event(1)])
        with pytest.raises(GenerationMissing):
            store.stamps(absent)
        with pytest.raises(GenerationMissing):
            store.size(absent)
        assert store.generations() == {generation}

    def test_making_it_again_keeps_it(self, store: Store, generation: UUID) -> None:
        store.replace(generation, events(2))
        store.create(generation)
        assert store.stamps(generation) == stamps_of(events(2))

    @pytest.mark.parametrize("way", ["build", "replace"])
    def test_what_was_put_in_is_found(self, store: Store, generation: UUID, way: str) -> None:
        held = events(30, rows=7)
        getattr(store, way)(generation, held)
        misses = [sixteen("absent", number) for number in range(200)]
        assert found(store, generation, fingerprints(held) + misses) == rows_of(held)
        assert found(store, generation, fingerprints(held[:3])) == rows_of(held[:3])
        assert found(store, generation, misses) == set()
        assert store.stamps(generation) == stamps_of(held)
        size = store.size(generation)
        assert (size.events, size.rows) == (30, 210)
        assert size.bytes > 0

    @pytest.mark.parametrize("way", ["build", "replace"])
    def test_one_fingerprint_in_many_places(self, store: Store, generation: UUID, way: str) -> None:
        same = sixteen("same")
        rows = [[Row(same, sixteen(e, a), Mark.DOMAIN) for a in range(20)] for e in range(20)]
        held = [holding(number, its) for number, its in enumerate(rows)]
        getattr(store, way)(generation, held)
        assert found(store, generation, [same]) == rows_of(held)
        store.remove(generation, [event_id(4)])
        assert found(store, generation, [same]) == rows_of(held[:4] + held[5:])

    def test_asked_twice_is_answered_once(self, store: Store, generation: UUID) -> None:
        store.replace(generation, [event(1)])
        one = event(1).rows[0]
        assert store.look_up({generation: [one.fingerprint] * 3}) == {generation: [one]}

    def test_every_byte_of_a_fingerprint_counts(self, store: Store, generation: UUID) -> None:
        low, high = b"\0" * 16, b"\xff" * 16
        near = [bytes([*low[:place], 1, *low[place + 1 :]]) for place in range(16)]
        rows = [Row(one, sixteen(one), Mark.WHOLE) for one in (low, high, *near)]
        store.replace(generation, [holding(1, rows)])
        for one in rows:
            assert found(store, generation, [one.fingerprint]) == {one}
        store.replace(generation, [holding(1, rows[::2])])
        assert found(store, generation, [r.fingerprint for r in rows]) == set(rows[::2])

    def test_marks_are_kept_apart(self, store: Store, generation: UUID) -> None:
        rows = [Row(sixteen("host"), sixteen("attribute"), mark) for mark in Mark]
        store.replace(generation, [holding(1, rows)])
        assert found(store, generation, [sixteen("host")]) == set(rows)

    @pytest.mark.parametrize("way", ["build", "replace"])
    def test_rows_given_twice_are_kept_once(self, store: Store, generation: UUID, way: str) -> None:
        rows = event(1).rows
        getattr(store, way)(generation, [holding(1, rows * 2)])
        assert store.size(generation).rows == len(rows)
        assert len(store.look_up({generation: [r.fingerprint for r in rows]})[generation]) == 4

    def test_one_attribute_in_two_events(self, store: Store, generation: UUID) -> None:
        shared = row(1, 0, 0)
        store.replace(generation, [holding(1, [shared]), holding(2, [shared])])
        store.remove(generation, [event_id(1)])
        assert found(store, generation, [shared.fingerprint]) == {shared}
        store.remove(generation, [event_id(2)])
        assert found(store, generation, [shared.fingerprint]) == set()

    @pytest.mark.parametrize("way", ["build", "replace"])
    def test_events_without_rows_are_known(self, store: Store, generation: UUID, way: str) -> None:
        held = [holding(1, []), event(2), holding(3, [])]
        getattr(store, way)(generation, held)
        assert store.stamps(generation) == stamps_of(held)
        assert store.size(generation).events == 3

    @pytest.mark.parametrize("way", ["build", "replace"])
    def test_an_event_changes(self, store: Store, generation: UUID, way: str) -> None:
        getattr(store, way)(generation, events(10))
        changed = [event(3, version=1), event(7, version=1, rows=9), event(20)]
        store.replace(generation, changed)
        now = [e for e in events(10) if e.event not in (event_id(3), event_id(7))] + changed
        everything = fingerprints([*events(10), *changed])
        assert found(store, generation, everything) == rows_of(now)
        assert store.stamps(generation) == stamps_of(now)
        assert store.size(generation).rows == 8 * 4 + 4 + 9 + 4

    def test_an_event_loses_attributes(self, store: Store, generation: UUID) -> None:
        store.build(generation, events(3, rows=10))
        store.replace(generation, [holding(1, event(1).rows[:2], version=1)])
        assert found(store, generation, fingerprints([event(1, rows=10)])) == set(event(1).rows[:2])
        store.replace(generation, [holding(1, [], version=2)])
        assert found(store, generation, fingerprints([event(1, rows=10)])) == set()
        assert store.stamps(generation)[event_id(1)].timestamp == 1_700_000_002

    def test_the_same_again_changes_nothing(self, store: Store, generation: UUID) -> None:
        for _ in range(3):
            store.replace(generation, events(5))
        assert found(store, generation, fingerprints(events(5))) == rows_of(events(5))
        assert store.size(generation).rows == 20

    def test_events_are_removed(self, store: Store, generation: UUID) -> None:
        store.build(generation, events(10))
        store.remove(generation, [event_id(2), event_id(9), event_id(99)])
        store.remove(generation, [event_id(2)])
        kept = [e for e in events(10) if e.event not in (event_id(2), event_id(9))]
        assert found(store, generation, fingerprints(events(10))) == rows_of(kept)
        assert store.stamps(generation) == stamps_of(kept)
        store.replace(generation, [event(2)])
        assert found(store, generation, fingerprints([event(2)])) == rows_of([event(2)])

    def test_nothing_to_do_is_no_error(self, store: Store, generation: UUID) -> None:
        store.build(generation, [])
        store.replace(generation, [])
        store.remove(generation, [])
        assert store.stamps(generation) == {}

    def test_generations_are_apart(self, store: Store, generation: UUID) -> None:
        other = uuid4()
        store.create(other)
        store.build(generation, events(5))
        store.replace(other, [event(3), event(8)])
        wanted = fingerprints(events(10))
        answer = store.look_up({generation: wanted, other: wanted})
        assert set(answer[generation]) == rows_of(events(5))
        assert set(answer[other]) == rows_of([event(3), event(8)])
        store.remove(other, [event_id(3)])
        store.drop(other)
        assert found(store, generation, wanted) == rows_of(events(5))
        assert store.generations() == {generation}

    def test_a_dropped_generation_is_gone(self, store: Store, generation: UUID) -> None:
        store.build(generation, events(5))
        store.drop(generation)
        store.drop(generation)
        store.drop(uuid4())
        assert store.generations() == frozenset()
        with pytest.raises(GenerationMissing):
            store.look_up({generation: [sixteen("any")]})
        with pytest.raises(GenerationMissing):
            store.stamps(generation)

    def test_made_again_it_is_empty(self, store: Store, generation: UUID) -> None:
        store.build(generation, events(5))
        store.drop(generation)
        store.create(generation)
        assert found(store, generation, fingerprints(events(5))) == set()
        assert store.stamps(generation) == {}

    def test_another_store_sees_what_happens(self, place: Place, generation: UUID) -> None:
        store, other = place.open(), place.open()
        wanted = fingerprints(events(3))
        assert found(other, generation, wanted) == set()
        store.build(generation, events(3))
        assert found(other, generation, wanted) == rows_of(events(3))
        store.drop(generation)
        with pytest.raises(GenerationMissing):
            other.look_up({generation: wanted})
        store.create(generation)
        store.replace(generation, [event(1)])
        assert found(other, generation, wanted) == rows_of([event(1)])
        assert other.generations() == {generation}
        store.close()
        other.close()

    def test_it_is_kept(self, place: Place, store: Store, generation: UUID) -> None:
        store.build(generation, events(3))
        store.replace(generation, [event(1, version=1)])
        store.close()
        again = place.open()
        assert again.generations() == {generation}
        assert again.stamps(generation) == stamps_of([event(0), event(1, version=1), event(2)])
        again.close()

    @pytest.mark.parametrize("way", ["build", "replace"])
    def test_a_hundred_thousand_rows(self, store: Store, generation: UUID, way: str) -> None:
        held = events(500, rows=200)
        getattr(store, way)(generation, held)
        wanted = fingerprints(held)
        assert store.size(generation).rows == 100_000
        every_fifth = set(wanted[::5])
        rows = {one for one in rows_of(held) if one.fingerprint in every_fifth}
        assert found(store, generation, wanted[::5]) == rows
        store.remove(generation, [e.event for e in held[::2]])
        assert store.size(generation).rows == 50_000
        assert found(store, generation, wanted[:20_000]) == rows_of(held[1:100:2])

    def test_one_large_event(self, store: Store, generation: UUID) -> None:
        store.build(generation, [event(1, rows=30_000), event(2)])
        store.replace(generation, [event(1, version=1, rows=30_000)])
        assert store.size(generation).rows == 30_004
        assert found(store, generation, fingerprints([event(1, rows=5_000)])) == set()
        some = event(1, version=1, rows=5_000)
        assert found(store, generation, fingerprints([some])) == rows_of([some])

    def test_a_source_that_fails(self, store: Store, generation: UUID) -> None:
        with pytest.raises(ZeroDivisionError):
            store.build(generation, _failing(events(50)))
        stamps = store.stamps(generation)
        held = [e for e in events(50) if e.event in stamps]
        wanted = fingerprints(events(50))
        assert stamps == stamps_of(held)
        assert found(store, generation, wanted) == rows_of(held)
        store.replace(generation, events(50))
        assert found(store, generation, wanted) == rows_of(events(50))
        assert store.size(generation).rows == 200

    def test_threads_read_while_one_writes(self, store: Store, generation: UUID) -> None:
        versions = 25
        store.build(generation, events(3))
        wanted = [f for v in range(versions) for f in fingerprints(events(3, v))]
        wholes = [rows_of(events(3, version)) for version in range(versions)]
        broken: list[object] = []
        done = threading.Event()

        def read() -> None:
            while not done.is_set():
                if (rows := found(store, generation, wanted)) not in wholes:
                    broken.append(rows)

        readers = [threading.Thread(target=read) for _ in range(4)]
        for reader in readers:
            reader.start()
        for version in range(1, versions):
            store.replace(generation, events(3, version))
        done.set()
        for reader in readers:
            reader.join(30)
        assert broken == []
        assert found(store, generation, wanted) == wholes[-1]


def _failing(held: list[EventRows]) -> Iterator[EventRows]:
    yield from held
    raise ZeroDivisionError
