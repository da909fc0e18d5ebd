"""One sync as a job: claimed, run while its claim lasts, and how it ended written down."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import structlog
from django.utils import timezone

from securegrid.federation.clock import SystemClock
from securegrid.index.port import GenerationMissing, Store
from securegrid.index.sync import SyncReport, sync
from securegrid.index.writing import StoreFailed
from securegrid.misp.client import MispClient
from securegrid.misp.failures import Reason
from securegrid.portal.alliance.services import connection_of
from securegrid.portal.indexing import services
from securegrid.portal.indexing.services import Changes, Claim, ClaimLost, Trouble
from securegrid.portal.jobs.keeping import TOLD_EVERY_S, Keeper, SliceOver
from securegrid.portal.jobs.running import Runs, runs
from securegrid.portal.refusals import Refused

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

REQUEST_TIMEOUT_S = 60.0
"""For one page of 20,000 attributes; below the two minutes after which a silent sync is dead."""
SLICE_S = 900.0
"""So long a generation is filled before others have their turn: those of MISPs that wait, and
the one that answers while its successor is filled."""


def sync_one(misp_id: UUID) -> None:
    """Bring the index of the MISP with this public id into step, when it is due and free."""
    now = timezone.now()
    misp = next((each for each in services.due(now) if each.public_id == misp_id), None)
    claim = None if misp is None else services.claim_sync(misp, now)
    if claim is not None:
        Job(claim, services.store(), runs).run()


@dataclass
class Job:
    """One claimed sync, from its beginning to its end."""

    claim: Claim
    store: Store
    runs: Runs
    slice_s: float = SLICE_S
    told_every_s: float = TOLD_EVERY_S

    def run(self) -> None:
        """Sync; every way of ending is written down, and the claim given back where it is held."""
        with structlog.contextvars.bound_contextvars(misp=str(self.claim.misp.public_id)):
            try:
                self._end(self._synced())
            except ClaimLost:
                log.info("sync stopped: its claim is lost")
            except (SliceOver, asyncio.CancelledError):
                services.release_sync(self.claim, timezone.now())
                log.info("sync given back unfinished")
            except GenerationMissing:
                self._renew()
            except Refused:
                self._fail(Reason.KEY_REJECTED)
            except StoreFailed:
                self._fail(Trouble.STORE_FAILED)
            except Exception:
                log.exception("sync failed")
                self._fail(Trouble.UNEXPECTED)

    def _synced(self) -> SyncReport:
        if self.claim.filling:
            self._in_store(self.store.create)
        slice_s = self.slice_s if self.claim.filling else None
        keeper = Keeper(self.claim, timezone.now, slice_s, self.told_every_s)
        return self.runs.run(keeper.keep(self._sync(keeper)))

    def _sync(self, keeper: Keeper) -> Callable[[], Coroutine[Any, Any, SyncReport]]:
        """The sync, with everything that is read from the database read before it begins."""
        misp = self.claim.misp
        connection = connection_of(misp)
        rules, pace = services.rules_of(misp), services.pace_of(misp)

        async def work() -> SyncReport:
            async with MispClient(connection, request_timeout_s=REQUEST_TIMEOUT_S) as source:
                return await sync(
                    source, self.store, self.claim.generation, self.claim.key, rules,
                    clock=SystemClock(), progress=keeper.hear, pace=pace,
                )  # fmt: skip

        return work

    def _end(self, report: SyncReport) -> None:
        """Keep account of a sync that came to its end, complete or not."""
        now = timezone.now()
        log.info("sync ended", **_figures(report))
        if report.complete:
            size = self._in_store(self.store.size)
            changes = Changes(report.written.events, report.removed)
            services.finish_sync(self.claim, now, size, changes)
        elif report.quiet:
            services.release_sync(self.claim, now)
        else:
            self._fail(report.failure or Trouble.UNEXPECTED, report.retry_after_s)

    def _in_store(self, work: Callable[[UUID], Result]) -> Result:
        try:
            return work(self.claim.generation)
        except GenerationMissing:
            raise
        except Exception as fault:  # a full disk, a lost server: each store has its own
            log.exception("store failed")
            raise StoreFailed from fault

    def _fail(self, why: Reason | Trouble, retry_after_s: float | None = None) -> None:
        services.fail_sync(self.claim, timezone.now(), why, retry_after_s)

    def _renew(self) -> None:
        """The store has lost the generation: fill another one, unless that is no surprise.

        It must not be made anew empty: searches would take what is missing for a miss.
        """
        now = timezone.now()
        try:
            services.note_progress(self.claim, now, services.Progress())
        except ClaimLost:
            return
        log.error("the store has lost an index; it is built anew")
        services.rebuild(self.claim.misp, now)


def _figures(report: SyncReport) -> dict[str, Any]:
    return {
        "complete": report.complete,
        "events_listed": report.listed,
        "events_read": report.written.events,
        "events_removed": report.removed,
        "events_unreadable": report.unreadable,
        "attributes": report.written.attributes,
        "requests": report.requests,
        "elapsed_s": round(report.elapsed_s, 1),
        "failure": report.failure and report.failure.value,
    }
