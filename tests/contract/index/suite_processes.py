"""What every store promises when processes share it and when they are killed at any moment."""

import signal
import subprocess
import time
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from securegrid.index.port import EventRows, Store
from tests.contract.index.child import EVENTS
from tests.contract.index.places import Place
from tests.contract.index.samples import events, fingerprints, found, rows_of, stamps_of

WAIT_S = 60


class ProcessContract:
    """Inherit, and define a fixture ``place`` that gives an empty Place."""

    @pytest.fixture
    def generation(self, place: Place) -> UUID:
        """An empty generation in it."""
        store, name = place.open(), uuid4()
        store.create(name)
        store.close()
        return name

    @pytest.fixture
    def children(self) -> Iterator[list["subprocess.Popen[str]"]]:
        """Processes to be ended after the test."""
        started: list[subprocess.Popen[str]] = []
        yield started
        for child in started:
            child.kill()
            child.wait(WAIT_S)
            if child.stdout:
                child.stdout.close()

    def test_two_processes_read_while_one_writes(
        self, place: Place, generation: UUID, children: list["subprocess.Popen[str]"]
    ) -> None:
        versions, rows = 40, 20
        store = place.open()
        store.build(generation, events(EVENTS, 0, rows))
        children += [place.child("read", generation, versions, rows) for _ in range(2)]
        for child in children:
            assert _line(child) == "reading"
        for version in range(1, versions):
            store.replace(generation, events(EVENTS, version, rows))
        store.close()
        assert [(_line(child), child.wait(WAIT_S)) for child in children] == [("done", 0)] * 2

    @pytest.mark.parametrize("dies_at", [0, 60, 119])
    def test_killed_while_events_come_in(
        self,
        place: Place,
        generation: UUID,
        children: list["subprocess.Popen[str]"],
        dies_at: int,
    ) -> None:
        children.append(place.child("build", generation, 120, 50, dies_at))
        assert children[0].wait(WAIT_S) == -signal.SIGKILL
        self._is_whole_and_goes_on(place, generation, events(120, rows=50))

    @pytest.mark.parametrize("delay_s", [0.0, 0.02, 0.15])
    def test_killed_while_it_builds(
        self,
        place: Place,
        generation: UUID,
        children: list["subprocess.Popen[str]"],
        delay_s: float,
    ) -> None:
        children.append(place.child("build", generation, 200, 300, -1))
        assert _line(children[0]) == "given"
        _kill(children[0], delay_s)
        self._is_whole_and_goes_on(place, generation, events(200, rows=300))

    @pytest.mark.parametrize("delay_s", [0.0, 0.003, 0.03])
    def test_killed_while_it_replaces(
        self,
        place: Place,
        generation: UUID,
        children: list["subprocess.Popen[str]"],
        delay_s: float,
    ) -> None:
        rows = 200
        children.append(place.child("replace", generation, rows))
        last = _until(children[0], 3)
        _kill(children[0], delay_s)
        last = max([last, *map(int, _rest(children[0]))])
        held = [events(EVENTS, version, rows) for version in range(last + 2)]
        store = place.open()
        stamps = store.stamps(generation)
        assert stamps in [stamps_of(held[last - 1]), stamps_of(held[last])]
        whole = next(version for version in held if stamps_of(version) == stamps)
        everything = [one for version in held for one in fingerprints(version)]
        assert found(store, generation, everything) == rows_of(whole)
        assert store.size(generation).rows == EVENTS * rows
        store.replace(generation, held[-1])
        assert found(store, generation, everything) == rows_of(held[-1])
        store.close()

    @pytest.mark.parametrize("delay_s", [0.0, 0.004, 0.02])
    def test_killed_while_it_removes(
        self,
        place: Place,
        generation: UUID,
        children: list["subprocess.Popen[str]"],
        delay_s: float,
    ) -> None:
        rows = 200
        children.append(place.child("toggle", generation, rows))
        _until(children[0], 3)
        _kill(children[0], delay_s)
        self._is_whole_and_goes_on(place, generation, events(EVENTS, 0, rows))

    def _is_whole_and_goes_on(self, place: Place, generation: UUID, given: list[EventRows]) -> None:
        store: Store = place.open()
        stamps = store.stamps(generation)
        held = [one for one in given if one.event in stamps]
        missing = [one for one in given if one.event not in stamps]
        assert stamps == stamps_of(held)
        assert found(store, generation, fingerprints(given)) == rows_of(held)
        assert store.size(generation).rows == sum(len(one.rows) for one in held)
        store.replace(generation, missing)
        assert found(store, generation, fingerprints(given)) == rows_of(given)
        assert store.size(generation).rows == sum(len(one.rows) for one in given)
        store.drop(generation)
        assert store.generations() == frozenset()
        store.close()


def _line(child: "subprocess.Popen[str]") -> str:
    assert child.stdout
    return child.stdout.readline().strip()


def _rest(child: "subprocess.Popen[str]") -> list[str]:
    assert child.stdout
    return child.stdout.read().split()


def _until(child: "subprocess.Popen[str]", number: int) -> int:
    """Read its lines until it tells ``number``."""
    told = 0
    while told < number:
        told = int(_line(child))
    return told


def _kill(child: "subprocess.Popen[str]", delay_s: float) -> None:
    time.sleep(delay_s)
    child.kill()
    child.wait(WAIT_S)
