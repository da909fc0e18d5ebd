"""One round of a search, from the first request to the last row: asks, gathers, writes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from securegrid.federation.clock import Clock
from securegrid.federation.conversation import Searcher
from securegrid.federation.fanout import ask
from securegrid.federation.gate import Gates
from securegrid.federation.outcomes import CellState, ChunkAnswer, MispDone, Outcome, Why
from securegrid.federation.plan import Target
from securegrid.index.lookup import Holdings, IndexedMisp, NoHoldings
from securegrid.portal.searches.board import Batch, Board
from securegrid.portal.searches.changes import Hub, News
from securegrid.portal.searches.job import Asked, Job
from securegrid.portal.searches.readers import Told
from securegrid.portal.searches.store import SearchGone
from securegrid.values.model import Value

COALESCE_S = 0.025
"""Outcomes that come within this time are written together; the last are written at once."""
WAITING_HITS = 20_000
"""When so many hits wait for the database, MISPs are read no further until they are written."""
REQUEST_TIMEOUT_S = 15.0

log = structlog.get_logger(__name__)

Write = Callable[[Job, Batch, int, datetime, float | None], Awaitable[None]]
"""Stores a batch as a revision; the elapsed milliseconds complete the search."""

LookUp = Callable[[Sequence[IndexedMisp], Sequence[Value], bool], Awaitable[Told]]
"""Reads the indexes without holding up the loop; see ``readers.IndexReaders``."""

_SILENT = {
    NoHoldings.MISSING: (CellState.NOT_ASKED, Why.INDEX_MISSING),
    NoHoldings.BROKEN: (CellState.NOT_ANSWERED, Why.INDEX_FAILED),
    Why.DEADLINE: (CellState.NOT_ANSWERED, Why.DEADLINE),
}
"""What becomes of the cells of an index that told nothing."""


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
    look_up: LookUp


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
        wanted = [asked for asked in self._job.asked if asked.target is not None]
        for asked in wanted:
            if asked.target is not None and asked.target.rest.until is None:
                self._tools.gates.healed(asked.misp_id)
        indexed = [asked for asked in wanted if asked.index is not None]
        direct = [asked.target for asked in wanted if asked.target and asked.index is None]
        if not indexed:
            await self._follow(direct)
            return
        async with asyncio.TaskGroup() as halves:
            halves.create_task(self._ask_indexed(indexed))
            if direct:
                halves.create_task(self._follow(direct))

    async def _ask_indexed(self, indexed: Sequence[Asked]) -> None:
        """Look everything up at once; then fetch what may be shown, by UUID."""
        started_s = self._tools.clock.monotonic()
        told = await self._looked_up(indexed)
        spent_s = self._tools.clock.monotonic() - started_s
        targets = [self._to_fetch(asked, told, spent_s) for asked in indexed]
        await self._follow([target for target in targets if target is not None], spent_s)

    async def _looked_up(self, indexed: Sequence[Asked]) -> Told | Why:
        misps = [asked.index for asked in indexed if asked.index is not None]
        try:
            async with self._tools.clock.timeout(self._job.deadline_s):
                return await self._tools.look_up(misps, self._job.values, self._job.related)
        except TimeoutError:
            return Why.DEADLINE
        except Exception as error:  # its text could hold a value
            log.error("index_not_opened", error=type(error).__name__)
            return dict.fromkeys((asked.misp_id for asked in indexed), NoHoldings.BROKEN)

    def _to_fetch(self, asked: Asked, told: Told | Why, spent_s: float) -> Target | None:
        """Enter what one index told; the target for its details, ``None`` when there are none."""
        target = asked.target
        assert target is not None  # noqa: S101 - only those that are asked have an index
        one = told if isinstance(told, Why) else told.get(asked.misp_id, NoHoldings.MISSING)
        elapsed_ms = spent_s * 1000
        holdings = {}
        if isinstance(one, Holdings):
            holdings = self._board.take_index(asked.misp_id, one, elapsed_ms)
            self._news.set()
        else:
            positions = tuple(asked.positions(len(self._job.values)))
            self._take(ChunkAnswer(asked.misp_id, positions, *_SILENT[one], elapsed_ms=elapsed_ms))
        if not holdings:
            self._take(MispDone(asked.misp_id, elapsed_ms, 0, rest=target.rest))
            return None
        return replace(target, positions=None, holdings=holdings, related=self._job.related)

    async def _follow(self, targets: Sequence[Target], spent_s: float = 0.0) -> None:
        outcomes = ask(
            self._job.values,
            targets,
            self._tools.searcher,
            deadline_s=self._job.deadline_s,
            spent_s=spent_s,
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
