"""The data quality pages: one MISP with its score's arithmetic, and all that one may see."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from securegrid.portal.accounts.access import person, requires
from securegrid.portal.accounts.roles import May
from securegrid.portal.alliance.models import Misp
from securegrid.portal.quality import services
from securegrid.portal.quality.labels import FAULTS
from securegrid.portal.quality.models import Look
from securegrid.portal.quality.parts import RulePart, rule_parts
from securegrid.portal.quality.services import Standing
from securegrid.portal.refusals import Refused
from securegrid.portal.ui.faults import why_failed
from securegrid.portal.ui.page import Page

WATCHERS = (May.SEE_OWN_QUALITY, May.SEE_ANY_QUALITY)
SHOWN = timedelta(days=180)
"""So far back the trend goes."""


@dataclass(frozen=True, slots=True)
class QualityRow:
    """How the data of one MISP stands; numbers only, no examples."""

    id: UUID
    name: str
    member: str
    at: datetime | None
    points: float | None
    change: float | None
    """Points since the look before."""
    events: int
    attributes: int
    errors: int
    warnings: int
    is_running: bool
    error: str


@dataclass(frozen=True, slots=True)
class OverviewPage(Page):
    """The MISPs whose data quality this person may see."""

    template: ClassVar[str] = "quality/overview.html"
    rows: tuple[QualityRow, ...]
    shows_members: bool
    chart: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class LookPart:
    """The look at work; attributes."""

    started_at: datetime
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class QualityPage(Page):
    """The data quality of one MISP."""

    template: ClassVar[str] = "quality/misp.html"
    id: UUID
    name: str
    member: str
    at: datetime | None
    points: float | None
    change: float | None
    events: int
    attributes: int
    errors: int
    warnings: int
    taken_off: float
    """Points of all rules together; may be more than 100."""
    rules: tuple[RulePart, ...]
    running: LookPart | None
    waits: bool
    """Whether a look is due and begins as soon as a worker is free."""
    due_at: datetime | None
    error: str
    error_advice: str
    error_at: datetime | None
    chart: dict[str, Any] | None
    may_look: bool


@require_safe
@requires(*WATCHERS)
def overview(request: HttpRequest) -> HttpResponse:
    """Show the score of every MISP that the person may see, worst first."""
    user, now = person(request), timezone.now()
    standings = services.standings(services.misps_seen_by(user), now)
    rows = sorted(map(_row, standings), key=_worst_first)
    trends = {each.misp.name: services.trend(each.misp, now - SHOWN) for each in standings}
    return OverviewPage(
        rows=tuple(rows),
        shows_members=user.may(May.SEE_ANY_QUALITY),
        chart=_lines(trends),
    ).response(request)


@require_safe
@requires(*WATCHERS)
def one(request: HttpRequest, misp: UUID) -> HttpResponse:
    """Show one MISP."""
    return _page(_seen(request, misp), timezone.now()).response(request)


@require_POST
@requires(*WATCHERS)
def look(request: HttpRequest, misp: UUID) -> HttpResponse:
    """Have it looked over at once."""
    chosen = _seen(request, misp)
    try:
        services.look_now(chosen)
        messages.success(request, _("It is looked over in the background."))
    except Refused as refused:
        messages.error(request, refused.words(get_language() or "en"))
    return redirect("quality:misp", chosen.public_id)


def _seen(request: HttpRequest, misp: UUID) -> Misp:
    return get_object_or_404(services.misps_seen_by(person(request)), public_id=misp)


def _worst_first(row: QualityRow) -> tuple[bool, float, str]:
    return row.points is None, row.points or 0.0, row.name


def _row(standing: Standing) -> QualityRow:
    latest = standing.latest
    return QualityRow(
        id=standing.misp.public_id,
        name=standing.misp.name,
        member=standing.misp.member.name,
        at=latest.at if latest else None,
        points=latest.points if latest else None,
        change=_change(standing),
        events=latest.events if latest else 0,
        attributes=latest.attributes if latest else 0,
        errors=latest.errors if latest else 0,
        warnings=latest.warnings if latest else 0,
        is_running=standing.running is not None,
        error=why_failed(standing.last_error, get_language() or "en", FAULTS)[0],
    )


def _change(standing: Standing) -> float | None:
    if standing.latest is None or standing.before is None:
        return None
    return round(standing.latest.points - standing.before.points, 1)


def _page(misp: Misp, now: datetime) -> QualityPage:
    language = get_language() or "en"
    standing = services.standings([misp], now)[0]
    latest, running = standing.latest, standing.running
    found = services.report(latest) if latest else None
    error, error_advice = why_failed(standing.last_error, language, FAULTS)
    row = _row(standing)
    rules = rule_parts(found, language)
    return QualityPage(
        id=row.id,
        name=row.name,
        member=row.member,
        at=row.at,
        points=row.points,
        change=row.change,
        events=row.events,
        attributes=row.attributes,
        errors=row.errors,
        warnings=row.warnings,
        taken_off=round(sum(rule.points for rule in rules), 1),
        rules=rules,
        running=LookPart(running.started_at, running.done, running.total) if running else None,
        waits=running is None and misp.is_offered and _is_due(standing, now),
        due_at=standing.due_at,
        error=error,
        error_advice=error_advice,
        error_at=standing.last_error_at,
        chart=_trend(services.trend(misp, now - SHOWN)),
        may_look=misp.is_offered,
    )


def _is_due(standing: Standing, now: datetime) -> bool:
    return standing.due_at is None or standing.due_at <= now


def _trend(looks: list[Look]) -> dict[str, Any] | None:
    """The score over time; None before there are two looks."""
    return _lines({_("score"): looks}) if len(looks) > 1 else None


def _lines(trends: dict[str, list[Look]]) -> dict[str, Any] | None:
    series = [
        {"name": name, "data": [[each.at.isoformat(), each.points] for each in looks]}
        for name, looks in trends.items()
        if looks
    ]
    return {"kind": "line", "time": True, "max": 100, "series": series} if series else None
