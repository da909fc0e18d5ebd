"""Other ways to search two MISPs: with PyMISP, and with requests written by hand."""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec
from pymisp import PyMISP

CHUNK = 190
LIMIT = 5000


@dataclass(frozen=True, slots=True)
class Node:
    """A MISP to ask: where it is, and with which key."""

    url: str
    key: str


@dataclass(frozen=True, slots=True)
class Timed:
    """How long one whole search took, and how many attributes it found."""

    seconds: float
    attributes: int


def value_by_value(nodes: Sequence[Node], values: Sequence[str]) -> Timed:
    """(a) PyMISP, one request per value and server, in turn: what scripts do today."""
    return _with_pymisp(nodes, [[value] for value in values])


def one_list(nodes: Sequence[Node], values: Sequence[str]) -> Timed:
    """(b) PyMISP, one list per server, server after server."""
    return _with_pymisp(nodes, [list(values)])


def _with_pymisp(nodes: Sequence[Node], lists: Sequence[list[str]]) -> Timed:
    logging.getLogger("pymisp").setLevel(logging.CRITICAL)
    clients = [PyMISP(node.url, node.key, ssl=False) for node in nodes]
    found = 0
    started = time.perf_counter()
    for client in clients:
        for values in lists:
            # PyMISP takes a list here, and its annotations do not say so.
            asked: Any = values
            answer: Any = client.search(
                "attributes", value=asked, include_context=True, limit=LIMIT
            )
            found += len(answer["Attribute"])
    return Timed(time.perf_counter() - started, found)


async def fan_out(nodes: Sequence[Node], values: Sequence[str], rounds: int) -> list[Timed]:
    """(c) aiohttp, chunks of 190 to all servers at once over warm connections: the limit."""
    chunks = [values[start : start + CHUNK] for start in range(0, len(values), CHUNK)]
    wanted = frozenset(values)
    timed: list[Timed] = []
    async with aiohttp.ClientSession() as session:
        for _ in range(rounds):
            started = time.perf_counter()
            found = await asyncio.gather(
                *(_ask(session, node, chunk, wanted) for node in nodes for chunk in chunks)
            )
            timed.append(Timed(time.perf_counter() - started, sum(found)))
    return timed


async def fetch(nodes: Sequence[Node], uuids: Sequence[Sequence[str]], rounds: int) -> list[Timed]:
    """One list of UUIDs to each server at once, over warm connections: the limit of an index."""
    timed: list[Timed] = []
    async with aiohttp.ClientSession() as session:
        for _ in range(rounds):
            started = time.perf_counter()
            found = await asyncio.gather(
                *(
                    _ask(session, node, part[start : start + CHUNK], frozenset(part), "uuid")
                    for node, part in zip(nodes, uuids, strict=True)
                    for start in range(0, len(part), CHUNK)
                )
            )
            timed.append(Timed(time.perf_counter() - started, sum(found)))
    return timed


async def _ask(
    session: aiohttp.ClientSession,
    node: Node,
    chunk: Sequence[str],
    wanted: frozenset[str],
    by: str = "value",
) -> int:
    body = {"returnFormat": "json", by: chunk, "includeContext": 1, "limit": LIMIT}
    headers = {
        "Authorization": node.key,
        "Accept": "application/json",
        "Content-Type": "application/json",
    }
    url = f"{node.url}/attributes/restSearch"
    async with session.post(url, data=msgspec.json.encode(body), headers=headers) as response:
        response.raise_for_status()
        answer = msgspec.json.decode(await response.read())
    return sum(row[by] in wanted for row in answer["response"]["Attribute"])
