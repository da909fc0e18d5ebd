"""What the address of a result page chooses: the view, the filter, the sorting, the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from securegrid.portal.searches.pages.looks import language
from securegrid.portal.searches.shapes import GridFilter, Pages, SearchView, Sort
from securegrid.values.model import Kind
from securegrid.words import say

SORTS: dict[Sort, Promise] = {
    Sort.ENTERED: _("As entered"),
    Sort.HITS: _("Most hits first"),
    Sort.VALUE: _("By value"),
    Sort.KIND: _("By kind"),
    Sort.LABEL: _("By label"),
}
HITS = "hits"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the reader chose; ``query`` is the same as an address's query, without the page."""

    view: str
    shown: GridFilter
    page: int

    @property
    def shows_hits(self) -> bool:
        """Whether the list of hits is shown rather than the grid."""
        return self.view == HITS

    @property
    def is_filtered(self) -> bool:
        """Whether rows may be missing because of the filter."""
        shown = self.shown
        return bool(shown.hits_only or shown.kind or shown.misp or shown.label or shown.text)

    @property
    def query(self) -> str:
        """The filter for a link, without the page."""
        shown = self.shown
        pairs = {
            "view": self.view,
            "hits": "1" if shown.hits_only else "",
            "kind": shown.kind or "",
            "misp": shown.misp,
            "label": shown.label,
            "sort": "" if shown.sort is Sort.ENTERED else shown.sort.value,
        }
        return urlencode({name: value for name, value in pairs.items() if value})


def chosen(query: QueryDict) -> Chosen:
    """What a query chooses; what is not understood is left out."""
    kind, sort = query.get("kind", ""), query.get("sort", "")
    page = query.get("page", "")
    return Chosen(
        view=HITS if query.get("view") == HITS else "",
        shown=GridFilter(
            hits_only=query.get("hits") == "1",
            kind=Kind(kind) if kind in {one.value for one in Kind} else None,
            misp=query.get("misp", "")[:200],
            label=query.get("label", "")[:200],
            sort=Sort(sort) if sort in {one.value for one in Sort} else Sort.ENTERED,
        ),
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
    )


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a select."""

    code: str
    name: str
    selected: bool


@dataclass(frozen=True, slots=True)
class Filters:
    """The filter form: what there is to choose from and what is chosen."""

    hits_only: bool
    kinds: tuple[Option, ...]
    misps: tuple[Option, ...]
    labels: tuple[Option, ...]
    sorts: tuple[Option, ...]
    is_filtered: bool


def filters(view: SearchView, now: Chosen) -> Filters:
    """The form for a search."""
    shown = now.shown
    return Filters(
        hits_only=shown.hits_only,
        kinds=_options([(k.value, say(k, language())) for k in view.kinds], shown.kind or ""),
        misps=_options([(misp.id, misp.name) for misp in view.misps], shown.misp),
        labels=_options([(label, label) for label in view.labels], shown.label),
        sorts=_options([(sort.value, str(name)) for sort, name in SORTS.items()], shown.sort),
        is_filtered=now.is_filtered,
    )


def _options(choices: Sequence[tuple[str, str]], selected: str) -> tuple[Option, ...]:
    return tuple(Option(code, name, code == selected) for code, name in choices)


@dataclass(frozen=True, slots=True)
class Pager:
    """Where a page stands, and the addresses of its neighbours (a query, or empty)."""

    page: int
    pages: int
    total: int
    first: int
    last: int
    previous: str
    next: str


def pager(pages: Pages, query: str) -> Pager:
    """The pager of a page."""
    first = (pages.page - 1) * pages.per_page + 1 if pages.total else 0
    return Pager(
        page=pages.page,
        pages=pages.pages,
        total=pages.total,
        first=first,
        last=min(pages.page * pages.per_page, pages.total),
        previous=_link(query, pages.page - 1) if pages.page > 1 else "",
        next=_link(query, pages.page + 1) if pages.page < pages.pages else "",
    )


def _link(query: str, page: int) -> str:
    return f"?{query}&page={page}" if query else f"?page={page}"
