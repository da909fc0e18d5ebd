"""One round of a search, from the first request to the last row: asks, gathers, writes."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog

from securegrid.federation.clock import Clock
from securegrid.federation.conversation import Searcher
from securegrid.federation.fanout import ask
from securegrid.federation.gate import Gates
from securegrid.federation.outcomes import Outcome, Why
from securegrid.portal.searches.board import Batch, Board
from securegrid.portal.searches.changes import Hub, News
from securegrid.portal.searches.job import Job
from securegrid.portal.searches.store import SearchGone

COALESCE_S = 0.025
"""Outcomes that come within this time are written together; the last are written at once."""
WAITING_HITS = 20_000
"""When so many hits wait for the database, MISPs are read no further until they are written."""
REQUEST_TIMEOUT_S = 15.0

log = structlog.get_logger(__name__)

Write = Callable[[Job, Batch, int, datetime, float | None], Awaitable[None]]
"""Stores a batch as a revision; the elapsed milliseconds complete the search."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run needs of its surroundings.

    ``gates`` are shared by all runs of an engine: what an owner allows holds over all searches,
    and waiting for a turn is not taken for a slow MISP.
    """

    clock: Clock
    searcher: Callable[[str], Searcher]
    gates: Gates
    write: Write
    hub: Hub


class Run:
    """Carries out one job. Every cell has its state in the database when ``go`` returns."""

    def __init__(self, job: Job, tools: Tools) -> None:
        self._job = job
        self._tools = tools
        self._board = Board(job)
        self._revision = job.revision
        self._news = asyncio.Event()
        self._written = asyncio.Event()
        self._over = asyncio.Event()

    async def go(self) -> None:
        """Ask, and write outcomes as they come; ends early when the search is deleted."""
        writer = asyncio.create_task(self._write_as_it_comes())
        asking = asyncio.create_task(self._ask())
        try:
            await asyncio.wait({writer, asking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # The writer ends first only when the search is gone or cannot be written.
            asking.cancel()
            await asyncio.wait({asking})
            self._end(asking)
            await writer

    async def _ask(self) -> None:
        targets = [asked.target for asked in self._job.asked if asked.target is not None]
        for target in targets:
            if target.rest.until is None:
                self._tools.gates.healed(target.misp)
        outcomes = ask(
            self._job.values,
            targets,
            self._tools.searcher,
            deadline_s=self._job.deadline_s,
            request_timeout_s=REQUEST_TIMEOUT_S,
            clock=self._tools.clock,
            gates=self._tools.gates,
        )
        async for outcome in outcomes:
            self._take(outcome)
            while self._board.pending_hits > WAITING_HITS:
                self._written.clear()
                await self._written.wait()

    def _take(self, outcome: Outcome) -> None:
        self._board.take(outcome)
        self._news.set()

    def _end(self, asking: "asyncio.Task[None]") -> None:
        if not asking.cancelled() and (error := asking.exception()) is not None:
            # Its text could hold a value: only its type is told.
            log.error("search_broke", search=str(self._job.search_id), error=type(error).__name__)
        self._board.end(Why.INTERRUPTED)
        self._over.set()
        self._news.set()

    async def _write_as_it_comes(self) -> None:
        last = False
        try:
            while not last:
                await self._news.wait()
                await self._gather()
                self._news.clear()
                last = self._over.is_set()
                await self._write(last=last)
        except SearchGone:
            log.info("search_gone", search=str(self._job.search_id))
        finally:
            self._written.set()

    async def _gather(self) -> None:
        """Wait a little for more, but not when the asking is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(COALESCE_S):
                await self._over.wait()

    async def _write(self, *, last: bool) -> None:
        clock = self._tools.clock
        elapsed_ms = (clock.monotonic() - self._job.started_s) * 1000 if last else None
        revision = self._revision + 1
        await self._tools.write(self._job, self._board.drain(), revision, clock.now(), elapsed_ms)
        self._revision = revision
        self._written.set()
        self._tools.hub.announce(self._job.search_id, News(revision, complete=last))
