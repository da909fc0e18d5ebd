"""Pages of things as the API gives them: a typed page around a list."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from ninja import Query

from securegrid.portal.searches.shapes import (
    CellLine,
    Pages,
    RejectedShape,
    SearchLine,
    ValueShape,
)

PageNumber = Annotated[int, Query(ge=1, le=1_000_000)]
PerPage = Annotated[int, Query(ge=1, le=10_000)]


class History(msgspec.Struct):
    """A page of the history."""

    searches: Sequence[SearchLine]
    page: int
    pages: int
    total: int
    per_page: int


class CellsPage(msgspec.Struct):
    """A page of cells."""

    cells: Sequence[CellLine]
    page: int
    pages: int
    total: int
    per_page: int


class Understood(msgspec.Struct):
    """What was understood of an input."""

    values: Sequence[ValueShape]
    rejected: Sequence[RejectedShape]
    values_total: int
    rejected_total: int


def numbers(pages: Pages) -> tuple[int, int, int, int]:
    """In the order of the fields above."""
    return pages.page, pages.pages, pages.total, pages.per_page
