"""Keeping the claim of a sync at work: its progress told, its end when the claim is lost."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import structlog
from asgiref.sync import sync_to_async
from django.db import DatabaseError, close_old_connections

from securegrid.index.sync import Progress as SyncProgress
from securegrid.portal.indexing import services
from securegrid.portal.indexing.services import Claim, ClaimLost, Progress

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

TOLD_EVERY_S = 2.0
"""So old is the progress that owner and operator see, at most."""


class SliceOver(Exception):  # noqa: N818 - it says what is over
    """The sync worked long enough for now; others have their turn."""


@dataclass
class Keeper:
    """Holds one claim."""

    claim: Claim
    clock: Callable[[], datetime]
    slice_s: float | None = None
    """Seconds of work after which the claim is to be given back."""
    told_every_s: float = TOLD_EVERY_S
    timer: Callable[[], float] = time.monotonic
    progress: Progress = field(default_factory=Progress)

    def hear(self, progress: SyncProgress) -> None:
        """Where the sync says how far it is; it is told to the database now and then."""
        self.progress = Progress(
            progress.events_done,
            progress.events_total,
            progress.attributes_done,
            progress.attributes_total,
        )

    async def keep(self, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """What ``work`` gives; it is cancelled when the claim is lost or the slice is over.

        Raises ``ClaimLost``, ``SliceOver``, or what ``work`` raises.
        """
        working = asyncio.ensure_future(work())
        holding = asyncio.ensure_future(self._hold())
        try:
            await asyncio.wait({working, holding}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return working.result()
            raise holding.exception() or AssertionError("holding ends by an exception only")
        finally:
            for task in (working, holding):
                task.cancel()
            await asyncio.gather(working, holding, return_exceptions=True)

    async def _hold(self) -> None:
        began = heard = self.timer()
        while True:
            await asyncio.sleep(self.told_every_s)
            if await self._told():
                heard = self.timer()
            if self.timer() - heard >= self.claim.lease.total_seconds():
                raise ClaimLost  # the database has not answered for so long that another may work
            if self.slice_s is not None and self.timer() - began >= self.slice_s:
                raise SliceOver

    async def _told(self) -> bool:
        try:
            # One thread for all: what the database is told about syncs is little.
            await sync_to_async(_note)(self.claim, self.clock(), self.progress)
        except DatabaseError:
            log.warning("progress of a sync cannot be told", misp=str(self.claim.misp.public_id))
            return False
        return True


def _note(claim: Claim, now: datetime, progress: Progress) -> None:
    close_old_connections()
    services.note_progress(claim, now, progress)
