"""The page of a MISP's index for those who manage the MISP: how it stands, and what may be done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import ClassVar
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from securegrid.portal.accounts.access import person, requires
from securegrid.portal.alliance.models import Misp, MispMode
from securegrid.portal.alliance.scope import MISP_MANAGERS, misps_managed_by
from securegrid.portal.indexing import services
from securegrid.portal.indexing.forms import IndexForm
from securegrid.portal.indexing.services import Overview, Running, Standing
from securegrid.portal.indexing.words import why_failed
from securegrid.portal.refusals import Refused
from securegrid.portal.ui.forms import show_refusal
from securegrid.portal.ui.page import Page
from securegrid.portal.ui.spans import span


@dataclass(frozen=True, slots=True)
class SyncPart:
    """The sync at work."""

    filling: bool
    started_at: datetime
    events_done: int
    events_total: int
    attributes_done: int
    attributes_total: int
    rate_per_s: int
    remaining: str


@dataclass(frozen=True, slots=True)
class KeepingPart:
    """How the index is kept, as its owner decided."""

    interval_min: int
    max_age_h: int
    quiet: str
    rate_per_s: int
    blocks: bool


@dataclass(frozen=True, slots=True)
class IndexPage(Page):
    """One MISP's index: rows, age, last changes, key epoch, the sync at work, the last error."""

    template: ClassVar[str] = "indexing/index.html"
    id: UUID
    name: str
    member: str
    has_key: bool
    standing: Standing
    rows: int
    events: int
    bytes: int
    age: str
    synced_at: datetime | None
    changed_at: datetime | None
    replaced: int
    removed: int
    epoch: int
    created_at: datetime | None
    rotating: bool
    sync: SyncPart | None
    is_paused: bool
    paused_at: datetime | None
    due_at: datetime | None
    failures: int
    error: str
    error_advice: str
    error_at: datetime | None
    keeping: KeepingPart


@dataclass(frozen=True, slots=True)
class SettingsPage(Page):
    """Changing how an index is kept."""

    template: ClassVar[str] = "indexing/settings.html"
    id: UUID
    name: str
    form: IndexForm


@require_safe
@requires(*MISP_MANAGERS)
def index(request: HttpRequest, misp: UUID) -> HttpResponse:
    """Show the index; of a live MISP what an index would change."""
    return _page(_managed(request, misp)).response(request)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*MISP_MANAGERS)
def settings(request: HttpRequest, misp: UUID) -> HttpResponse:
    """Change how the index is kept."""
    chosen, now = _managed(request, misp), timezone.now()
    if chosen.mode != MispMode.INDEXED:
        return redirect("indexing:index", chosen.public_id)
    kept = IndexForm.initial_of(services.overview(chosen, now).settings)
    form = IndexForm(request.POST or None, initial=kept)
    if form.is_valid():
        try:
            services.change_settings(chosen, form.settings(), now)
            messages.success(request, _("Saved."))
            return redirect("indexing:index", chosen.public_id)
        except Refused as refused:
            show_refusal(form, refused)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return SettingsPage(chosen.public_id, chosen.name, form).response(request, status)


class Act(StrEnum):
    """What a button of the page asks for."""

    PAUSE = "pause"
    RESUME = "resume"
    SYNC = "sync"
    REBUILD = "rebuild"
    ROTATE = "rotate"
    DESTROY = "destroy"
    INDEXED = "indexed"
    LIVE = "live"


Service = Callable[[Misp, datetime], None]


def _indexed(misp: Misp, now: datetime) -> None:
    services.set_mode(misp, MispMode.INDEXED, now)


def _live(misp: Misp, now: datetime) -> None:
    services.set_mode(misp, MispMode.LIVE, now)


ACTS: dict[Act, tuple[Service, Promise]] = {
    Act.PAUSE: (services.pause, _("Paused: the index answers until it is too old.")),
    Act.RESUME: (services.resume, _("The index is synced again.")),
    Act.SYNC: (services.sync_now, _("The next sync begins at once.")),
    Act.REBUILD: (services.rebuild, _("The MISP is read anew; until then the index answers.")),
    Act.ROTATE: (services.begin_rotation, _("A new key epoch begins beside the present one.")),
    Act.DESTROY: (services.destroy, _("Destroyed: key and rows are gone.")),
    Act.INDEXED: (_indexed, _("The portal builds an index. Searches find it once it is complete.")),
    Act.LIVE: (_live, _("Live: values are sent to the MISP. The index is destroyed.")),
}


@require_POST
@requires(*MISP_MANAGERS)
def act(request: HttpRequest, misp: UUID) -> HttpResponse:
    """Do what a button asks for."""
    chosen = _managed(request, misp)
    try:
        service, done = ACTS[Act(request.POST.get("act", ""))]
    except ValueError:
        raise Http404 from None
    try:
        service(chosen, timezone.now())
        messages.success(request, str(done))
    except Refused as refused:
        messages.error(request, refused.words(get_language() or "en"))
    return redirect("indexing:index", chosen.public_id)


def _managed(request: HttpRequest, misp: UUID) -> Misp:
    return get_object_or_404(misps_managed_by(person(request)), public_id=misp)


def _page(misp: Misp) -> IndexPage:
    stands = services.overview(misp, timezone.now())
    error, advice = why_failed(stands.last_error, get_language() or "en")
    return IndexPage(
        id=misp.public_id,
        name=misp.name,
        member=misp.member.name,
        has_key=bool(misp.sealed_key),
        standing=stands.standing,
        rows=stands.rows,
        events=stands.events,
        bytes=stands.bytes,
        age=span(stands.age_s),
        synced_at=stands.synced_at,
        changed_at=stands.changed_at,
        replaced=stands.changes.replaced,
        removed=stands.changes.removed,
        epoch=stands.epoch,
        created_at=stands.created_at,
        rotating=stands.rotating,
        sync=None if stands.running is None else _sync(stands.running),
        is_paused=stands.paused_at is not None,
        paused_at=stands.paused_at,
        due_at=stands.due_at,
        failures=stands.failures,
        error=error,
        error_advice=advice,
        error_at=stands.last_error_at,
        keeping=_keeping(stands),
    )


def _sync(running: Running) -> SyncPart:
    return SyncPart(
        filling=running.filling,
        started_at=running.started_at,
        events_done=running.progress.events_done,
        events_total=running.progress.events_total,
        attributes_done=running.progress.attributes_done,
        attributes_total=running.progress.attributes_total,
        rate_per_s=round(running.rate_per_s),
        remaining=span(running.remaining_s),
    )


def _keeping(stands: Overview) -> KeepingPart:
    kept, quiet = stands.settings, stands.settings.quiet
    hours = "" if quiet is None else f"{quiet.start:%H:%M} – {quiet.end:%H:%M} ({quiet.zone.key})"
    return KeepingPart(kept.interval_min, kept.max_age_h, hours, kept.rate_per_s, kept.blocks)
