"""The gate: what one MISP gets at a time, over all searches of a process."""

import asyncio

import pytest

from securegrid.federation.gate import Gate, Gates
from securegrid.federation.plan import Target
from tests.faults.virtual_time import VirtualClock, run_virtual

CLOCK = VirtualClock()


async def _visit(gate: Gate, stay_s: float, starts: list[float], ends_at: float = 100.0) -> bool:
    if not await gate.enter(CLOCK, ends_at):
        return False
    starts.append(round(CLOCK.monotonic(), 3))
    await CLOCK.sleep(stay_s)
    gate.leave()
    return True


async def _visits(gate: Gate, count: int, stay_s: float, ends_at: float = 100.0) -> list[float]:
    starts: list[float] = []
    await asyncio.gather(*(_visit(gate, stay_s, starts, ends_at) for _ in range(count)))
    return starts


@pytest.mark.parametrize(
    ("concurrency", "pause_s", "starts"),
    [
        (2, 0.0, [0, 0, 1, 1, 2]),
        (1, 0.0, [0, 1, 2, 3, 4]),
        (9, 0.5, [0, 0.5, 1, 1.5, 2]),
        (1, 3.0, [0, 3, 6, 9, 12]),
        (0, -1.0, [0, 1, 2, 3, 4]),
    ],
)
def test_concurrency_and_pause_are_kept(
    concurrency: int, pause_s: float, starts: list[float]
) -> None:
    assert run_virtual(_visits(Gate(concurrency, pause_s), 5, 1.0)) == starts


def test_no_turn_comes_after_the_deadline() -> None:
    assert run_virtual(_visits(Gate(1, 0.0), 5, 1.0, ends_at=2.5)) == [0, 1, 2]
    assert run_virtual(_visits(Gate(5, 1.0), 5, 0.1, ends_at=2.5)) == [0, 1, 2]


def test_who_gets_no_turn_leaves_no_slot_behind() -> None:
    async def story() -> list[float]:
        gate = Gate(1, 5.0)
        await _visits(gate, 1, 0.0)
        assert await _visits(gate, 1, 0.0, ends_at=2.0) == []
        return await _visits(gate, 1, 0.0)

    assert run_virtual(story()) == [5.0]


def test_a_rate_limit_shuts_the_gate_until_it_is_over() -> None:
    async def story() -> list[float]:
        gate = Gate(4, 0.0)
        gate.limit_until(7.0)
        return await _visits(gate, 2, 1.0)

    assert run_virtual(story()) == [7.0, 7.0]


def test_who_is_cancelled_in_the_gate_leaves_no_slot_behind() -> None:
    async def story() -> list[float]:
        gate = Gate(1, 5.0)
        await _visits(gate, 1, 0.0)
        waiting = asyncio.create_task(_visit(gate, 1.0, []))
        await CLOCK.sleep(1.0)
        waiting.cancel()
        await asyncio.wait({waiting})
        return await _visits(gate, 1, 1.0)

    assert run_virtual(story()) == [10.0]


def test_searches_share_the_gate_of_a_misp_until_its_owner_changes_the_limits() -> None:
    gates = Gates()
    first = gates.of(Target("A", concurrency=2))
    assert gates.of(Target("A", concurrency=2)) is first
    assert gates.of(Target("B", concurrency=2)) is not first
    assert gates.of(Target("A", concurrency=3)).concurrency == 3


def test_a_healed_misp_is_asked_at_once_unless_somebody_waits() -> None:
    async def story() -> list[list[float]]:
        gates = Gates()
        gate = gates.of(Target("A"))
        gate.limit_until(20.0)
        waiting = asyncio.create_task(_visits(gate, 1, 0.0))
        await CLOCK.sleep(1.0)
        gates.healed("A")
        starts = [await _visits(gate, 1, 0.0), await waiting]
        gate.limit_until(40.0)
        gates.healed("A")
        gates.healed("nobody")
        return [*starts, await _visits(gate, 1, 0.0)]

    assert run_virtual(story()) == [[20.0], [20.0], [20.0]]
