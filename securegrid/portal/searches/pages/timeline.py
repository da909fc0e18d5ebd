"""When the events that hit happened, by month and MISP, as a chart."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count

from securegrid.portal.searches.models import Hit, Search
from securegrid.portal.searches.shapes import MispShape

_MOST_MONTHS = 48
_OF_MONTH = 7
"""Characters of a date up to its month."""


def chart(search: Search, misps: Sequence[MispShape]) -> dict[str, Any] | None:
    """Stacked bars of hits by their event's month; ``None`` with fewer than two months.

    Only hits whose owner shows the event's date count.
    """
    counted = _counted(search)
    months = sorted({month for month, _ in counted})[-_MOST_MONTHS:]
    if len(months) < 2:
        return None
    x = _without_gaps(months[0], months[-1])
    series = [
        {"name": misp.name, "data": [counted.get((month, misp.id), 0) for month in x]}
        for misp in misps
        if any(of == misp.id for _, of in counted)
    ]
    return {"kind": "bar", "stacked": True, "x": x, "series": series}


def _counted(search: Search) -> dict[tuple[str, str], int]:
    """Hits by month and MISP."""
    rows = (
        Hit.objects.filter(search=search, event__date__isnull=False)
        .values_list("event__date", "misp__public_id")
        .annotate(many=Count("id"))
        .order_by()
    )
    counted: dict[tuple[str, str], int] = {}
    for date, of, many in rows:
        key = (str(date)[:_OF_MONTH], str(of))
        counted[key] = counted.get(key, 0) + many
    return counted


def _without_gaps(first: str, last: str) -> list[str]:
    """All months from one to the other, at most the last ``_MOST_MONTHS``."""
    start, end = _month_number(first), _month_number(last)
    numbers = range(max(start, end - _MOST_MONTHS + 1), end + 1)
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in numbers]


def _month_number(month: str) -> int:
    year, _, of_year = month.partition("-")
    return int(year) * 12 + int(of_year) - 1
