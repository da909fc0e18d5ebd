"""The result page: the MISPs' answers, the grid of values, the list of hits, one value."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from securegrid.portal.accounts.access import person, requires
from securegrid.portal.accounts.roles import May
from securegrid.portal.searches import reading, services
from securegrid.portal.searches.models import Search
from securegrid.portal.searches.origins import origins_dated
from securegrid.portal.searches.pages import timeline
from securegrid.portal.searches.pages.choosing import (
    Chosen,
    Filters,
    Pager,
    chosen,
    filters,
    pager,
)
from securegrid.portal.searches.pages.hitting import ListedHit, listed
from securegrid.portal.searches.pages.looks import (
    MispCard,
    Summary,
    cards,
    language,
    said,
    summary,
)
from securegrid.portal.searches.pages.panel import CellLook, cell_looks
from securegrid.portal.searches.pages.understanding import RejectedRow
from securegrid.portal.searches.shapes import GridRow, SearchView
from securegrid.portal.ui.page import Page
from securegrid.words import advice, say

PANEL_HITS = 300
"""Hits that the panel of one value shows; all of them are in the downloads."""


@dataclass(frozen=True, slots=True)
class Heading:
    """Who asked what for, and when; whether indexed MISPs only, and whether related hits too."""

    label: str
    purpose: str
    by: str
    at: datetime
    private: bool
    related: bool


@dataclass(frozen=True, slots=True)
class ResultBody:
    """Everything below the heading.

    ``query`` repeats the filter; ``rows`` are those of the grid, ``hits`` of the list.
    """

    summary: Summary
    said: str
    revision: int
    query: str
    misps: tuple[MispCard, ...]
    filters: Filters
    shows_hits: bool
    rows: tuple[GridRow, ...]
    hits: tuple[ListedHit, ...]
    timeline: dict[str, Any] | None
    pager: Pager
    rejected: tuple[RejectedRow, ...]


@dataclass(frozen=True, slots=True)
class ResultPart(Page):
    """The same as a fragment for htmx."""

    template: ClassVar[str] = "searches/body.html"
    body: ResultBody


@dataclass(frozen=True, slots=True)
class ResultPage(Page):
    """One search."""

    template: ClassVar[str] = "searches/result.html"
    heading: Heading
    body: ResultBody
    may_search: bool


@dataclass(frozen=True, slots=True)
class OneValue:
    """All that is known of one value; ``dated``: the day of the data about its network."""

    row: GridRow
    kind: str
    dated: date
    written: tuple[str, ...]
    cells: tuple[CellLook, ...]
    more: int


@dataclass(frozen=True, slots=True)
class ValuePart(Page):
    """One value as the panel's fragment."""

    template: ClassVar[str] = "searches/value_part.html"
    part: OneValue


@dataclass(frozen=True, slots=True)
class ValuePage(Page):
    """The same as a page of its own."""

    template: ClassVar[str] = "searches/value.html"
    search: str
    label: str
    part: OneValue


def found_search(request: HttpRequest, search: UUID) -> Search:
    """A search of the person's member; another member's is as absent as none."""
    found = services.search_for(person(request), search)
    if found is None:
        raise Http404
    return found


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part; after going back in the history it wants the whole."""
    headers = request.headers
    return "HX-Request" in headers and "HX-History-Restore-Request" not in headers


@require_safe
@requires(May.SEE_OWN_SEARCHES)
def result(request: HttpRequest, search: UUID) -> HttpResponse:
    """Show a search as it stands; a running one goes on by itself (``live``)."""
    found = found_search(request, search)
    choice = chosen(request.GET)
    view = reading.view(found, choice.shown, page=1 if choice.shows_hits else choice.page)
    body = body_of(found, view, choice)
    if is_fragment(request):
        return _varied(ResultPart(body).response(request))
    page = ResultPage(
        heading=Heading(
            view.label, view.purpose, view.by or "", view.created_at, view.private, view.related
        ),
        body=body,
        may_search=person(request).may(May.SEARCH),
    )
    return _varied(page.response(request))


def _varied(response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, ["HX-Request"])
    return response


def body_of(search: Search, view: SearchView, choice: Chosen) -> ResultBody:
    """What the page shows below its heading."""
    told = summary(search, view)
    hits, pages = (
        reading.hits(search, misp=choice.shown.misp, page=choice.page)
        if choice.shows_hits
        else ((), view.pages)
    )
    return ResultBody(
        summary=told,
        said=said(told),
        revision=view.revision,
        query=choice.query,
        misps=cards(view.misps),
        filters=filters(view, choice),
        shows_hits=choice.shows_hits,
        rows=() if choice.shows_hits else view.rows,
        hits=listed(hits),
        timeline=timeline.chart(search, view.misps) if choice.shows_hits else None,
        pager=pager(pages, choice.query),
        rejected=tuple(
            RejectedRow(p.written, say(p.reason, language()), advice(p.reason, language()), p.count)
            for p in view.rejected
        ),
    )


@require_safe
@requires(May.SEE_OWN_SEARCHES)
def value(request: HttpRequest, search: UUID, position: int) -> HttpResponse:
    """Show everything about one value: a panel for htmx, otherwise a page."""
    found = found_search(request, search)
    try:
        told = reading.value(found, position)
    except IndexError:
        raise Http404 from None
    part = OneValue(
        row=told.row,
        kind=say(told.row.kind, language()),
        dated=origins_dated(),
        written=tuple(form for form in told.row.written if form != told.row.value),
        cells=cell_looks(told, PANEL_HITS),
        more=max(0, len(told.hits) - PANEL_HITS),
    )
    if is_fragment(request):
        return _varied(ValuePart(part).response(request))
    title = reading.line(found).label
    return _varied(ValuePage(str(found.public_id), title, part).response(request))
