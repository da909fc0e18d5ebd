"""The main measurement: one list at two MISPs behind 100 ms, four ways, in one run."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, quantiles

from bench.baselines import Node, Timed, fan_out, one_list, value_by_value
from bench.data import LIST_SIZE, searched
from bench.nodes import DELAY_MS, two_nodes
from bench.portal import Asking, Portal, portal
from bench.report import Section

ROUNDS = 15
AT_ONCE = 20
WANTED_AGAINST_FAN_OUT = 1.25
WANTED_AGAINST_VALUE_BY_VALUE = 100.0
WANTED_MEMORY_MB = 500.0


def measure(folder: Path, tell: Callable[[str], None]) -> list[Section]:
    """Both sections: the four ways, and twenty searches at once."""
    values = searched()
    tell("making two nodes of a million attributes each")
    with two_nodes(folder) as nodes, portal(folder, _named(nodes)) as served:
        tell("(a) PyMISP value by value, some minutes")
        by_value = value_by_value(nodes, values)
        tell("(b), (c), (d)")
        by_list = [one_list(nodes, values) for _ in range(3)]
        fanned, asked = _side_by_side(nodes, served, values)
        tell(f"{AT_ONCE} searches at once")
        crowd = _crowd(served, values)
        memory_mb = served.running.peak_memory_mb()
    return [_four_ways(by_value, by_list, fanned, asked), _at_once(crowd, memory_mb)]


def _named(nodes: Sequence[Node]) -> dict[str, Node]:
    return {f"Bench {number}": node for number, node in enumerate(nodes, 1)}


def _side_by_side(
    nodes: Sequence[Node], served: Portal, values: Sequence[str]
) -> tuple[list[Timed], list[Timed]]:
    """(c) and (d) in turns, so that a busy moment of the machine meets both."""
    client = Asking(served)
    fanned: list[Timed] = []
    asked: list[Timed] = []
    for _ in range(ROUNDS):
        fanned.append(asyncio.run(fan_out(nodes, values, 2))[-1])
        seconds, answer = client.search(values)
        asked.append(Timed(seconds, sum(misp["attributes"] for misp in answer["misps"])))
    return fanned[1:], asked[1:]


def _crowd(served: Portal, values: Sequence[str]) -> list[float]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda _: Asking(served).search(values)[0], range(AT_ONCE)))


def _four_ways(
    by_value: Timed, by_list: Sequence[Timed], fanned: Sequence[Timed], asked: Sequence[Timed]
) -> Section:
    limit = median(timed.seconds for timed in fanned)
    ways = (
        ("(a) PyMISP, value by value", (by_value,)),
        ("(b) PyMISP, one list per server in turn", by_list),
        ("(c) hand-written aiohttp fan-out, chunks of 190", fanned),
        ("(d) the portal's API, POST to complete", asked),
    )
    portal_s = median(timed.seconds for timed in asked)
    found = {timed.attributes for _, way in ways for timed in way}
    return Section(
        title=f"{LIST_SIZE} values, 20 % hits, two MISPs of 1 million attributes, "
        f"{DELAY_MS:.0f} ms away",
        rows=[_row(name, way, limit) for name, way in ways],
        wanted={
            f"(d) at most {WANTED_AGAINST_FAN_OUT} × (c)": portal_s
            <= WANTED_AGAINST_FAN_OUT * limit,
            f"(d) over {WANTED_AGAINST_VALUE_BY_VALUE:.0f} × faster than (a)": by_value.seconds
            > WANTED_AGAINST_VALUE_BY_VALUE * portal_s,
            "every way found the same number of attributes": len(found) == 1,
        },
        note=f"(c) and (d) in turns over warm connections, {ROUNDS - 1} rounds each.",
    )


def _row(name: str, way: Sequence[Timed], limit: float) -> dict[str, str | int | float]:
    seconds = [timed.seconds for timed in way]
    return {
        "way": name,
        "median s": median(seconds),
        "best s": min(seconds),
        "worst s": max(seconds),
        "× (c)": median(seconds) / limit,
        "attributes": way[0].attributes,
    }


def _at_once(seconds: Sequence[float], memory_mb: float) -> Section:
    return Section(
        title=f"{AT_ONCE} such searches at once through one portal process",
        rows=[
            {
                "p50 s": median(seconds),
                "p95 s": quantiles(seconds, n=20)[-1],
                "worst s": max(seconds),
                "peak memory MB": memory_mb,
            }
        ],
        wanted={f"one process under {WANTED_MEMORY_MB:.0f} MB": memory_mb < WANTED_MEMORY_MB},
    )
