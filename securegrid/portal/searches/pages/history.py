"""The history: the searches of the person's member, found again by their labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from securegrid.portal.accounts.access import person, requires
from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import May
from securegrid.portal.alliance.models import MispMode
from securegrid.portal.searches import cells, services
from securegrid.portal.searches.cells import Counts
from securegrid.portal.searches.columns import is_interrupted, is_running
from securegrid.portal.searches.models import MispAnswer, Search
from securegrid.portal.searches.pages.choosing import Pager, pager
from securegrid.portal.searches.question import Title, unseal_title
from securegrid.portal.searches.reading import line, paginate
from securegrid.portal.ui.page import Page

PER_PAGE = 25
LOOKED_THROUGH = 2_000
"""Labels are sealed: to search them, this many of the newest are opened one by one."""


@dataclass(frozen=True, slots=True)
class AskedMisp:
    """How one MISP was searched; ``index_age_s``: how old the index was that answered."""

    name: str
    is_live: bool
    index_age_s: float | None


@dataclass(frozen=True, slots=True)
class SearchRow:
    """One search; ``state`` is ``running``, ``interrupted`` or ``complete``."""

    id: str
    label: str
    purpose: str
    by: str
    at: datetime
    state: str
    values_count: int
    values_hit: int
    misps: tuple[AskedMisp, ...]
    live: int
    """How many of the MISPs were asked live."""
    private: bool
    related: bool
    cells: Counts
    elapsed_ms: float | None


@dataclass(frozen=True, slots=True)
class HistoryPage(Page):
    """The searches of a member."""

    template: ClassVar[str] = "searches/history.html"
    rows: tuple[SearchRow, ...]
    pager: Pager
    wanted: str
    looked_through: int
    """How many searches were looked through for the label; 0 when that was all."""
    may_search: bool


@require_safe
@requires(May.SEE_OWN_SEARCHES)
def history(request: HttpRequest) -> HttpResponse:
    """List the searches, newest first; ``q`` narrows to labels and purposes that hold it."""
    user, wanted = person(request), request.GET.get("q", "").strip()[:200]
    found, looked_through = _found(user, wanted)
    chosen, pages = paginate(found, _number(request.GET.get("page", "")), PER_PAGE)
    return HistoryPage(
        rows=_rows(chosen),
        pager=pager(pages, ""),
        wanted=wanted,
        looked_through=looked_through,
        may_search=user.may(May.SEARCH),
    ).response(request)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _found(user: User, wanted: str) -> tuple[Sequence[int], int]:
    """The primary keys of the searches whose title holds ``wanted``."""
    searches = services.searches_for(user)
    if not wanted:
        return list(searches.values_list("pk", flat=True)), 0
    titles = searches.values_list("pk", "public_id", "sealed_title")
    looked = list(titles[: LOOKED_THROUGH + 1])
    text = wanted.casefold()
    found = [
        pk
        for pk, public_id, sealed in islice(looked, LOOKED_THROUGH)
        if _holds(unseal_title(public_id, sealed), text)
    ]
    return found, LOOKED_THROUGH if len(looked) > LOOKED_THROUGH else 0


def _holds(title: Title, text: str) -> bool:
    return text in title.label.casefold() or text in title.purpose.casefold()


def _rows(chosen: Sequence[int]) -> tuple[SearchRow, ...]:
    searches = Search.objects.select_related("user").defer("sealed_question").in_bulk(chosen)
    answers: dict[int, list[MispAnswer]] = {}
    told = MispAnswer.objects.filter(search__in=chosen).select_related("misp")
    for answer in told.defer("misp__sealed_key", "misp__sealed_client_pem", "misp__ca_pem"):
        answers.setdefault(answer.search_id, []).append(answer)
    return tuple(_row(searches[pk], answers.get(pk, [])) for pk in chosen if pk in searches)


def _row(search: Search, answers: Sequence[MispAnswer]) -> SearchRow:
    told = line(search)
    ended = not is_running(search)
    stored = [bytes(answer.cells) for answer in answers]
    columns = [cells.counts(cells.ended(one) if ended else one) for one in stored]
    state = "interrupted" if is_interrupted(search) else told.state
    return SearchRow(
        id=told.id,
        label=told.label,
        purpose=told.purpose,
        by=told.by or "",
        at=told.created_at,
        state=state,
        values_count=told.values_count,
        values_hit=told.values_hit,
        misps=tuple(
            AskedMisp(answer.misp.name, answer.mode == MispMode.LIVE, answer.index_age_s)
            for answer in answers
        ),
        live=sum(answer.mode == MispMode.LIVE for answer in answers),
        private=told.private,
        related=told.related,
        cells=sum(columns, Counts()),
        elapsed_ms=told.elapsed_ms,
    )
