"""Work that blocks, held by a claim: its progress told from beside it, its end when it is lost."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import structlog
from django.db import DatabaseError, close_old_connections, connections

from securegrid.portal.jobs.running import Runs

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

TOLD_EVERY_S = 2.0
"""So old is the progress that people see, at most."""


class Stopped(Exception):  # noqa: N818 - it says what happened
    """The work was to stop: its claim is lost, or the worker ends."""


@dataclass
class Holding:
    """Holds one claim while ``work`` runs in a thread.

    ``note(done, total)`` renews it in the database and raises ``lost`` when it is lost.
    """

    note: Callable[[int, int], None]
    lost: type[Exception]
    lease_s: float
    told_every_s: float = TOLD_EVERY_S
    done: int = 0
    total: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    """Set when the work is to stop."""
    is_lost: bool = False

    def hear(self, done: int, total: int = 0) -> None:
        """Where the work says how far it is. Raises ``Stopped`` when it is to stop."""
        self.done, self.total = done, total
        if self.ended.is_set():
            raise Stopped

    def stop(self) -> bool:
        """Whether the work is to stop; for work that asks."""
        return self.ended.is_set()

    def run(self, runs: Runs, work: Callable[[], Result]) -> Result:
        """What ``work`` gives.

        Raises ``lost``, ``asyncio.CancelledError`` when the worker ends, or what ``work`` raises.
        """
        try:
            return runs.run(self._held(work))
        except Stopped:
            if self.is_lost:
                raise self.lost from None
            raise asyncio.CancelledError from None

    async def _held(self, work: Callable[[], Result]) -> Result:
        telling = asyncio.ensure_future(self._tell())
        try:
            return await asyncio.to_thread(_alone, work)
        finally:
            # Also when this is cancelled: the thread goes on until it notices.
            self.ended.set()
            telling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await telling

    async def _tell(self) -> None:
        loop = asyncio.get_running_loop()
        heard = loop.time()
        while not self.ended.is_set():
            await asyncio.sleep(self.told_every_s)
            if await asyncio.to_thread(_alone, self._told):
                heard = loop.time()
            if self.is_lost or loop.time() - heard >= self.lease_s:
                self.is_lost = True
                self.ended.set()

    def _told(self) -> bool:
        try:
            self.note(self.done, self.total)
        except self.lost:
            self.is_lost = True
        except DatabaseError:
            log.warning("progress of a job cannot be told")
            return False
        return True


def _alone(work: Callable[[], Result]) -> Result:
    """Run in this thread, and leave no database connection open in it."""
    close_old_connections()
    try:
        return work()
    finally:
        connections.close_all()
