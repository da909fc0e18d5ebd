"""Telling readers that a search has news: at once within this process, by polling across others."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from asgiref.sync import sync_to_async
from django.utils import timezone

from securegrid.portal.searches.models import Search, SearchState

HEARTBEAT_S = 15.0
POLL_S = 0.5
"""Seconds between two looks at the database when another process runs the search."""


@dataclass(frozen=True, slots=True)
class News:
    """Where a search stands: results up to ``revision`` can be read.

    ``heartbeat``: nothing is new; the reader should tell its client that it is still there.
    """

    revision: int
    complete: bool
    heartbeat: bool = False


class Hub:
    """Where the engine announces revisions, and readers in any event loop wait for them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: dict[UUID, News] = {}
        self._waiting: dict[UUID, set[_Waiter]] = {}

    def announce(self, search_id: UUID, news: News) -> None:
        """Say that results up to a revision are stored; from any thread."""
        with self._lock:
            self._latest[search_id] = news
            waiting = list(self._waiting.get(search_id, ()))
        for waiter in waiting:
            waiter.wake()

    def forget(self, search_id: UUID) -> None:
        """This process no longer runs the search; readers look at the database again."""
        with self._lock:
            self._latest.pop(search_id, None)
            waiting = list(self._waiting.get(search_id, ()))
        for waiter in waiting:
            waiter.wake()

    def latest(self, search_id: UUID) -> News | None:
        """What was announced last, or ``None`` when this process does not run the search."""
        with self._lock:
            return self._latest.get(search_id)

    def enter(self, search_id: UUID) -> "_Waiter":
        """Begin to wait in the running event loop."""
        waiter = _Waiter(asyncio.get_running_loop())
        with self._lock:
            self._waiting.setdefault(search_id, set()).add(waiter)
        return waiter

    def leave(self, search_id: UUID, waiter: "_Waiter") -> None:
        """Stop waiting."""
        with self._lock:
            waiting = self._waiting.get(search_id, set())
            waiting.discard(waiter)
            if not waiting:
                self._waiting.pop(search_id, None)


class _Waiter:
    """An event in one loop that other threads can set."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._event = asyncio.Event()

    def wake(self) -> None:
        """Wake the reader; its loop may be closed already when its client has left."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, timeout_s: float) -> None:
        """Return when woken, or after ``timeout_s`` seconds."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._event.wait()
        except TimeoutError:
            return
        self._event.clear()


hub = Hub()


async def watch(
    search_id: UUID,
    *,
    after: int = 0,
    heartbeat_s: float = HEARTBEAT_S,
    poll_s: float = POLL_S,
) -> AsyncIterator[News]:
    """Yield each revision later than ``after`` as it is stored, the last one complete.

    Quick writes may be told together: read everything between the revision seen before and
    the one told. Ends after complete news, or silently when the search is deleted. A search
    that is complete already is told at once, even when ``after`` is its last revision.
    """
    loop = asyncio.get_running_loop()
    waiter = hub.enter(search_id)
    spoke_at = loop.time()
    try:
        while True:
            local = hub.latest(search_id)
            news = local or await sync_to_async(_stored)(search_id)
            if news is None:
                return
            if news.complete or news.revision > after:
                after, spoke_at = news.revision, loop.time()
                yield news
            if news.complete:
                return
            await waiter.wait(heartbeat_s if local else min(poll_s, heartbeat_s))
            if loop.time() - spoke_at >= heartbeat_s:
                spoke_at = loop.time()
                yield News(after, complete=False, heartbeat=True)
    finally:
        hub.leave(search_id, waiter)


def _stored(search_id: UUID) -> News | None:
    """Where the search stands in the database; one that died with its process is complete."""
    row = (
        Search.objects.filter(public_id=search_id)
        .values_list("revision", "state", "must_end_at")
        .first()
    )
    if row is None:
        return None
    revision, state, must_end_at = row
    complete = state == SearchState.COMPLETE or must_end_at < timezone.now()
    return News(revision, complete)
