"""Syncs of a MISP that is edited all the time, with failures and ends at every step, seeded."""

import asyncio
from random import Random
from typing import Any

import pytest

from securegrid.index import reading, writing
from securegrid.index.rules import Pace, Rules
from securegrid.index.sync import SyncReport, sync
from securegrid.misp.failures import Case, failure
from tests.unit.index.memory_store import MemoryStore
from tests.unit.index.small_misp import GENERATION, KEY, JumpingClock, SmallMisp, rows_of_one

RULES = (
    Rules(),
    Rules(published_only=True),
    Rules(left_out_tags=("tlp:red",), left_out_types=("ip-dst",), blocks=True),
)
PASSING = [case for case in Case if not failure(case).permanent]


class World:
    """A MISP, a store and a clock, under one seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.clock = JumpingClock()
        self.misp = SmallMisp(self.clock, self.random)
        self.store = MemoryStore()
        self.store.create(GENERATION)
        self.rules = self.random.choice(RULES)
        self.pace = Pace(at_a_time=self.random.choice((1, 1, 3)))
        for _ in range(self.random.randrange(30)):
            self.misp.edit_at_random()

    async def sync(self) -> SyncReport:
        return await sync(
            self.misp, self.store, GENERATION, KEY, self.rules, clock=self.clock, pace=self.pace
        )

    def let_pass(self) -> None:
        """Time and edits between two syncs; often several edits in one second."""
        self.clock.s += self.random.choice((0, 0.3, 1, 60))
        for _ in range(self.random.randrange(12)):
            self.misp.edit_at_random()
            self.clock.s += self.random.choice((0, 0, 0.4, 5))

    async def demand_in_step(self) -> None:
        """After its people have gone home, two syncs and it is as a fresh one; a third is idle."""
        self.misp.before = self.misp.after = SmallMisp(self.clock).before
        for _ in range(2):
            self.clock.s += 60
            assert (await self.sync()).complete
        assert self.store.rows(GENERATION) == self.misp.rows(self.rules)
        self.clock.s += 60
        self.misp.asked.clear()
        await self.sync()
        assert self.misp.asked == ["events"]
        await self._demand_like_fresh()

    async def _demand_like_fresh(self) -> None:
        fresh = MemoryStore()
        fresh.create(GENERATION)
        for _ in range(2):
            self.clock.s += 60
            await sync(self.misp, fresh, GENERATION, KEY, self.rules, clock=self.clock)
        assert fresh.held == self.store.held


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE_ATTRIBUTES", 8)
    monkeypatch.setattr(reading, "SMALLEST_PAGE", 8)
    monkeypatch.setattr(reading, "GUESSED_ATTRIBUTES", 2)
    monkeypatch.setattr(writing, "BUILD_S", 0.0)
    monkeypatch.setattr(writing, "SLOW_BUILD_S", 0.0)


@pytest.mark.parametrize("seed", range(60))
async def test_edits_between_and_during_syncs(seed: int) -> None:
    world = World(seed)

    async def edit(_what: str) -> None:
        if world.random.random() < 0.3:
            world.clock.s += world.random.choice((0, 0.5, 3))
            world.misp.edit_at_random()

    for _ in range(5):
        world.misp.before = world.misp.after = edit
        await world.sync()
        world.let_pass()
    await world.demand_in_step()


@pytest.mark.parametrize("seed", range(60))
async def test_failures_at_any_request(seed: int) -> None:
    world = World(seed)

    async def fail(_what: str) -> None:
        if world.random.random() < 0.25:
            raise failure(
                world.random.choice(PASSING), retry_after_s=world.random.choice((None, 3))
            )

    for _ in range(5):
        world.misp.before = fail
        await world.sync()
        world.let_pass()
    await world.demand_in_step()


@pytest.mark.parametrize("seed", range(60))
async def test_a_store_failing_at_any_write(seed: int) -> None:
    world = World(seed)

    def fail(_what: str) -> None:
        if world.random.random() < 0.3:
            raise OSError

    for _ in range(5):
        world.store.before = fail
        report = await world.sync()
        assert report.complete is (report.failure is None)
        world.let_pass()
    world.store.before = MemoryStore().before
    await world.demand_in_step()


@pytest.mark.parametrize("seed", range(12))
async def test_an_end_at_every_step(seed: int) -> None:
    """Cancelled before each of its requests and each of its writes, it goes on and on."""
    steps = 0
    for step in range(200):
        world = World(seed)
        world.let_pass()
        steps = await _ended_at(world, step)
        _demand_whole_events(world)
        world.let_pass()
        await world.demand_in_step()
        if steps <= step:
            break
    assert 2 <= steps < 200


async def _ended_at(world: World, step: int) -> int:
    """Syncs until step ``step``; gives the steps there were."""
    steps = 0
    running: list[asyncio.Task[Any]] = []
    loop = asyncio.get_running_loop()

    def count() -> None:
        nonlocal steps
        if steps == step:
            loop.call_soon_threadsafe(running[0].cancel)
        steps += 1

    async def at_request(_what: str) -> None:
        count()
        await asyncio.sleep(0)

    def at_write(_what: str) -> None:
        count()

    world.misp.before, world.store.before = at_request, at_write
    running.append(asyncio.create_task(world.sync()))
    await asyncio.wait(running)
    world.store.before = MemoryStore().before
    assert running[0].cancelled() or steps <= step or running[0].result().complete
    return steps


def _demand_whole_events(world: World) -> None:
    """Nothing was edited, so each event that is held is as the MISP has it."""
    for event in world.misp.events_held.values():
        held = world.store.held[GENERATION].get(event.uuid.bytes)
        if held is None:
            continue
        red = set(event.tags) & set(world.rules.left_out_tags)
        kept = {
            row
            for one in event.live()
            if not red and not one.hidden and one.type not in world.rules.left_out_types
            if not set(one.tags) & set(world.rules.left_out_tags)
            for row in rows_of_one(one, world.rules)
        }
        assert set(held.rows) == kept


@pytest.mark.parametrize("seed", range(10))
async def test_two_syncs_in_a_row_leave_the_same(seed: int) -> None:
    world = World(seed)
    world.clock.s += 60
    await world.sync()
    world.clock.s += 60
    await world.sync()
    before = dict(world.store.held[GENERATION])
    writes: list[str] = []
    world.store.before = writes.append
    await world.sync()
    assert world.store.held[GENERATION] == before
    assert writes == []
