"""The owner's half of the API: which searches hit the caller's own MISPs, and their health."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Query, Router

from securegrid.portal.accounts.roles import May
from securegrid.portal.alliance import health
from securegrid.portal.alliance.models import Misp
from securegrid.portal.alliance.scope import misps_watched_by
from securegrid.portal.alliance.words import Standing, state_of
from securegrid.portal.api.answers import answers
from securegrid.portal.api.auth import caller, member_of
from securegrid.portal.api.errors import ApiError, Code
from securegrid.portal.api.finding import by_id_or_name
from securegrid.portal.api.pages import PageNumber, PerPage
from securegrid.portal.api.people_schemas import HealthLineOut, HealthOut, LedgerOut
from securegrid.portal.api.wire import answer, text
from securegrid.portal.disclosure import ledger, owner

router = Router(tags=["owner"])
Hours = Annotated[int, Query(ge=1, le=2_160)]
_CSV = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


class _Ledger(msgspec.Struct):
    hits: tuple[owner.LedgerLine, ...]
    page: int
    pages: int
    total: int
    per_page: int


@router.get(
    "/owner/hits",
    response=answers({200: LedgerOut}),
    openapi_extra={"responses": _CSV},
    summary="Searches that hit the own MISPs",
)
def hits(
    request: HttpRequest,
    since: datetime | None = None,
    until: datetime | None = None,
    misp: str = "",
    value: str = "",
    page: PageNumber = 1,
    per_page: PerPage = 100,
    format: str = "",  # noqa: A002 - the parameter's name in the address
) -> HttpResponseBase:
    """Only hits, ever: newest first, as JSON, or whole as CSV (``format=csv`` or ``Accept``).

    ``since`` is included, ``until`` is not; ``misp`` is an id or a name; ``value`` is a part of
    the value.
    """
    member = member_of(caller(request, May.SEE_OWN_LEDGER).user)
    chosen = by_id_or_name(Misp.objects.filter(member=member), text(misp)) if misp else None
    entries = ledger.entries(
        member,
        misp=chosen,
        since=_moment(since, "since"),
        until=_moment(until, "until"),
        value=text(value),
    )
    if format == "csv" or (not format and _prefers_csv(request)):
        return _as_csv(owner.csv(entries))
    if format not in {"", "json"}:
        raise ApiError(Code.INVALID, "format")
    found = owner.page(entries, page, per_page)
    return answer(_Ledger(found.lines, found.page, found.pages, found.total, found.per_page))


def _moment(given: datetime | None, field: str) -> datetime | None:
    """A moment in UTC; one without a zone is taken for UTC."""
    if given is None:
        return None
    try:
        return given.replace(tzinfo=given.tzinfo or UTC).astimezone(UTC)
    except OverflowError:
        raise ApiError(Code.INVALID, field) from None


def _prefers_csv(request: HttpRequest) -> bool:
    return request.get_preferred_type(["application/json", "text/csv"]) == "text/csv"


def _as_csv(lines: object) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")  # type: ignore[arg-type]
    response["Content-Disposition"] = 'attachment; filename="hits.csv"'
    return response


@router.get("/health", response=answers({200: HealthOut}), summary="How MISPs serve")
def misp_health(request: HttpRequest, hours: Hours = 24) -> HttpResponse:
    """Answer times and failures over the last hours: of the own MISPs, for an operator of all."""
    token = caller(request, May.SEE_OWN_HEALTH, May.SEE_ANY_HEALTH)
    now = timezone.now()
    watched = misps_watched_by(token.user)
    lines = [
        _health_line(one, now) for one in health.summary(watched, now - timedelta(hours=hours), now)
    ]
    return HttpResponse(
        HealthOut(hours=hours, misps=lines).model_dump_json(), content_type="application/json"
    )


def _health_line(summary: health.Summary, now: datetime) -> HealthLineOut:
    misp = summary.misp
    standing = state_of(misp, now, "en").standing
    return HealthLineOut(
        id=str(misp.public_id),
        name=misp.name,
        member=misp.member.name,
        state=standing.value,
        resting_until=misp.resting_until if standing is Standing.RESTING else None,
        resting_reason=(misp.resting_reason or None) if standing is Standing.RESTING else None,
        answered=summary.answered,
        failed=summary.failed,
        error_rate=summary.error_rate,
        requests=summary.requests,
        p50_ms=summary.p50_ms,
        p95_ms=summary.p95_ms,
        reasons={reason.value: count for reason, count in summary.reasons.items()},
        last_at=summary.last_at,
        last_answered_at=summary.last_answered_at,
    )
