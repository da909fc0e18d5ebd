"""Writing a running search: ledger, cells, hits and state together, or nothing of them."""

from datetime import datetime

from django.db import transaction

from securegrid.federation.outcomes import MispDone
from securegrid.portal import metrics
from securegrid.portal.alliance import services as alliance
from securegrid.portal.disclosure import ledger
from securegrid.portal.searches.board import Batch
from securegrid.portal.searches.job import Asked, Job
from securegrid.portal.searches.models import SearchState
from securegrid.portal.searches.rows import claim_search, drop_hits, write_columns, write_hits


class SearchGone(Exception):  # noqa: N818 - not a fault: its member deleted the search
    """The search was deleted, or another process took it over; nothing was written."""


def write(
    job: Job, batch: Batch, *, revision: int, now: datetime, elapsed_ms: float | None
) -> None:
    """Write a batch in one transaction, as ``revision`` of the search.

    ``elapsed_ms``: given with the last batch, which completes the search. Raises SearchGone.
    """
    with transaction.atomic():
        _claim(job, batch, revision, elapsed_ms)
        for misp_pk, hits in batch.ledger:
            ledger.write(misp_pk, job.search_id, now, job.member_name, hits)
        for misp_pk, values in batch.withdrawn:
            ledger.withdraw(misp_pk, job.search_id, values)
        write_columns(batch.columns, revision)
        drop_hits(job.search_pk, batch.superseded)
        write_hits(job.search_pk, batch.hits, revision)
        for asked, done in batch.done:
            _note_health(asked, done, now)
    if elapsed_ms is not None:
        metrics.search_completed(elapsed_ms / 1000)


def _claim(job: Job, batch: Batch, revision: int, elapsed_ms: float | None) -> None:
    """One conditional UPDATE: only the process that wrote the revision before may write this."""
    state = SearchState.RUNNING if elapsed_ms is None else SearchState.COMPLETE
    took_ms = None if elapsed_ms is None else round(elapsed_ms, 1)
    if not claim_search(job.search_pk, revision, state.value, batch.values_hit, took_ms):
        raise SearchGone


def _note_health(asked: Asked, done: MispDone, now: datetime) -> None:
    """A MISP that was asked shows in the health page, and its breaker is kept when it changed."""
    if done.requests:
        alliance.record_health(
            asked.misp,
            at=now,
            elapsed_ms=round(done.elapsed_ms, 1),
            requests=done.requests,
            reason=done.failure,
        )
    before = asked.target
    if before is not None and (before.may_probe or done.rest != before.rest):
        alliance.store_rest(asked.misp, done.rest)
