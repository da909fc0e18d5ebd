"""Measures one search over 50 simulated MISPs, one more dead and one that takes 30 seconds."""

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from random import Random
from typing import Any

from bench.simulated import Simulated, simulated
from securegrid.federation.clock import SystemClock
from securegrid.federation.fanout import ask
from securegrid.federation.outcomes import CellState, ChunkAnswer, MispDone, Outcome
from securegrid.federation.plan import Target
from securegrid.misp.client import MispClient
from securegrid.misp.connection import AddressPolicy, Connection
from securegrid.values.model import Kind, Value

MISPS = 50
FASTEST_S, SLOWEST_S = 0.05, 0.3
DEAD, SLOW = "dead", "slow"
SLOW_S = 30.0
VALUES = 710
DEADLINE_S = 5.0
FIRST_HITS_WITHIN_S = 0.5
ALL_BUT_SLOW_WITHIN_S = 1.5
OVERTIME_S = 0.5


def the_fleet() -> dict[str, Simulated]:
    """The same 52 MISPs at each run: 50 healthy ones, a dead and a slow one."""
    draw = Random(2026)
    healthy = {
        f"MISP {number}": Simulated(round(draw.uniform(FASTEST_S, SLOWEST_S), 3))
        for number in range(MISPS)
    }
    return {**healthy, DEAD: Simulated(None), SLOW: Simulated(SLOW_S)}


def measure(*, values: int = VALUES, deadline_s: float = DEADLINE_S) -> dict[str, Any]:
    """Run the fleet and one search over it; seconds from the first step, and what was wanted."""
    fleet = the_fleet()
    with simulated(list(fleet.values())) as urls:
        lines = dict(zip(fleet, urls, strict=True))
        timed = asyncio.run(_search(lines, _addresses(values), deadline_s))
    return _measured(timed, values, deadline_s)


async def _search(
    urls: dict[str, str], values: Sequence[Value], deadline_s: float
) -> list[tuple[float, Outcome]]:
    async with AsyncExitStack() as stack:
        clients = {name: MispClient(_connection(url)) for name, url in urls.items()}
        for client in clients.values():
            await stack.enter_async_context(client)
        started, timed = time.perf_counter(), []
        targets = [Target(name) for name in clients]
        asking = ask(
            values, targets, clients.__getitem__, deadline_s=deadline_s, clock=SystemClock()
        )
        async for outcome in asking:
            timed.append((time.perf_counter() - started, outcome))
        return timed


def _measured(
    timed: Sequence[tuple[float, Outcome]], values: int, deadline_s: float
) -> dict[str, Any]:
    hits = [at for at, each in timed if isinstance(each, ChunkAnswer) and each.found]
    done = {each.misp: at for at, each in timed if isinstance(each, MispDone)}
    first_hits_s, complete_s = min(hits), max(done.values())
    all_but_slow_s = max(at for misp, at in done.items() if misp != SLOW)
    wanted = {
        "first_hits": first_hits_s <= FIRST_HITS_WITHIN_S,
        "all_but_slow": all_but_slow_s <= ALL_BUT_SLOW_WITHIN_S,
        "complete": complete_s <= deadline_s + OVERTIME_S,
        "one_state_per_cell": _one_state_per_cell(timed, values),
    }
    return {
        "misps": len(done),
        "values": values,
        "deadline_s": deadline_s,
        "first_hits_s": round(first_hits_s, 3),
        "all_but_slow_s": round(all_but_slow_s, 3),
        "complete_s": round(complete_s, 3),
        "cells": _counted(timed),
        "wanted": wanted,
        "met": all(wanted.values()),
    }


def _one_state_per_cell(timed: Sequence[tuple[float, Outcome]], values: int) -> bool:
    told: dict[str, list[int]] = {}
    for _, each in timed:
        told.setdefault(each.misp, []).extend(
            each.positions if isinstance(each, ChunkAnswer) else ()
        )
    return all(sorted(positions) == list(range(values)) for positions in told.values())


def _counted(timed: Sequence[tuple[float, Outcome]]) -> dict[str, int]:
    counts = dict.fromkeys((state.value for state in CellState if state != CellState.RUNNING), 0)
    for _, each in timed:
        if isinstance(each, ChunkAnswer):
            hits = len({found.position for found in each.found})
            counts[CellState.HIT.value] += hits
            counts[each.state.value] += len(each.positions) - hits
    return counts


def _addresses(count: int) -> list[Value]:
    texts = (f"198.{18 + n // 65_536}.{n // 256 % 256}.{n % 256}" for n in range(count))
    return [Value(Kind.IPV4, text, (text,)) for text in texts]


def _connection(url: str) -> Connection:
    return Connection(url, "k" * 40, policy=AddressPolicy(allow_loopback=True))


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
