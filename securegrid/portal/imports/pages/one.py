"""The page of one import: how far it is, what was understood, what may be done with it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from securegrid.portal.accounts.access import person, requires
from securegrid.portal.accounts.roles import May
from securegrid.portal.config import config
from securegrid.portal.imports import services
from securegrid.portal.imports.forms import HowToReadForm, KeyForm, PublishForm
from securegrid.portal.imports.labels import FAULTS, STATES, format_name
from securegrid.portal.imports.models import WORK, Import, State
from securegrid.portal.imports.pages.parts import (
    BadPart,
    EventPart,
    RulePart,
    WorkPart,
    bad_parts,
    event_parts,
    rule_parts,
    work_part,
)
from securegrid.portal.imports.sealed import name_of, preview_of
from securegrid.portal.ui.faults import why_failed
from securegrid.portal.ui.page import Page


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of the page; each is None where it may not be used now."""

    publish: PublishForm | None = None
    undo: KeyForm | None = None
    again: HowToReadForm | None = None


@dataclass(frozen=True, slots=True)
class ImportPage(Page):
    """One import."""

    template: ClassVar[str] = "imports/import.html"
    id: UUID
    name: str
    source: str
    format: str
    size: int
    by: str
    state: str
    state_name: str
    misp: str
    misp_id: UUID | None
    created_at: datetime
    published_at: datetime | None
    undone_at: datetime | None
    file_until: datetime | None
    """When the file is deleted if nothing happens; none once it is."""
    works: bool
    work: WorkPart | None
    waits_until: datetime | None
    """When work that failed is tried again."""
    failures: int
    error: str
    error_advice: str
    error_at: datetime | None
    is_read: bool
    lines: int
    bad_lines: int
    passed_over: int
    total_events: int
    attributes: int
    errors: int
    warnings: int
    is_forced: bool
    has_written: bool
    events_written: int
    attributes_written: int
    attributes_dropped: int
    attributes_refused: int
    events_unpublished: int
    events: tuple[EventPart, ...]
    more_events: int
    rules: tuple[RulePart, ...]
    bad: tuple[BadPart, ...]
    publish_form: PublishForm | None
    undo_form: KeyForm | None
    again_form: HowToReadForm | None
    has_misps: bool
    may_stop: bool
    may_discard: bool


@require_safe
@requires(May.IMPORT_DATA)
def imported(request: HttpRequest, imported: UUID) -> HttpResponse:
    """Show one import. Who follows its work gets the whole page anew when that has ended."""
    chosen = found(request, imported)
    if request.headers.get("HX-Request") and chosen.state not in WORK:
        return HttpResponse(headers={"HX-Refresh": "true", "Cache-Control": "no-store, private"})
    return shown(request, chosen)


def found(request: HttpRequest, imported: UUID) -> Import:
    """An import of the person's member; another's is not found."""
    return get_object_or_404(services.imports_of(person(request)), public_id=imported)


def shown(request: HttpRequest, imported: Import, forms: Forms | None = None) -> HttpResponse:
    """The page, with the forms that were sent in place of fresh ones."""
    page = _page(imported, forms or Forms(), get_language() or "en", timezone.now())
    sent = (page.publish_form, page.undo_form, page.again_form)
    wrong = any(form is not None and form.errors for form in sent)
    return page.response(request, HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK)


def publish_form(imported: Import, data: object = None) -> PublishForm:
    """Where it may go; what was begun goes on where it is."""
    misps = list(services.misps_of(imported.member))
    if imported.has_written:
        misps = [misp for misp in misps if misp.pk == imported.misp_id]
    return PublishForm(misps, data, asks_force=bool(imported.errors))


def _page(imported: Import, forms: Forms, language: str, now: datetime) -> ImportPage:
    state, preview = State(imported.state), preview_of(imported)
    running = services.running(imported, now)
    error, error_advice = why_failed(imported.last_error, language, FAULTS)
    events = event_parts(preview)
    works = state in WORK
    is_here = imported.file_deleted_at is None
    return ImportPage(
        id=imported.public_id,
        name=name_of(imported),
        source=imported.source,
        format=format_name(imported.format),
        size=imported.size,
        by=imported.person.name if imported.person else "",
        state=imported.state,
        state_name=str(STATES[state]),
        misp=imported.misp.name if imported.misp else "",
        misp_id=imported.misp.public_id if imported.misp else None,
        created_at=imported.created_at,
        published_at=imported.published_at,
        undone_at=imported.undone_at,
        file_until=_until(imported) if is_here and not works else None,
        works=works,
        work=None if running is None else work_part(running),
        waits_until=imported.due_at if works and running is None else None,
        failures=imported.failures,
        error=error,
        error_advice=error_advice,
        error_at=imported.last_error_at,
        is_read=imported.read_at is not None,
        lines=imported.lines,
        bad_lines=imported.bad_lines,
        passed_over=imported.passed_over,
        total_events=imported.events,
        attributes=imported.attributes,
        errors=imported.errors,
        warnings=imported.warnings,
        is_forced=imported.is_forced,
        has_written=imported.has_written,
        events_written=imported.events_written,
        attributes_written=imported.attributes_written,
        attributes_dropped=imported.attributes_dropped,
        attributes_refused=imported.attributes_refused,
        events_unpublished=imported.events_unpublished,
        events=events,
        more_events=max(0, imported.events - len(events)),
        rules=rule_parts(preview, language),
        bad=bad_parts(preview, language),
        publish_form=_publishing(imported, forms),
        undo_form=_undoing(imported, forms),
        again_form=_again(imported, forms),
        has_misps=services.misps_of(imported.member).exists(),
        may_stop=state in {State.PUBLISHING, State.UNDOING},
        may_discard=state in {State.READING, State.READY, State.FAILED}
        and not imported.has_written,
    )


def _until(imported: Import) -> datetime:
    return imported.created_at + timedelta(days=config().upload_days)


def _publishing(imported: Import, forms: Forms) -> PublishForm | None:
    if imported.state != State.READY or imported.file_deleted_at is not None:
        return None
    return forms.publish or publish_form(imported)


def _undoing(imported: Import, forms: Forms) -> KeyForm | None:
    waits = imported.state in {State.READY, State.PUBLISHED}
    return (forms.undo or KeyForm(prefix="undo")) if waits and imported.has_written else None


def _again(imported: Import, forms: Forms) -> HowToReadForm | None:
    waits = imported.state in {State.READY, State.FAILED} and not imported.has_written
    if not waits or imported.file_deleted_at is not None:
        return None
    return forms.again or HowToReadForm(initial=HowToReadForm.initial_of(imported), prefix="again")
