"""Which indexes answer a search, and how each stands for the people who look after it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog

from securegrid.federation.outcomes import Why
from securegrid.portal.alliance.models import Misp, MispMode
from securegrid.portal.indexing.keys import key_of
from securegrid.portal.indexing.models import Generation, MispIndex
from securegrid.portal.indexing.records import (
    Changes,
    Overview,
    Progress,
    Ready,
    Running,
    Settings,
    Standing,
)
from securegrid.portal.indexing.schedule import quiet_hours
from securegrid.portal.sealing import SealError

log = structlog.get_logger(__name__)


def indexed_misps(misps: Iterable[Misp], now: datetime) -> dict[str, Ready | Why]:
    """For each *indexed* one of ``misps``, by its public id: the index to look in, or why not.

    A live MISP is not in the answer. An indexed one never becomes live by itself: without a
    usable index it is not asked.
    """
    wanted = [misp for misp in misps if misp.mode == MispMode.INDEXED]
    rows = MispIndex.objects.select_related("current").filter(misp__in=wanted)
    indexes = {index.misp_id: index for index in rows} if wanted else {}
    return {str(misp.public_id): _answer(indexes.get(misp.pk), now) for misp in wanted}


def _answer(index: MispIndex | None, now: datetime) -> Ready | Why:
    current = None if index is None else index.current
    if index is None or current is None or current.synced_at is None:
        return Why.INDEX_MISSING
    if is_stale(index, current.synced_at, now):
        return Why.INDEX_STALE
    try:
        return Ready(current.name, key_of(current), current.synced_at)
    except SealError:
        log.error("the secret of an index cannot be opened", index=str(current.name))
        return Why.INDEX_MISSING


def is_stale(index: MispIndex, synced_at: datetime, now: datetime) -> bool:
    """Whether the last sync is too long ago; one far in the future had a wrong clock."""
    return abs(now - synced_at) > timedelta(hours=index.max_age_h)


def overview(misp: Misp, now: datetime) -> Overview:
    """How the index of ``misp`` stands; also for a live one, which has none."""
    return overviews([misp], now)[0]


def overviews(misps: Iterable[Misp], now: datetime) -> list[Overview]:
    """How the indexes of these MISPs stand, in their order."""
    wanted = list(misps)
    rows = MispIndex.objects.select_related("current", "next").filter(misp__in=wanted)
    indexes = {index.misp_id: index for index in rows}
    return [_overview(misp, indexes.get(misp.pk) or MispIndex(misp=misp), now) for misp in wanted]


def _overview(misp: Misp, index: MispIndex, now: datetime) -> Overview:
    shown = index.current or Generation(index=index, epoch=0)
    synced_at = shown.synced_at
    return Overview(
        misp=misp,
        standing=_standing(misp, index, now),
        settings=settings_of(index),
        epoch=shown.epoch,
        rows=shown.rows,
        events=shown.events,
        bytes=shown.bytes,
        created_at=shown.created_at,
        synced_at=synced_at,
        age_s=None if synced_at is None else max(0.0, (now - synced_at).total_seconds()),
        changed_at=shown.changed_at,
        changes=Changes(shown.events_replaced, shown.events_removed),
        rotating=index.current_id is not None and index.next_id is not None,
        running=_running(index, now),
        paused_at=index.paused_at,
        due_at=index.due_at,
        failures=index.failures,
        last_error=index.last_error,
        last_error_at=index.last_error_at,
    )


def _standing(misp: Misp, index: MispIndex, now: datetime) -> Standing:
    if misp.mode != MispMode.INDEXED:
        return Standing.LIVE
    if index.current is None or index.current.synced_at is None:
        return Standing.MISSING
    return Standing.STALE if is_stale(index, index.current.synced_at, now) else Standing.READY


def settings_of(index: MispIndex) -> Settings:
    """What the owner decided."""
    return Settings(
        interval_min=index.interval_min,
        max_age_h=index.max_age_h,
        quiet=quiet_hours(index.quiet_from, index.quiet_until, index.quiet_zone),
        rate_per_s=index.rate_per_s,
        blocks=index.blocks,
    )


def _running(index: MispIndex, now: datetime) -> Running | None:
    started, until = index.claimed_at, index.claimed_until
    if index.claim is None or started is None or until is None or until <= now:
        return None
    progress = Progress(
        index.events_done, index.events_total, index.attributes_done, index.attributes_total
    )
    rate = progress.attributes_done / max(1.0, (now - started).total_seconds())
    left = progress.attributes_total - progress.attributes_done
    known = progress.attributes_done > 0 and left >= 0
    return Running(
        filling=index.next is not None and index.next.name == index.claimed_generation,
        started_at=started,
        progress=progress,
        rate_per_s=rate,
        remaining_s=left / rate if known else None,
    )
