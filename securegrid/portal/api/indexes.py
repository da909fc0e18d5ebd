"""A MISP's index over the API, for those who manage the MISP: how it stands, and its keeping."""

from dataclasses import replace
from datetime import datetime, time
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from securegrid.portal.alliance.models import Misp
from securegrid.portal.alliance.scope import MISP_MANAGERS, misps_managed_by
from securegrid.portal.api.answers import answers
from securegrid.portal.api.auth import caller
from securegrid.portal.api.finding import by_id
from securegrid.portal.api.index_schemas import IndexChange, IndexOut, IndexSyncOut, QuietHours
from securegrid.portal.indexing import services as indexing
from securegrid.portal.indexing.services import Overview, Running, Settings

router = Router(tags=["indexes"])
_AT = "/misps/{misp_id}/index"
_OUT = answers({200: IndexOut})


@router.get(_AT, response=_OUT, summary="A MISP's index")
def index(request: HttpRequest, misp_id: UUID) -> IndexOut:
    """Rows, age, key epoch, the sync at work, the last error, and the settings."""
    return _told(_managed(request, misp_id), timezone.now())


@router.patch(_AT, response=_OUT, summary="Change how an index is kept")
def change(request: HttpRequest, misp_id: UUID, given: IndexChange) -> IndexOut:
    """Pause or resume it, change its settings; all or nothing."""
    misp, now = _managed(request, misp_id), timezone.now()
    with transaction.atomic():
        settings = indexing.overview(misp, now).settings
        indexing.change_settings(misp, _changed(settings, given), now)
        if given.paused is not None:
            (indexing.pause if given.paused else indexing.resume)(misp, now)
    return _told(misp, now)


@router.post(f"{_AT}/sync", response=_OUT, summary="Sync an index now")
def sync(request: HttpRequest, misp_id: UUID) -> IndexOut:
    """Let the worker sync it at once, whatever failed before."""
    misp, now = _managed(request, misp_id), timezone.now()
    indexing.sync_now(misp, now)
    return _told(misp, now)


@router.post(f"{_AT}/rebuild", response=_OUT, summary="Build an index anew")
def rebuild(request: HttpRequest, misp_id: UUID) -> IndexOut:
    """Read the whole MISP anew under a fresh key; the present index answers until then."""
    misp, now = _managed(request, misp_id), timezone.now()
    indexing.rebuild(misp, now)
    return _told(misp, now)


@router.post(f"{_AT}/rotate", response=_OUT, summary="Rotate the key of an index")
def rotate(request: HttpRequest, misp_id: UUID) -> IndexOut:
    """Begin the next key epoch beside the present one, or go on with the one begun."""
    misp, now = _managed(request, misp_id), timezone.now()
    indexing.begin_rotation(misp, now)
    return _told(misp, now)


@router.delete(_AT, response=answers({204: None}), summary="Destroy an index")
def destroy(request: HttpRequest, misp_id: UUID) -> HttpResponse:
    """Destroy its key and rows; searches say it is missing until it is resumed."""
    indexing.destroy(_managed(request, misp_id), timezone.now())
    return HttpResponse(status=204)


def _managed(request: HttpRequest, misp_id: UUID) -> Misp:
    user = caller(request, *MISP_MANAGERS).user
    return by_id(misps_managed_by(user), misp_id)


def _changed(settings: Settings, given: IndexChange) -> Settings:
    named = given.model_dump(exclude={"paused", "quiet"}, exclude_none=True)
    changes: dict[str, Any] = dict(named)
    if "quiet" in given.model_fields_set:
        quiet = given.quiet
        changes["quiet"] = None if quiet is None else _quiet(quiet)
    return replace(settings, **changes)


def _quiet(given: QuietHours) -> Any:
    begins, ends = (time.fromisoformat(written) for written in (given.begins, given.ends))
    return indexing.quiet_of(begins, ends, given.zone)


def _told(misp: Misp, now: datetime) -> IndexOut:
    stands: Overview = indexing.overview(misp, now)
    settings, quiet = stands.settings, stands.settings.quiet
    return IndexOut(
        mode=cast(Any, misp.mode),
        standing=stands.standing.value,
        epoch=stands.epoch,
        rows=stands.rows,
        events=stands.events,
        bytes=stands.bytes,
        synced_at=stands.synced_at,
        age_s=stands.age_s,
        changed_at=stands.changed_at,
        events_replaced=stands.changes.replaced,
        events_removed=stands.changes.removed,
        rotating=stands.rotating,
        sync=None if stands.running is None else _sync(stands.running),
        paused=stands.paused_at is not None,
        due_at=stands.due_at,
        failures=stands.failures,
        last_error=stands.last_error or None,
        last_error_at=stands.last_error_at,
        interval_min=settings.interval_min,
        max_age_h=settings.max_age_h,
        quiet=None
        if quiet is None
        else QuietHours(
            begins=f"{quiet.start:%H:%M}", ends=f"{quiet.end:%H:%M}", zone=quiet.zone.key
        ),
        rate_per_s=settings.rate_per_s,
        blocks=settings.blocks,
    )


def _sync(running: Running) -> IndexSyncOut:
    return IndexSyncOut(
        filling=running.filling,
        started_at=running.started_at,
        events_done=running.progress.events_done,
        events_total=running.progress.events_total,
        attributes_done=running.progress.attributes_done,
        attributes_total=running.progress.attributes_total,
        rate_per_s=running.rate_per_s,
        remaining_s=running.remaining_s,
    )
