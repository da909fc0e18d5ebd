"""Searching by the index, end to end: against fetching the hits alone, live search, and PyMISP."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.baselines import Node, Timed, fetch, value_by_value
from bench.data import LIST_SIZE, searched
from bench.nodes import DELAY_MS, two_nodes
from bench.portal import Asking, portal
from bench.report import Section

ROUNDS = 15
WANTED_AGAINST_FETCH = 1.2
INDEXED = ("Indexed 1", "Indexed 2")
LIVE = ("Live 1", "Live 2")


def measure(folder: Path, tell: Callable[[str], None]) -> list[Section]:
    """The same two nodes known twice to one portal, by an index and live."""
    values = searched()
    tell("making two nodes of a million attributes each")
    with two_nodes(folder) as nodes:
        live, indexed = (dict(zip(names, nodes, strict=True)) for names in (LIVE, INDEXED))
        tell("filling their two indexes, some minutes")
        with portal(folder / "indexed", live, indexed) as served:
            tell("by the index, live, and the fetch alone")
            ways = _side_by_side(nodes, Asking(served), values)
        tell("PyMISP value by value, some minutes")
        ways["PyMISP, value by value"] = [value_by_value(nodes, values)]
    return [_section(ways)]


def _side_by_side(
    nodes: Sequence[Node], client: Asking, values: Sequence[str]
) -> dict[str, list[Timed]]:
    """In turns, so that a busy moment of the machine meets all."""
    uuids = _uuids(client.search(values, misps=INDEXED)[1])
    fetched: list[Timed] = []
    by_index: list[Timed] = []
    by_value: list[Timed] = []
    for _ in range(ROUNDS):
        fetched.append(asyncio.run(fetch(nodes, uuids, 2))[-1])
        by_index.append(_timed(*client.search(values, misps=INDEXED)))
        by_value.append(_timed(*client.search(values, misps=LIVE)))
    return {FETCH: fetched[1:], BY_INDEX: by_index[1:], "the portal's API, live": by_value[1:]}


FETCH = "hand-written: one fetch by UUID per MISP, in parallel"
BY_INDEX = "the portal's API, indexed"


def _uuids(answer: Mapping[str, Any]) -> list[list[str]]:
    return [
        [hit["attribute"]["uuid"] for hit in answer["hits"] if hit["misp"] == name]
        for name in INDEXED
    ]


def _timed(seconds: float, answer: Mapping[str, Any]) -> Timed:
    return Timed(seconds, sum(misp["attributes"] for misp in answer["misps"]))


def _section(ways: Mapping[str, Sequence[Timed]]) -> Section:
    limit = median(timed.seconds for timed in ways[FETCH])
    indexed = median(timed.seconds for timed in ways[BY_INDEX])
    found = {timed.attributes for way in ways.values() for timed in way}
    return Section(
        title=f"{LIST_SIZE} values, 20 % hits, two indexed MISPs of 1 million attributes, "
        f"{DELAY_MS:.0f} ms away",
        rows=[
            {
                "way": name,
                "median s": median(timed.seconds for timed in way),
                "best s": min(timed.seconds for timed in way),
                "worst s": max(timed.seconds for timed in way),
                "× the fetch": median(timed.seconds for timed in way) / limit,
                "attributes": way[0].attributes,
            }
            for name, way in ways.items()
        ],
        wanted={
            f"indexed at most {WANTED_AGAINST_FETCH} × the fetch": indexed
            <= WANTED_AGAINST_FETCH * limit,
            "every way found the same number of attributes": len(found) == 1,
        },
        note=f"In turns over warm connections, {ROUNDS - 1} rounds each.",
    )
