"""The jobs: looking for what is due, working on one MISP or import, sweeping up.

A message is a nudge. What there is to do stands in the database, where the next look finds it
again; so a message that is lost with its worker, doubled or late does no harm.
"""

import time
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.db import close_old_connections
from django.utils import timezone

from securegrid.portal.imports import services as imports
from securegrid.portal.indexing import services
from securegrid.portal.jobs.importing import import_one
from securegrid.portal.jobs.messages import Job
from securegrid.portal.jobs.quality import due as looks_due
from securegrid.portal.jobs.quality import look_over_one
from securegrid.portal.jobs.queue import JobQueue, queue
from securegrid.portal.jobs.sweeping import sweep
from securegrid.portal.jobs.syncing import sync_one

LOOKED_EVERY_S = 2.0
"""So soon a worker begins what an owner has asked for."""
SWEPT_EVERY_S = 600.0


@lru_cache(maxsize=1)
def the_jobs() -> JobQueue:
    """This process's queue, with every job in it."""
    return with_jobs(queue())


def with_jobs(jobs: JobQueue) -> JobQueue:
    """Make every job known to ``jobs``; each worker's scheduler sends the periodic ones."""

    def sync(misp: str) -> None:
        _alone(lambda: sync_one(UUID(misp)))

    def look() -> None:
        _alone(lambda: look_at(jobs))

    def sweep_store() -> None:
        _alone(lambda: sweep(services.store(), timezone.now()))
        _alone(lambda: imports.sweep(timezone.now()))

    def import_(imported: str) -> None:
        _alone(lambda: import_one(UUID(imported)))

    def quality_(misp: str) -> None:
        _alone(lambda: look_over_one(UUID(misp)))

    jobs.task(name=Job.SYNC.value)(sync)
    jobs.task(name=Job.IMPORT.value)(import_)
    jobs.task(name=Job.QUALITY.value)(quality_)
    jobs.periodic_task(every(LOOKED_EVERY_S), name=Job.LOOK.value)(look)
    jobs.periodic_task(every(SWEPT_EVERY_S), name=Job.SWEEP.value)(sweep_store)
    return jobs


def look_at(jobs: JobQueue) -> None:
    """Send one message for each import, sync and look at data quality that is due."""
    now = timezone.now()
    for imported in imports.due(now):
        jobs.send(Job.IMPORT, imported.public_id)
    for misp in services.due(now):
        jobs.send(Job.SYNC, misp.public_id)
    for misp in looks_due(now):
        jobs.send(Job.QUALITY, misp.public_id)


def every(
    seconds: float, timer: Callable[[], float] = time.monotonic
) -> Callable[[datetime], bool]:
    """Whether it is time again: at the first question, then once in ``seconds``.

    By a clock that is never set, unlike huey's crontab.
    """
    last = [-seconds]

    def is_time(_now: datetime) -> bool:
        now = timer()
        if now - last[0] < seconds:
            return False
        last[0] = now
        return True

    return is_time


def _alone(job: Callable[[], object]) -> None:
    """Run a job with database connections that work, and leave none open behind it."""
    close_old_connections()
    try:
        job()
    finally:
        close_old_connections()
