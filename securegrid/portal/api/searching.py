"""Searches over the API: ask, read, list, ask again, delete, and see what a text holds."""

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from securegrid.federation.outcomes import CellState
from securegrid.portal.accounts.roles import May
from securegrid.portal.api.answers import answers
from securegrid.portal.api.auth import caller
from securegrid.portal.api.errors import ApiError, Code
from securegrid.portal.api.pages import (
    CellsPage,
    History,
    PageNumber,
    PerPage,
    Understood,
    numbers,
)
from securegrid.portal.api.questions import understand
from securegrid.portal.api.schemas import (
    CellsPageOut,
    ExtractIn,
    ExtractOut,
    HistoryOut,
    SearchIn,
    SearchOut,
)
from securegrid.portal.api.wire import answer, text
from securegrid.portal.searches import reading, services
from securegrid.portal.searches.columns import refresh
from securegrid.portal.searches.document import asking, document, rejected_shape, value_shape
from securegrid.portal.searches.engine import engine
from securegrid.portal.searches.models import Search, SearchState

router = Router(tags=["searches"])
_REJECTED_SHOWN = 1_000
_HEAD_START_S = 0.02
"""Until then the questions are on their way, and reading does not hold them up."""
_WAIT_BEYOND = timedelta(seconds=5)


@router.post(
    "/searches",
    response=answers({200: SearchOut, 201: SearchOut}, 429),
    summary="Ask every MISP",
)
def ask(request: HttpRequest, asked: SearchIn) -> HttpResponse:
    """Freeze a question and ask it; 201 at once, or with ``wait`` 200 when it is complete."""
    token = caller(request, May.SEARCH)
    search = services.ask(
        token.user,
        understand(asked),
        label=text(asked.label),
        purpose=text(asked.purpose),
        misps=asked.misps,
        deadline_s=asked.deadline_s,
        private=asked.private,
        related=asked.related,
    )
    if asked.wait:
        return _when_complete(search, 201)
    return _created(search)


def _when_complete(search: Search, otherwise: int) -> HttpResponse:
    engine().wait(search.public_id, _HEAD_START_S)
    begun = asking(search)  # while the MISPs answer
    engine().wait(search.public_id, search.deadline_s + _WAIT_BEYOND.total_seconds())
    if not refresh(search, begun.answers):  # deleted by a colleague meanwhile
        raise ApiError(Code.NOT_FOUND)
    complete = search.state == SearchState.COMPLETE
    return answer(document(search, begun=begun), 200 if complete else otherwise)


def _created(search: Search) -> HttpResponse:
    response = answer(document(search), 201)
    response["Location"] = f"/api/v1/searches/{search.public_id}"
    return response


@router.get("/searches", response=answers({200: HistoryOut}), summary="The member's searches")
def history(request: HttpRequest, page: PageNumber = 1, per_page: PerPage = 50) -> HttpResponse:
    """The searches of the caller's member, newest first."""
    token = caller(request, May.SEE_OWN_SEARCHES)
    found, pages = reading.lines(
        services.searches_for(token.user), page=page, per_page=min(per_page, 500)
    )
    return answer(History(found, *numbers(pages)))


@router.get("/searches/{search_id}", response=answers({200: SearchOut}), summary="One search")
def one(request: HttpRequest, search_id: UUID) -> HttpResponse:
    """A whole search as it stands now."""
    return answer(document(_search(request, search_id)))


@router.get(
    "/searches/{search_id}/cells",
    response=answers({200: CellsPageOut}),
    summary="The cells of a search",
)
def cells(
    request: HttpRequest,
    search_id: UUID,
    misp: str = "",
    state: CellState | None = None,
    page: PageNumber = 1,
    per_page: PerPage = 1_000,
) -> HttpResponse:
    """The state of each value at each MISP (``misp``: an id or a name), page by page."""
    search = _search(request, search_id)
    found, pages = reading.cells(search, misp=misp, state=state, page=page, per_page=per_page)
    return answer(CellsPage(found, *numbers(pages)))


@router.post(
    "/searches/{search_id}/retry",
    response=answers({200: SearchOut, 201: SearchOut}, 409),
    summary="Ask the missing cells again",
)
def retry(request: HttpRequest, search_id: UUID, wait: bool = False) -> HttpResponse:
    """Ask only what was not answered; 201 when it runs, 200 when complete (or nothing missing)."""
    caller(request, May.SEARCH)
    search = services.retry(_search(request, search_id))
    if wait or search.state == SearchState.COMPLETE:
        return _when_complete(search, 201)
    return _created(search)


@router.delete("/searches/{search_id}", response=answers({204: None}), summary="Delete a search")
def delete(request: HttpRequest, search_id: UUID) -> HttpResponse:
    """Remove a search of the caller's member; the ledgers of the owners that were hit stay."""
    caller(request, May.SEARCH)
    services.delete(_search(request, search_id))
    return HttpResponse(status=204)


@router.post("/extract", response=answers({200: ExtractOut}), summary="What a text holds")
def extract(request: HttpRequest, asked: ExtractIn) -> HttpResponse:
    """The values that a search for this input would ask for, and what it would reject."""
    caller(request, May.SEARCH)
    found = understand(asked)
    return answer(
        Understood(
            [value_shape(entry) for entry in found.entries],
            [rejected_shape(piece) for piece in found.rejected[:_REJECTED_SHOWN]],
            len(found.entries),
            sum(piece.count for piece in found.rejected),
        )
    )


def _search(request: HttpRequest, search_id: UUID) -> Search:
    """A search of the caller's member; another member's is as absent as none."""
    token = caller(request, May.SEE_OWN_SEARCHES)
    search = services.search_for(token.user, search_id)
    if search is None:
        raise ApiError(Code.NOT_FOUND)
    return search
