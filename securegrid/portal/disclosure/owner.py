"""The owner's view of the ledger: lines page by page, counts by week, a CSV."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

import msgspec
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncWeek

from securegrid.portal.disclosure.ledger import LedgerEvent
from securegrid.portal.disclosure.models import Basis, LedgerEntry
from securegrid.portal.disclosure.table import csv_lines

CSV_HEADER = (
    *("at", "misp", "value", "kind", "member"),
    *("event_uuid", "event", "attributes", "basis"),
)


class LedgerLine(msgspec.Struct, frozen=True):
    """One hit value of one search at one of the owner's MISPs.

    ``member``: the searching organisation, null when the alliance did not show it then.
    ``search`` only tells two searches apart; it opens nothing. ``basis``: ``checked`` when the
    MISP itself gave the attribute, ``last_sync`` when only its index was looked up; then there
    are no events.
    """

    at: datetime
    value: str
    kind: str
    misp: str
    misp_id: str
    member: str | None
    search: str
    events: list[LedgerEvent]
    basis: str = "checked"


@dataclass(frozen=True, slots=True)
class Week:
    """How many hit values and searches a week brought; ``monday`` is its first day."""

    monday: date
    values: int
    searches: int


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """One page: ``page`` from 1 to ``pages`` (at least 1), ``total`` lines in all."""

    lines: tuple[LedgerLine, ...]
    page: int
    pages: int
    total: int
    per_page: int


def page(entries: QuerySet[LedgerEntry], number: int = 1, per_page: int = 100) -> LedgerPage:
    """One page of ``ledger.entries``; a number beyond the last gives the last."""
    total = entries.count()
    pages = max(1, -(-total // per_page))
    number = min(max(1, number), pages)
    start = (number - 1) * per_page
    found = tuple(line(entry) for entry in entries[start : start + per_page])
    return LedgerPage(found, number, pages, total, per_page)


def line(entry: LedgerEntry) -> LedgerLine:
    """An entry as its owner reads it."""
    return LedgerLine(
        at=entry.at,
        value=entry.value,
        kind=entry.kind,
        misp=entry.misp.name,
        misp_id=str(entry.misp.public_id),
        member=entry.member_name or None,
        search=str(entry.search_id),
        events=msgspec.convert(entry.events, list[LedgerEvent]),
        basis="checked" if entry.basis == Basis.CHECKED else "last_sync",
    )


def weeks(
    entries: QuerySet[LedgerEntry], *, until: datetime, zone: tzinfo, number: int = 26
) -> tuple[Week, ...]:
    """The last ``number`` weeks up to ``until`` in the owner's zone, empty ones included."""
    last = _monday(until.astimezone(zone).date())
    first = last - timedelta(weeks=number - 1)
    begin = datetime(first.year, first.month, first.day, tzinfo=zone)
    counted = (
        entries.filter(at__gte=begin)
        .order_by()
        .annotate(week=TruncWeek("at", tzinfo=zone))
        .values("week")
        .annotate(values_hit=Count("id"), searches=Count("search_id", distinct=True))
        .values_list("week", "values_hit", "searches")
    )
    known = {week.date(): Week(week.date(), values, many) for week, values, many in counted}
    mondays = (first + timedelta(weeks=index) for index in range(number))
    return tuple(known.get(monday, Week(monday, 0, 0)) for monday in mondays)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def csv(entries: QuerySet[LedgerEntry]) -> Iterator[str]:
    """All entries as CSV, one line per event that hit."""
    return csv_lines(CSV_HEADER, _csv_rows(entries))


def _csv_rows(entries: QuerySet[LedgerEntry]) -> Iterator[tuple[object, ...]]:
    for entry in entries.iterator(chunk_size=1_000):
        told = line(entry)
        start = (told.at.isoformat(), told.misp, told.value, told.kind, told.member)
        for event in told.events or [LedgerEvent("", "", 0)]:
            yield (*start, event.uuid, event.info, event.attributes, told.basis)
