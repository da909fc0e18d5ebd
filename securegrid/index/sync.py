"""Bringing a generation into step with its MISP: what changed is read, what is gone is removed."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TypeVar
from uuid import UUID

import structlog

from securegrid.index.changes import Changes, Moment, compare
from securegrid.index.feed import Feed
from securegrid.index.pacing import Clock, GaveUp, Pacer, QuietHours
from securegrid.index.port import Store
from securegrid.index.reading import Piece, Reading, Source
from securegrid.index.rules import Pace, Rules
from securegrid.index.trouble import Trouble
from securegrid.index.writing import BULK_EVENTS, StoreFailed, Take, Writer, Written
from securegrid.misp.copying import EventLine
from securegrid.misp.failures import MispFailure, Reason
from securegrid.misp.query import MAX_VALUES

log = structlog.get_logger(__name__)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sync is."""

    events_done: int = 0
    events_total: int = 0
    """Events to read: new ones and changed ones."""
    attributes_done: int = 0
    attributes_total: int = 0
    """Guessed from what was read so far; 0 while unknown."""
    rate_per_s: float = 0.0
    """Attributes a second since the first request, waiting included."""
    remaining_s: float | None = None
    last_error: Reason | None = None
    """Of the last request, until one is answered."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """How a sync ended; whatever happened, the generation holds whole events only."""

    began: datetime
    """When the list of events was asked for: the generation is as the MISP was then."""
    complete: bool
    """Whether everything that had changed was read (but ``unreadable`` events) and removed."""
    listed: int
    """Events that belong into the generation."""
    removed: int
    written: Written
    unreadable: int
    """Events that the MISP would not give; they are as they were, and are tried again."""
    requests: int
    elapsed_s: float
    failure: Reason | Trouble | None
    """Why it is not complete, or what the last unreadable event failed with."""
    retry_after_s: float | None = None
    """Seconds after which going on makes sense, where the MISP said so."""
    quiet: bool = False
    """Whether it stopped for the owner's quiet hours."""


def _ignore(_progress: Progress) -> None:
    pass


async def sync(
    source: Source,
    store: Store,
    generation: UUID,
    key: bytes,
    rules: Rules,
    *,
    clock: Clock,
    progress: Callable[[Progress], None] = _ignore,
    pace: Pace = Pace(),  # noqa: B008 - frozen
) -> SyncReport:
    """Bring ``generation``, which must exist, into step with what ``source`` holds now.

    Goes on where one that was killed, cancelled or failed stopped: the stamps in the store tell.
    Cancelled, it ends as soon as what is being written is written. One at a time per generation:
    the caller sees to that. A failing MISP or store is a result, not an exception.

    Raises GenerationMissing, also when the generation is dropped meanwhile.
    """
    run = _Sync(source, store, generation, key, rules, clock, progress, pace)
    try:
        return await run.to_its_end()
    finally:
        run.close()


