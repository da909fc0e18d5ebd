"""A process that syncs a MISP, or only reads the same JSON: ``python -m bench.syncing WAY …``.

``sync URL KEY FOLDER REQUESTS`` writes down what it asked in REQUESTS; ``read URL KEY REQUESTS``
asks the same again and throws the bodies away. Each tells its figures as JSON.
"""

import asyncio
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import aiohttp
import msgspec

from bench.machine import peak_mb
from securegrid.federation.clock import SystemClock
from securegrid.index.rules import Rules
from securegrid.index.sqlite import SqliteStore
from securegrid.index.sync import sync
from securegrid.misp.client import MispClient
from securegrid.misp.connection import AddressPolicy, Connection
from securegrid.misp.copying import Content, EventCount, Listing
from securegrid.misp.identities import EVERY_EVENT, ContentsQuery, CountsQuery

FINGERPRINT_KEY = bytes(range(32))


class _Noting:
    """A source that notes what it is asked."""

    def __init__(self, client: MispClient) -> None:
        self._client = client
        self.asked: list[tuple[str, str]] = []

    async def events(self) -> Listing:
        self._note("/events/index", EVERY_EVENT.body())
        return await self._client.events()

    async def counts(self, query: CountsQuery) -> tuple[EventCount, ...]:
        self._note("/events/index", query.body())
        return await self._client.counts(query)

    async def contents(self, query: ContentsQuery) -> tuple[Content, ...]:
        self._note("/attributes/restSearch", query.body())
        return await self._client.contents(query)

    def _note(self, path: str, body: bytes) -> None:
        self.asked.append((path, body.decode()))


def _sync(url: str, key: str, folder: str, requests: str) -> dict[str, float]:
    figures, asked = asyncio.run(_synced(url, key, folder))
    Path(requests).write_bytes(msgspec.json.encode(asked))
    return figures


def _read(url: str, key: str, requests: str) -> dict[str, float]:
    asked = msgspec.json.decode(Path(requests).read_bytes(), type=list[tuple[str, str]])
    return asyncio.run(_reading(url, key, asked))


async def _synced(
    url: str, key: str, folder: str
) -> tuple[dict[str, float], list[tuple[str, str]]]:
    store, generation = SqliteStore(Path(folder)), uuid4()
    store.create(generation)
    connection = Connection(url, key, policy=AddressPolicy(allow_loopback=True))
    async with MispClient(connection, request_timeout_s=120.0) as client:
        source = _Noting(client)
        started = time.perf_counter()
        report = await sync(
            source, store, generation, FINGERPRINT_KEY, Rules(), clock=SystemClock()
        )
        seconds = time.perf_counter() - started
    if not report.complete or report.written.unequal or report.unreadable:
        raise RuntimeError(f"the sync is not complete: {report}")
    size = store.size(generation)
    store.close()
    figures = {
        "seconds": seconds,
        "attributes": report.written.attributes,
        "rows": size.rows,
        "bytes": size.bytes,
        "requests": report.requests,
    }
    return figures, source.asked


async def _reading(url: str, key: str, asked: list[tuple[str, str]]) -> dict[str, float]:
    headers = {"Authorization": key, "Content-Type": "application/json"}
    size = 0
    started = time.perf_counter()
    async with aiohttp.ClientSession(headers=headers) as session:
        for path, body in asked:
            async with session.post(url + path, data=body) as response:
                async for part in response.content.iter_any():
                    size += len(part)
    return {"seconds": time.perf_counter() - started, "json_bytes": size}


def _main(way: str, *arguments: str) -> None:
    ways: dict[str, Callable[..., dict[str, float]]] = {"sync": _sync, "read": _read}
    figures = ways[way](*arguments)
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = used.ru_utime + used.ru_stime
    print(json.dumps({**figures, "cpu_s": cpu_s, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    _main(*sys.argv[1:])
