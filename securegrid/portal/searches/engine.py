"""The one background thread per process that carries out searches, whoever is still looking."""

import asyncio
import gc
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog
from django.db import connection

from securegrid.federation.clock import Clock, SystemClock
from securegrid.federation.conversation import Searcher
from securegrid.federation.gate import Gates
from securegrid.index.port import Reader
from securegrid.portal.indexing import services as indexing
from securegrid.portal.searches import store
from securegrid.portal.searches.board import Batch
from securegrid.portal.searches.changes import Hub, News, hub
from securegrid.portal.searches.clients import Clients
from securegrid.portal.searches.job import Job
from securegrid.portal.searches.readers import IndexReaders
from securegrid.portal.searches.run import Run, Tools

STOP_WITHIN_S = 5.0

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Running:
    job: Job
    ended: threading.Event = field(default_factory=threading.Event)
    task: "asyncio.Task[None] | None" = None


class Engine:
    """Runs searches in a thread with its own event loop, started with the first search.

    One more thread writes to the database, so that SQLite has one writer and the loop never
    waits for a disk; others read the index.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        announcements: Hub = hub,
        clients: Callable[[], Clients] = Clients,
        index: Callable[[], Reader] = indexing.store,
    ) -> None:
        self.clock = clock or SystemClock()
        self._hub = announcements
        self._make_clients = clients
        self._lock = threading.Lock()
        self._running: dict[UUID, _Running] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._clients: Clients | None = None
        self._gates = Gates()
        self._writer: ThreadPoolExecutor | None = None
        self._index = IndexReaders(index)

    def start(self, job: Job) -> None:
        """Begin a round of a search; returns at once. Nothing of it is read back later."""
        running = _Running(job)
        with self._lock:
            self._running[job.search_id] = running
            loop = self._started()
        self._hub.announce(job.search_id, News(job.revision, complete=False))
        loop.call_soon_threadsafe(self._launch, running)

    def wait(self, search_id: UUID, timeout_s: float) -> bool:
        """Wait until this process no longer runs the search; False when time is over first."""
        with self._lock:
            running = self._running.get(search_id)
        return running is None or running.ended.wait(timeout_s)

    def running_of(self, user_pk: int) -> int:
        """How many searches of a person this process runs."""
        with self._lock:
            return sum(running.job.user_pk == user_pk for running in self._running.values())

    def cancel(self, search_id: UUID) -> None:
        """Stop asking; the cells without an answer become *not answered (interrupted)*."""
        with self._lock:
            running = self._running.get(search_id)
            loop = self._loop
        if running is not None and loop is not None:
            loop.call_soon_threadsafe(_cancel, running)

    def stop(self) -> None:
        """End every search and both threads; for the end of the process and for tests."""
        with self._lock:
            loop, thread, writer = self._loop, self._thread, self._writer
            self._loop = self._thread = self._writer = None
        if loop is None or thread is None or writer is None:
            return
        asyncio.run_coroutine_threadsafe(self._wind_up(), loop).result(STOP_WITHIN_S * 2)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(STOP_WITHIN_S)
        writer.submit(_close_connection).result(STOP_WITHIN_S)
        writer.shutdown()
        self._index.stop()

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            # What is loaded by now stays: a full collection in the middle of a search would
            # look at all of it again, for tens of milliseconds.
            gc.freeze()
            self._loop = asyncio.new_event_loop()
            self._clients = self._make_clients()
            self._gates = Gates()
            self._writer = ThreadPoolExecutor(1, thread_name_prefix="searches-writer")
            self._thread = threading.Thread(
                target=self._serve, args=(self._loop,), name="searches", daemon=True
            )
            self._thread.start()
        return self._loop

    def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        loop.run_forever()
        loop.close()

    def _launch(self, running: _Running) -> None:
        assert self._loop is not None  # noqa: S101 - it runs this very call
        running.task = self._loop.create_task(self._carry_out(running))
        # Not in the task itself: one that is cancelled before its first step never runs.
        running.task.add_done_callback(lambda _: self._ended(running))

    async def _carry_out(self, running: _Running) -> None:
        job = running.job
        lines = _Lines(job, self._clients or self._make_clients())
        tools = Tools(
            clock=self.clock,
            searcher=lines.searcher,
            gates=self._gates,
            write=self._write,
            hub=self._hub,
            look_up=self._index.look_up,
        )
        try:
            await Run(job, tools).go()
        except Exception as error:
            # Its text could hold a value: only its type is told. Readers see an interrupted search.
            log.error("search_failed", search=str(job.search_id), error=type(error).__name__)
        finally:
            lines.give_back()

    def _ended(self, running: _Running) -> None:
        search_id = running.job.search_id
        with self._lock:
            # A next round may have begun since the last row was written.
            is_latest = self._running.get(search_id) is running
            if is_latest:
                del self._running[search_id]
        running.ended.set()
        if is_latest:
            self._hub.forget(search_id)

    async def _write(
        self, job: Job, batch: Batch, revision: int, now: datetime, elapsed_ms: float | None
    ) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(
            self._writer, _write_in_thread, job, batch, revision, now, elapsed_ms
        )

    async def _wind_up(self) -> None:
        with self._lock:
            tasks = {r.task for r in self._running.values() if r.task is not None}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_WITHIN_S)
        if self._clients is not None:
            await self._clients.close()


def _close_connection() -> None:
    # Looked up in the writer's own thread: each thread has its own connection.
    connection.close()


def _cancel(running: _Running) -> None:
    if running.task is not None:
        running.task.cancel()


def _write_in_thread(
    job: Job, batch: Batch, revision: int, now: datetime, elapsed_ms: float | None
) -> None:
    if connection.settings_dict["CONN_MAX_AGE"] != 0:
        connection.close_if_unusable_or_obsolete()
    try:
        store.write(job, batch, revision=revision, now=now, elapsed_ms=elapsed_ms)
    except store.SearchGone:
        raise
    except Exception:
        connection.close()
        raise


class _Lines:
    """The lines that one search borrowed."""

    def __init__(self, job: Job, clients: Clients) -> None:
        self._connections = {asked.misp_id: asked.connection for asked in job.asked}
        self._clients = clients
        self._borrowed: list[tuple[str, object]] = []

    def searcher(self, misp_id: str) -> Searcher:
        """The line to a MISP of this search."""
        wanted = self._connections[misp_id]
        assert wanted is not None  # noqa: S101 - only MISPs with a target are asked
        line = self._clients.borrow(misp_id, wanted)
        self._borrowed.append((misp_id, line))
        return line.client

    def give_back(self) -> None:
        """Return every line."""
        for misp_id, line in self._borrowed:
            self._clients.give_back(misp_id, line)  # type: ignore[arg-type]


_engine: Engine | None = None
_engine_pid = 0
_engine_lock = threading.Lock()


def engine() -> Engine:
    """The engine of this process (a forked child gets its own)."""
    global _engine, _engine_pid
    with _engine_lock:
        if _engine is None or _engine_pid != os.getpid():
            _engine, _engine_pid = Engine(), os.getpid()
        return _engine
