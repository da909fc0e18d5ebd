"""The owner view: the searches that hit the member's own MISPs, and nothing else."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.core.paginator import Page as DjangoPage
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from securegrid.portal.accounts.access import person, requires
from securegrid.portal.accounts.roles import May
from securegrid.portal.alliance.models import Member, Misp
from securegrid.portal.alliance.services import the_alliance
from securegrid.portal.disclosure import ledger
from securegrid.portal.disclosure import owner as reading
from securegrid.portal.disclosure.ledger import LedgerEvent
from securegrid.portal.disclosure.models import LedgerEntry
from securegrid.portal.ui.page import Page
from securegrid.values.model import Kind
from securegrid.words import say

PER_PAGE = 100
EVENTS_SHOWN = 5
"""Events of one line; the CSV has all."""


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time that an owner may choose; ``None`` is all of it."""

    code: str
    name: Promise
    length: timedelta | None


SPANS = (
    Span("week", gettext_lazy("Last 7 days"), timedelta(days=7)),
    Span("month", gettext_lazy("Last 30 days"), timedelta(days=30)),
    Span("half", gettext_lazy("Last 26 weeks"), timedelta(weeks=26)),
    Span("all", gettext_lazy("All time"), None),
)
DEFAULT_SPAN = SPANS[2]


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a select."""

    code: str
    name: str
    selected: bool


@dataclass(frozen=True, slots=True)
class HitLine:
    """One hit value of one search at one of the owner's MISPs.

    ``member`` is empty when the alliance does not show it.
    """

    at: datetime
    value: str
    kind: str
    misp: str
    member: str
    events: tuple[LedgerEvent, ...]
    more_events: int
    is_checked: bool
    """Whether the MISP itself gave the attribute; if not, its index alone told of the hit."""


@dataclass(frozen=True, slots=True)
class OwnerPage(Page):
    """What hit the member's MISPs."""

    template: ClassVar[str] = "disclosure/owner.html"
    lines: tuple[HitLine, ...]
    pager: DjangoPage[LedgerEntry]
    total: int
    chart: dict[str, Any] | None
    spans: tuple[Option, ...]
    misps: tuple[Option, ...]
    wanted: str
    is_filtered: bool
    shows_members: bool
    query: str


@dataclass(frozen=True, slots=True)
class _Choice:
    misp: Misp | None
    span: Span
    wanted: str


@require_safe
@requires(May.SEE_OWN_LEDGER)
def owner(request: HttpRequest) -> HttpResponse:
    """Show the ledger of the person's own member, filtered, with the last weeks as a chart."""
    member = _member(request)
    choice = _choice(request, member)
    entries = _entries(member, choice)
    pager = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    return OwnerPage(
        lines=tuple(_line(entry) for entry in pager),
        pager=pager,
        total=pager.paginator.count,
        chart=_chart(member, choice),
        spans=tuple(Option(s.code, str(s.name), s is choice.span) for s in SPANS),
        misps=_misps(member, choice.misp),
        wanted=choice.wanted,
        is_filtered=bool(choice.misp or choice.wanted or choice.span is not DEFAULT_SPAN),
        shows_members=the_alliance().show_searching_member,
        query=_query(choice),
    ).response(request)


@require_safe
@requires(May.SEE_OWN_LEDGER)
def csv(request: HttpRequest) -> HttpResponse:
    """Download what the page's filter shows, all pages of it."""
    member = _member(request)
    text = "".join(reading.csv(_entries(member, _choice(request, member))))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    name = f"hits-{timezone.localtime():%Y%m%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store, private"
    return response


def _member(request: HttpRequest) -> Member:
    """The person's own member: nobody reads another's ledger."""
    member = person(request).member
    if member is None:
        raise Http404
    return member


def _choice(request: HttpRequest, member: Member) -> _Choice:
    asked, span = request.GET.get("misp", ""), request.GET.get("span", "")
    own = Misp.objects.filter(member=member)
    return _Choice(
        misp=get_object_or_404(own, name=asked) if asked else None,
        span=next((known for known in SPANS if known.code == span), DEFAULT_SPAN),
        wanted=request.GET.get("q", "").strip()[:500],
    )


def _entries(member: Member, choice: _Choice) -> QuerySet[LedgerEntry]:
    length = choice.span.length
    since = None if length is None else timezone.now() - length
    return ledger.entries(member, misp=choice.misp, since=since, value=choice.wanted)


def _query(choice: _Choice) -> str:
    pairs = {
        "misp": choice.misp.name if choice.misp else "",
        "span": "" if choice.span is DEFAULT_SPAN else choice.span.code,
        "q": choice.wanted,
    }
    return urlencode({name: value for name, value in pairs.items() if value})


def _misps(member: Member, chosen: Misp | None) -> tuple[Option, ...]:
    names = member.misps.order_by("name").values_list("name", flat=True)
    return tuple(Option(name, name, chosen is not None and name == chosen.name) for name in names)


def _line(entry: LedgerEntry) -> HitLine:
    told = reading.line(entry)
    return HitLine(
        at=told.at,
        value=told.value,
        kind=say(Kind(told.kind), get_language() or "en"),
        misp=told.misp,
        member=told.member or "",
        events=tuple(told.events[:EVENTS_SHOWN]),
        more_events=max(0, len(told.events) - EVENTS_SHOWN),
        is_checked=told.basis == "checked",
    )


def _chart(member: Member, choice: _Choice) -> dict[str, Any] | None:
    """Hit values and searches of the last 26 weeks; ``None`` when there were none."""
    entries = ledger.entries(member, misp=choice.misp, value=choice.wanted)
    zone = timezone.get_current_timezone()
    weeks = reading.weeks(entries, until=timezone.now(), zone=zone)
    if not any(week.values for week in weeks):
        return None
    return {
        "kind": "bar",
        "x": [week.monday.isoformat() for week in weeks],
        "series": [
            {"name": _("values hit"), "data": [w.values for w in weeks], "colour": "orange"},
            {"name": _("searches"), "data": [w.searches for w in weeks], "colour": "blue"},
        ],
    }
