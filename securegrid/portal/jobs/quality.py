"""One look at a MISP's data quality as a job."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog
from django.utils import timezone

from securegrid.ingest.quality.looking import Looked, Progress, look_over_misp
from securegrid.ingest.quality.scoring import Deduction
from securegrid.misp.client import MispClient
from securegrid.misp.failures import MispFailure
from securegrid.portal.alliance.models import Misp
from securegrid.portal.alliance.services import connection_of
from securegrid.portal.indexing import services as indexing
from securegrid.portal.jobs.holding import TOLD_EVERY_S, Holding
from securegrid.portal.jobs.running import Runs, runs
from securegrid.portal.quality import services
from securegrid.portal.quality.rules import profile, warning_lists
from securegrid.portal.quality.sealed import Example, Report, RuleLine
from securegrid.portal.quality.services import Claim, ClaimLost, Fault, Found
from securegrid.portal.refusals import Refused

REQUEST_TIMEOUT_S = 60.0
"""For one page of attributes; below the two minutes after which a silent look is dead."""

log = structlog.get_logger(__name__)


def due(now: datetime) -> list[Misp]:
    """The MISPs that are to be looked over now: not while they are synced, nor in the hours in
    which their owner wants them to be left in peace."""
    waiting = services.due(now)
    busy = indexing.busy_misps(waiting, now)
    return [misp for misp in waiting if misp.pk not in busy]


def look_over_one(misp_id: UUID) -> None:
    """Look over the MISP with this public id, when that is due and nobody else is at it."""
    now = timezone.now()
    misp = next((each for each in due(now) if each.public_id == misp_id), None)
    claim = None if misp is None else services.claim(misp, now)
    if claim is not None:
        Job(claim, runs).run()


@dataclass
class Job:
    """One claimed look, from its beginning to its end."""

    claim: Claim
    runs: Runs
    told_every_s: float = TOLD_EVERY_S
    holding: Holding = field(init=False)

    def __post_init__(self) -> None:
        self.holding = Holding(
            self._note, ClaimLost, self.claim.lease.total_seconds(), self.told_every_s
        )

    def run(self) -> None:
        """Look; every way of ending is written down, and the claim given back."""
        with structlog.contextvars.bound_contextvars(misp=str(self.claim.misp.public_id)):
            try:
                services.finish(self.claim, timezone.now(), self._found())
            except ClaimLost:
                log.info("look at data quality stopped: its claim is lost")
            except asyncio.CancelledError:
                services.release(self.claim, timezone.now())
                log.info("look at data quality given back unfinished")
            except MispFailure as failure:
                services.fail(self.claim, timezone.now(), failure)
            except Refused:
                services.fail(self.claim, timezone.now(), Fault.KEY_GONE)
            except Exception:
                log.exception("look at data quality failed")
                services.fail(self.claim, timezone.now(), Fault.UNEXPECTED)

    def _found(self) -> Found:
        misp = self.claim.misp
        connection = connection_of(misp)

        def tell(progress: Progress) -> None:
            self.holding.hear(progress.attributes_done)

        async def look() -> Looked:
            async with MispClient(connection, request_timeout_s=REQUEST_TIMEOUT_S) as source:
                return await look_over_misp(
                    source, profile(), warning_lists(), published_only=misp.published_only,
                    left_out_tags=misp.left_out_tags, left_out_types=misp.left_out_types,
                    tell=tell,
                )  # fmt: skip

        looked = self.holding.run(self.runs, lambda: asyncio.run(look()))
        return _found(looked)

    def _note(self, done: int, total: int) -> None:
        services.note(self.claim, timezone.now(), done, total)


def _found(looked: Looked) -> Found:
    score = looked.score
    return Found(
        points=score.points,
        events=score.events,
        attributes=score.attributes,
        errors=score.errors,
        warnings=score.warnings,
        report=Report(tuple(_line(one) for one in score.deductions)),
    )


def _line(one: Deduction) -> RuleLine:
    return RuleLine(
        rule=one.rule.value,
        severity=one.severity.value,
        found=one.found,
        of=one.of,
        weight=one.weight,
        points=one.points,
        examples=tuple(Example(each.event, each.attribute, each.example) for each in one.examples),
    )