class _Sync:
    """One sync."""

    def __init__(
        self,
        source: Source,
        store: Store,
        generation: UUID,
        key: bytes,
        rules: Rules,
        clock: Clock,
        progress: Callable[[Progress], None],
        pace: Pace,
    ) -> None:
        self._generation = generation
        self._rules = rules
        self._clock = clock
        self._progress = progress
        self._pace = pace
        self._pacer = Pacer(pace, clock)
        self._reading = Reading(source, rules, pace, self._pacer)
        self._writer = Writer(
            store, generation, key, rules, told=self._telling(), seconds=clock.monotonic
        )
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sync")
        self._began = clock.now()
        self._start = clock.monotonic()
        self._changes = Changes((), (), 0)
        self._removed = 0
        self._written = Written()

    def close(self) -> None:
        """Let the thread end; nothing runs in it any more."""
        self._thread.shutdown(wait=False)

    async def to_its_end(self) -> SyncReport:
        """Do everything, and say how it went."""
        try:
            await self._bring_into_step()
        except GaveUp as ended:
            return self._report(ended.failure.reason, retry_after_s=ended.failure.retry_after_s)
        except QuietHours:
            return self._report(None, quiet=True)
        except StoreFailed as failed:
            log.error("store_failed", error=str(failed), generation=str(self._generation))
            return self._report(Trouble.STORE_FAILED)
        return self._report(_reason(self._reading.last_unreadable), complete=True)

    async def _bring_into_step(self) -> None:
        listing = await self._reading.list_events()
        within_s = self._clock.monotonic() - self._start
        at = self._began.timestamp() + within_s if listing.served_at is None else listing.served_at
        moment = Moment(at, within_s)
        held = await self._in_thread(self._writer.stamps)
        only = self._rules.published_only
        self._changes = changes = compare(listing.events, held, published_only=only)
        await self._in_thread(partial(self._writer.remove, changes.gone))
        self._removed = len(changes.gone)
        self._tell(Written())
        known = [line for line in changes.read if line.uuid.bytes in held]
        new = [line for line in changes.read if line.uuid.bytes not in held]
        await self._copy(known, self._writer.replace, moment)
        in_bulk = not held or len(new) >= BULK_EVENTS
        await self._copy(new, self._writer.build if in_bulk else self._writer.replace, moment)

    async def _copy(
        self, lines: Sequence[EventLine], write: Callable[[Take, Moment], None], moment: Moment
    ) -> None:
        """Read and write side by side: while one batch is being fetched, the one before it is
        fingerprinted and written in the thread."""
        feed = Feed()
        reading = asyncio.create_task(self._read(lines, feed))
        writing = asyncio.create_task(self._in_thread(partial(write, feed.take, moment)))
        try:
            await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                await asyncio.wait({writing})
                await reading
            await writing
        finally:
            reading.cancel()
            await feed.end(at_once=True)
            await asyncio.gather(reading, writing, return_exceptions=True)

    async def _read(self, lines: Sequence[EventLine], feed: Feed) -> None:
        """Fill ``feed``; what came before a failure is whole and is written."""
        groups = _groups(lines)
        streams = [self._stream(groups) for _ in range(self._pace.at_a_time)]
        try:
            async with aclosing(_merged(streams)) as merged:
                async for pieces in merged:
                    await feed.put(pieces)
        finally:
            await feed.end()

    async def _stream(self, groups: Iterator[Sequence[EventLine]]) -> AsyncIterator[list[Piece]]:
        for group in groups:
            async for pieces in self._reading.pieces(group):
                yield pieces

    def _telling(self) -> Callable[[Written], None]:
        """Tells from another thread."""
        loop = asyncio.get_running_loop()

        def tell(written: Written) -> None:
            loop.call_soon_threadsafe(self._tell, written)

        return tell

    def _tell(self, written: Written) -> None:
        self._written = written
        done, total = self._written.events, len(self._changes.read)
        attributes = self._written.attributes
        elapsed_s = max(1e-6, self._clock.monotonic() - self._start)
        self._progress(
            Progress(
                events_done=done,
                events_total=total,
                attributes_done=attributes,
                attributes_total=attributes * total // done if done else 0,
                rate_per_s=attributes / elapsed_s,
                remaining_s=elapsed_s * (total - done) / done if done else None,
                last_error=_reason(self._pacer.failure),
            )
        )

    def _report(
        self,
        failure: Reason | Trouble | None,
        *,
        complete: bool = False,
        retry_after_s: float | None = None,
        quiet: bool = False,
    ) -> SyncReport:
        return SyncReport(
            began=self._began,
            complete=complete,
            listed=self._changes.listed,
            removed=self._removed,
            written=self._written,
            unreadable=self._reading.unreadable,
            requests=self._pacer.requests,
            elapsed_s=self._clock.monotonic() - self._start,
            failure=failure,
            retry_after_s=retry_after_s,
            quiet=quiet,
        )

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        """What ``work`` gives. A thread cannot be cancelled, so it is waited for all the same."""
        working = asyncio.get_running_loop().run_in_executor(self._thread, work)
        try:
            return await asyncio.shield(working)
        except asyncio.CancelledError:
            await asyncio.wait({working})
            raise


def _reason(failure: MispFailure | None) -> Reason | None:
    return None if failure is None else failure.reason


def _groups(lines: Sequence[EventLine]) -> Iterator[Sequence[EventLine]]:
    remaining = iter(lines)
    while group := tuple(islice(remaining, MAX_VALUES)):
        yield group


async def _merged(streams: Sequence[AsyncIterator[_T]]) -> AsyncGenerator[_T, None]:
    """What comes from several streams, as it comes; one that fails ends all."""
    waiting = {asyncio.ensure_future(anext(stream, None)): stream for stream in streams}
    try:
        while waiting:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                stream = waiting.pop(task)
                if (came := task.result()) is not None:
                    yield came
                    waiting[asyncio.ensure_future(anext(stream, None))] = stream
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
