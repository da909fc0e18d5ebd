"""Imports and data quality over the API: read only; a person looks imports over on the page."""

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from securegrid.portal.accounts.roles import May
from securegrid.portal.api.answers import answers
from securegrid.portal.api.auth import caller
from securegrid.portal.api.finding import by_id
from securegrid.portal.api.import_schemas import (
    ExampleOut,
    ImportOut,
    ImportsOut,
    QualityOut,
    RuleOut,
    TrendOut,
)
from securegrid.portal.api.pages import PageNumber, PerPage
from securegrid.portal.imports import services as imports
from securegrid.portal.imports.models import Import
from securegrid.portal.imports.sealed import name_of
from securegrid.portal.quality import services as quality
from securegrid.portal.quality.sealed import RuleLine

router = Router(tags=["imports"])
TREND = timedelta(days=180)


@router.get("/imports", response=answers({200: ImportsOut}), summary="The member's imports")
def listed(request: HttpRequest, page: PageNumber = 1, per_page: PerPage = 100) -> ImportsOut:
    """The newest first, each with its state and numbers."""
    user = caller(request, May.IMPORT_DATA).user
    found = imports.imports_of(user).defer("sealed_preview", "sealed_key")
    shown = Paginator(found, per_page).get_page(page)
    return ImportsOut(
        imports=[_told(each) for each in shown],
        page=shown.number,
        pages=shown.paginator.num_pages,
        total=shown.paginator.count,
        per_page=per_page,
    )


@router.get("/imports/{import_id}", response=answers({200: ImportOut}), summary="An import")
def one(request: HttpRequest, import_id: UUID) -> ImportOut:
    """Its state, its numbers, and how far its work is."""
    user = caller(request, May.IMPORT_DATA).user
    return _told(by_id(imports.imports_of(user), import_id))


@router.get("/misps/{misp_id}/quality", response=answers({200: QualityOut}), summary="Data quality")
def of_misp(request: HttpRequest, misp_id: UUID) -> QualityOut:
    """The score of a MISP's data with its arithmetic, findings by rule, and its trend."""
    user = caller(request, May.SEE_OWN_QUALITY, May.SEE_ANY_QUALITY).user
    misp, now = by_id(quality.misps_seen_by(user), misp_id), timezone.now()
    stands = quality.standings([misp], now)[0]
    latest = stands.latest
    report = quality.report(latest) if latest else None
    return QualityOut(
        at=latest.at if latest else None,
        points=latest.points if latest else None,
        events=latest.events if latest else None,
        attributes=latest.attributes if latest else None,
        errors=latest.errors if latest else None,
        warnings=latest.warnings if latest else None,
        rules=[_rule(line) for line in (report.lines if report else ())],
        trend=[
            TrendOut(at=each.at, points=each.points) for each in quality.trend(misp, now - TREND)
        ],
        due_at=stands.due_at,
        last_error=stands.last_error or None,
        last_error_at=stands.last_error_at,
    )


def _told(imported: Import) -> ImportOut:
    running = imports.running(imported, timezone.now())
    return ImportOut(
        id=str(imported.public_id),
        name=name_of(imported),
        source=imported.source,
        format=imported.format,
        state=cast(Any, imported.state),
        misp=imported.misp.name if imported.misp else None,
        size=imported.size,
        created_at=imported.created_at,
        read_at=imported.read_at,
        published_at=imported.published_at,
        undone_at=imported.undone_at,
        lines=imported.lines,
        bad_lines=imported.bad_lines,
        passed_over=imported.passed_over,
        events=imported.events,
        attributes=imported.attributes,
        errors=imported.errors,
        warnings=imported.warnings,
        events_written=imported.events_written,
        attributes_written=imported.attributes_written,
        attributes_dropped=imported.attributes_dropped,
        attributes_refused=imported.attributes_refused,
        forced=imported.is_forced,
        progress=running.progress.done if running else None,
        progress_total=running.progress.total if running else None,
        last_error=imported.last_error or None,
        last_error_at=imported.last_error_at,
    )


def _rule(line: RuleLine) -> RuleOut:
    return RuleOut(
        rule=line.rule,
        severity=cast(Any, line.severity),
        found=line.found,
        of=line.of,
        weight=line.weight,
        points=line.points,
        examples=[
            ExampleOut(event=each.event, attribute=each.attribute, text=each.text)
            for each in line.examples
        ],
    )
