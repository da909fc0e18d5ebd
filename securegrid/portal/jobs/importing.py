"""One import as a job: read, publish or undo it, and write down how that ended."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from django.utils import timezone

from securegrid.ingest.publishing.outcomes import Stopped as StoppedImport
from securegrid.ingest.runs.database import BusyError
from securegrid.misp.failures import MispFailure
from securegrid.portal.alliance.models import Misp
from securegrid.portal.imports import services
from securegrid.portal.imports.models import Import, State
from securegrid.portal.imports.records import Claim, ClaimLost, Fault, Progress, Writing
from securegrid.portal.imports.running import PATIENCE_S, CannotRead, Work, connection_for
from securegrid.portal.indexing import services as indexing
from securegrid.portal.jobs.holding import TOLD_EVERY_S, Holding, Stopped
from securegrid.portal.jobs.running import Runs, runs
from securegrid.portal.refusals import Refused

log = structlog.get_logger(__name__)


def import_one(imported_id: UUID) -> None:
    """Do what the import with this public id waits for, when it is due and free."""
    now = timezone.now()
    waiting = (each for each in services.due(now) if each.public_id == imported_id)
    imported = next(waiting, None)
    claim = None if imported is None else services.claim(imported, now)
    if claim is not None:
        Job(claim, runs).run()


@dataclass
class Job:
    """One claimed import, from its beginning to its end."""

    claim: Claim
    runs: Runs
    told_every_s: float = TOLD_EVERY_S
    patience_s: float = PATIENCE_S
    holding: Holding = field(init=False)

    def __post_init__(self) -> None:
        self.holding = Holding(
            self._note, ClaimLost, self.claim.lease.total_seconds(), self.told_every_s
        )

    def run(self) -> None:
        """Do it; every way of ending is written down, and the claim given back."""
        with structlog.contextvars.bound_contextvars(imported=str(self.claim.imported.public_id)):
            try:
                self._steps[self.claim.step]()
            except ClaimLost:
                log.info("import stopped: its claim is lost")
            except asyncio.CancelledError:
                services.release(self.claim, timezone.now())
                log.info("import given back unfinished")
            except BusyError:
                services.wait(self.claim, timezone.now())
            except MispFailure as failure:
                self._fail(failure)
            except CannotRead as failed:
                self._fail(failed.why)
            except Refused:
                self._fail(Fault.KEY_GONE)
            except Exception:
                log.exception("import failed")
                self._fail(Fault.UNEXPECTED)

    @property
    def _steps(self) -> dict[State, Callable[[], None]]:
        return {
            State.READING: self._read,
            State.PUBLISHING: self._publish,
            State.UNDOING: self._undo,
        }

    def _read(self) -> None:
        misp = services.likely_misp(self._imported)
        told = self._blocking(lambda: self._work().read(misp))
        services.finish_reading(self.claim, timezone.now(), told)
        log.info("import read", lines=told.lines, events=told.events)

    def _publish(self) -> None:
        misp = self._misp
        told = self._blocking(lambda: self._published(misp))
        services.finish_publishing(self.claim, timezone.now(), told)
        log.info("import published", events=told.events, attributes=told.attributes)
        self._tell_index(misp)

    def _published(self, misp: Misp) -> Writing:
        connection, work = connection_for(self._imported), self._work()
        services.note_writing(self.claim, has_written=True)
        try:
            return work.publish(misp, connection)
        except ClaimLost:
            raise
        except Exception:
            # Whatever happened: what was begun can be undone, and nothing else.
            services.note_writing(self.claim, work.has_begun(misp, connection))
            raise

    def _undo(self) -> None:
        misp = self._misp
        self._blocking(lambda: self._work().undo(misp, connection_for(self._imported)))
        services.finish_undo(self.claim, timezone.now())
        log.info("import undone")
        self._tell_index(misp)

    def _blocking(self, work: Callable[[], Any]) -> Any:
        def held() -> Any:
            try:
                return work()
            except StoppedImport:
                raise Stopped from None

        return self.holding.run(self.runs, held)

    def _work(self) -> Work:
        hear, stop = self.holding.hear, self.holding.stop
        return Work(self._imported, timezone.now(), hear, stop, self.patience_s)

    @property
    def _imported(self) -> Import:
        return self.claim.imported

    @property
    def _misp(self) -> Misp:
        if self._imported.misp is None:
            raise CannotRead(Fault.KEY_GONE)
        return self._imported.misp

    def _tell_index(self, misp: Misp) -> None:
        """Let searches find at once what changed."""
        with suppress(Refused):  # a live MISP has no index
            indexing.sync_now(misp, timezone.now())

    def _note(self, done: int, total: int) -> None:
        services.note(self.claim, timezone.now(), Progress(done, total))

    def _fail(self, why: MispFailure | Fault) -> None:
        log.warning("import failed", step=self.claim.step.value)
        services.fail(self.claim, timezone.now(), why)
