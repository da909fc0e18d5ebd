"""The history: the imports of the person's member, the newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.core.paginator import Page as DjangoPage
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from securegrid.portal.accounts.access import person, requires
from securegrid.portal.accounts.roles import May
from securegrid.portal.imports import services
from securegrid.portal.imports.labels import STATES, format_name
from securegrid.portal.imports.models import Import, State
from securegrid.portal.imports.records import AUTO
from securegrid.portal.imports.sealed import name_of
from securegrid.portal.ui.page import Page

PER_PAGE = 25


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One import in the list; ``state`` is its code, ``state_name`` what it is called."""

    id: UUID
    name: str
    source: str
    format: str
    misp: str
    by: str
    at: datetime
    state: str
    state_name: str
    events: int
    attributes: int
    errors: int
    warnings: int


@dataclass(frozen=True, slots=True)
class ImportsPage(Page):
    """The imports of a member."""

    template: ClassVar[str] = "imports/imports.html"
    rows: tuple[ImportRow, ...]
    pager: DjangoPage[Import]


@require_safe
@requires(May.IMPORT_DATA)
def imports(request: HttpRequest) -> HttpResponse:
    """List the imports of the person's member."""
    found = services.imports_of(person(request)).defer("sealed_preview", "sealed_key")
    pager = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return ImportsPage(tuple(_row(each) for each in pager), pager).response(request)


def _row(imported: Import) -> ImportRow:
    return ImportRow(
        id=imported.public_id,
        name=name_of(imported),
        source=imported.source,
        format="" if imported.format == AUTO else format_name(imported.format),
        misp=imported.misp.name if imported.misp else "",
        by=imported.person.name if imported.person else "",
        at=imported.created_at,
        state=imported.state,
        state_name=str(STATES[State(imported.state)]),
        events=imported.events,
        attributes=imported.attributes,
        errors=imported.errors,
        warnings=imported.warnings,
    )
