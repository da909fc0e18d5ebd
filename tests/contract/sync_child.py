"""A sync in a process of its own that dies at one step: ``python -m … URL KEY FOLDER STEP``.

A step is a request, its answer, an event given to the store, or a write done.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from securegrid.federation.clock import SystemClock
from securegrid.index import writing
from securegrid.index.port import EventRows
from securegrid.index.rules import Rules
from securegrid.index.sqlite import SqliteStore
from securegrid.index.sync import sync
from securegrid.misp.client import MispClient
from securegrid.misp.connection import AddressPolicy, Connection
from securegrid.misp.copying import Content, EventCount, Listing
from securegrid.misp.identities import ContentsQuery, CountsQuery

KEY = bytes(range(32))
GENERATION = UUID(int=1)
T = TypeVar("T")


class Steps:
    """Counts steps, and kills the process at one of them."""

    def __init__(self, dies_at: int) -> None:
        self._left = dies_at

    def step(self) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1

    def around(self, work: Callable[[], T]) -> T:
        self.step()
        done = work()
        self.step()
        return done


class Mortal:
    """A client whose requests and answers are steps."""

    def __init__(self, client: MispClient, steps: Steps) -> None:
        self._client = client
        self._steps = steps

    async def events(self) -> Listing:
        self._steps.step()
        return await self._client.events()

    async def counts(self, query: CountsQuery) -> tuple[EventCount, ...]:
        self._steps.step()
        return await self._client.counts(query)

    async def contents(self, query: ContentsQuery) -> tuple[Content, ...]:
        self._steps.step()
        came = await self._client.contents(query)
        self._steps.step()
        return came


class MortalStore(SqliteStore):
    """A store whose writes are steps."""

    steps: Steps

    def build(self, generation: UUID, events: Iterable[EventRows]) -> None:
        self.steps.around(lambda: super(MortalStore, self).build(generation, self._each(events)))

    def replace(self, generation: UUID, events: Sequence[EventRows]) -> None:
        self.steps.around(lambda: super(MortalStore, self).replace(generation, events))

    def remove(self, generation: UUID, events: Sequence[bytes]) -> None:
        self.steps.around(lambda: super(MortalStore, self).remove(generation, events))

    def _each(self, events: Iterable[EventRows]) -> Iterator[EventRows]:
        for event in events:
            self.steps.step()
            yield event


async def main(url: str, key: str, folder: str, dies_at: str) -> None:
    """Sync; ends with 0 when there were fewer steps."""
    writing.BUILD_S = writing.SLOW_BUILD_S = 0.0  # so that there is more than one build
    store = MortalStore(Path(folder))
    store.steps = Steps(int(dies_at))
    connection = Connection(url, key, policy=AddressPolicy(allow_loopback=True))
    async with MispClient(connection) as client:
        source = Mortal(client, store.steps)
        report = await sync(source, store, GENERATION, KEY, Rules(), clock=SystemClock())
    store.close()
    assert report.complete


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
