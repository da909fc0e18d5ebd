"""The health pages: answer times, errors and rests of MISPs, over time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from securegrid.portal.accounts.access import person, requires
from securegrid.portal.accounts.roles import May
from securegrid.portal.alliance.health import Bucket, Summary, series, summary
from securegrid.portal.alliance.scope import misps_watched_by
from securegrid.portal.alliance.words import MispState, state_of
from securegrid.portal.ui.page import Page
from securegrid.words import say

WATCHERS = (May.SEE_OWN_HEALTH, May.SEE_ANY_HEALTH)
BUCKETS = 48


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time that a reader may choose."""

    code: str
    label: Promise
    length: timedelta


SPANS = (
    Span("day", gettext_lazy("24 hours"), timedelta(days=1)),
    Span("week", gettext_lazy("7 days"), timedelta(days=7)),
    Span("month", gettext_lazy("30 days"), timedelta(days=30)),
    Span("quarter", gettext_lazy("90 days"), timedelta(days=90)),
)


@dataclass(frozen=True, slots=True)
class SpanLink:
    """One choice of the span."""

    code: str
    label: str
    active: bool


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How often a MISP failed for one reason."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class HealthRow:
    """How one MISP served over the span; times in milliseconds."""

    id: UUID
    name: str
    member: str
    state: MispState
    answered: int
    failed: int
    failed_percent: float | None
    p50_ms: float | None
    p95_ms: float | None
    requests: int
    reasons: tuple[ReasonCount, ...]
    last_answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class HealthPage(Page):
    """All MISPs that this person watches."""

    template: ClassVar[str] = "alliance/health.html"
    spans: tuple[SpanLink, ...]
    rows: tuple[HealthRow, ...]
    shows_members: bool
    times_chart: dict[str, Any]
    errors_chart: dict[str, Any]


@dataclass(frozen=True, slots=True)
class MispHealthPage(Page):
    """One MISP over time."""

    template: ClassVar[str] = "alliance/misp_health.html"
    spans: tuple[SpanLink, ...]
    row: HealthRow
    times_chart: dict[str, Any]
    errors_chart: dict[str, Any]


@require_safe
@requires(*WATCHERS)
def health(request: HttpRequest) -> HttpResponse:
    """Show every watched MISP: a table, and charts of p95 and of failures."""
    user = person(request)
    span, until = _span(request), timezone.now()
    misps = list(misps_watched_by(user))
    parts = {m.name: series(m, until - span.length, until, BUCKETS) for m in misps}
    page = HealthPage(
        spans=_links(span),
        rows=tuple(_row(s, until) for s in summary(misps, until - span.length, until)),
        shows_members=user.may(May.SEE_ANY_HEALTH),
        times_chart=_times({name: [b.p95_ms for b in p] for name, p in parts.items()}, parts),
        errors_chart=_errors(parts),
    )
    return page.response(request)


@require_safe
@requires(*WATCHERS)
def misp_health(request: HttpRequest, misp: UUID) -> HttpResponse:
    """Show one MISP: p50 and p95, answers and failures."""
    watched = get_object_or_404(misps_watched_by(person(request)), public_id=misp)
    span, until = _span(request), timezone.now()
    parts = series(watched, until - span.length, until, BUCKETS)
    lines = {"p50": [part.p50_ms for part in parts], "p95": [part.p95_ms for part in parts]}
    page = MispHealthPage(
        spans=_links(span),
        row=_row(summary([watched], until - span.length, until)[0], until),
        times_chart=_times(lines, {watched.name: parts}),
        errors_chart=_outcomes(parts),
    )
    return page.response(request)


def _span(request: HttpRequest) -> Span:
    asked = request.GET.get("span", "")
    return next((span for span in SPANS if span.code == asked), SPANS[1])


def _links(chosen: Span) -> tuple[SpanLink, ...]:
    return tuple(SpanLink(span.code, str(span.label), span is chosen) for span in SPANS)


def _row(found: Summary, now: datetime) -> HealthRow:
    language = get_language() or "en"
    rate = found.error_rate
    reasons = sorted(found.reasons.items(), key=lambda item: -item[1])
    return HealthRow(
        id=found.misp.public_id,
        name=found.misp.name,
        member=found.misp.member.name,
        state=state_of(found.misp, now, language),
        answered=found.answered,
        failed=found.failed,
        failed_percent=None if rate is None else rate * 100,
        p50_ms=found.p50_ms,
        p95_ms=found.p95_ms,
        requests=found.requests,
        reasons=tuple(ReasonCount(say(r, language), n) for r, n in reasons),
        last_answered_at=found.last_answered_at,
    )


def _times(
    lines: dict[str, list[float | None]], parts: dict[str, tuple[Bucket, ...]]
) -> dict[str, Any]:
    """A line chart of answer times; gaps where nothing answered."""
    starts = _starts(parts.values())
    return {
        "kind": "line",
        "time": True,
        "unit": "ms",
        "series": [
            {
                "name": name,
                "data": [[at, _rounded(v)] for at, v in zip(starts, values, strict=True)],
            }
            for name, values in lines.items()
        ],
    }


def _errors(parts: dict[str, tuple[Bucket, ...]]) -> dict[str, Any]:
    """Stacked bars of failures per MISP; only of those that failed at all."""
    failed = {name: p for name, p in parts.items() if any(part.failed for part in p)}
    return _bars({name: [part.failed for part in p] for name, p in failed.items()}, parts)


def _outcomes(parts: tuple[Bucket, ...]) -> dict[str, Any]:
    """Stacked bars of what answered and what failed."""
    bars = {_("answered"): [p.answered for p in parts], _("failed"): [p.failed for p in parts]}
    chart = _bars(bars, {"": parts})
    for shown, colour in zip(chart["series"], ("green", "red"), strict=True):
        shown["colour"] = colour
    return chart


def _bars(bars: dict[str, list[int]], parts: dict[str, tuple[Bucket, ...]]) -> dict[str, Any]:
    starts = _starts(parts.values())
    return {
        "kind": "bar",
        "time": True,
        "stacked": True,
        "series": [
            {"name": name, "data": [list(pair) for pair in zip(starts, values, strict=True)]}
            for name, values in bars.items()
        ],
    }


def _starts(parts: Iterable[tuple[Bucket, ...]]) -> list[str]:
    return [part.start.isoformat() for part in next(iter(parts), ())]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
