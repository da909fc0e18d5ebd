"""Reading a search page by page: the grid, the hits, one value, the cells, the history."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from django.db.models import Count, Q, QuerySet, Sum

from securegrid.federation.outcomes import CellState
from securegrid.portal.disclosure.shown import AttributeShown, EventShown
from securegrid.portal.searches import cells as codes
from securegrid.portal.searches.columns import (
    Column,
    cell_states,
    columns,
    is_running,
    misp_shape,
    positions_hit,
    total,
)
from securegrid.portal.searches.document import asker, rejected_shape
from securegrid.portal.searches.models import Hit, Search, SearchState
from securegrid.portal.searches.origins import origin_of, origins_of
from securegrid.portal.searches.question import Question, unseal_question, unseal_title
from securegrid.portal.searches.shapes import (
    CellLine,
    GridCell,
    GridFilter,
    GridRow,
    HitRow,
    Pages,
    RejectedShape,
    SearchLine,
    SearchView,
    Sort,
    ValueView,
)
from securegrid.values.model import Relation

PER_PAGE = 100
_REJECTED_SHOWN = 1_000


def view(
    search: Search,
    shown: GridFilter | None = None,
    *,
    page: int = 1,
    per_page: int = PER_PAGE,
    now: datetime | None = None,
) -> SearchView:
    """What the result page shows: the summary, and the rows of one page.

    Quick at 10,000 values by 20 MISPs: only the page's rows become objects. A ``page`` beyond
    the last gives the last.
    """
    asked = unseal_question(search.public_id, search.sealed_question)
    title = unseal_title(search.public_id, search.sealed_title)
    read = columns(search, now)
    positions = _select(asked, read, shown or GridFilter())
    paged, pages = paginate(positions, page, per_page)
    running = is_running(search, now)
    return SearchView(
        id=str(search.public_id),
        state=(SearchState.RUNNING if running else SearchState.COMPLETE).value,
        label=title.label,
        purpose=title.purpose,
        created_at=search.created_at,
        by=asker(search),
        deadline_s=search.deadline_s,
        private=search.private,
        related=search.related,
        elapsed_ms=search.elapsed_ms,
        revision=search.revision,
        interrupted=any(codes.INTERRUPTED in column.cells for column in read),
        values_count=search.values_count,
        values_hit=search.values_hit,
        rejected=_rejected(asked),
        misps=tuple(misp_shape(column) for column in read),
        cells=total([column.counts for column in read]),
        missing=0 if running else sum(len(column.missing()) for column in read),
        labels=tuple(dict.fromkeys(e.label for e in asked.entries if e.label)),
        kinds=tuple(dict.fromkeys(e.value.kind for e in asked.entries)),
        rows=_rows(search, asked, read, paged),
        pages=pages,
    )


def _rejected(asked: Question) -> tuple[RejectedShape, ...]:
    return tuple(rejected_shape(piece) for piece in asked.rejected[:_REJECTED_SHOWN])


def _select(asked: Question, read: Sequence[Column], shown: GridFilter) -> Sequence[int]:
    """The positions that pass the filter, sorted."""
    entries = asked.entries
    hit = positions_hit([column.cells for column in read])
    at_misp = next((c.cells for c in read if c.misp_id == shown.misp), None)
    text = shown.text.casefold()
    positions: Sequence[int] = range(len(entries))
    if shown.hits_only:
        positions = [p for p in positions if hit and hit[p]]
    if shown.misp:
        positions = [p for p in positions if at_misp is not None and at_misp[p] in codes.HITS]
    if shown.kind is not None:
        positions = [p for p in positions if entries[p].value.kind is shown.kind]
    if shown.label:
        positions = [p for p in positions if entries[p].label == shown.label]
    if text:
        positions = [p for p in positions if text in entries[p].value.text.casefold()]
    key = _sort_key(shown.sort, asked, hit)
    return positions if key is None else sorted(positions, key=key)


def _sort_key(sort: Sort, asked: Question, hit: bytes) -> Callable[[int], tuple[int, str]] | None:
    """Rows that are equal in it stay as entered (sorting is stable)."""
    entries = asked.entries
    keys: dict[Sort, Callable[[int], tuple[int, str]]] = {
        Sort.HITS: lambda position: (-hit[position] if hit else 0, ""),
        Sort.VALUE: lambda position: (0, entries[position].value.text),
        Sort.KIND: lambda position: (0, entries[position].value.kind),
        Sort.LABEL: lambda position: (0, entries[position].label),
    }
    return keys.get(sort)


def paginate(things: Sequence[int], page: int, per_page: int) -> tuple[Sequence[int], Pages]:
    """One page of things; ``page`` is brought into 1 to the last page."""
    pages = max(1, -(-len(things) // per_page))
    page = min(max(1, page), pages)
    start = (page - 1) * per_page
    return things[start : start + per_page], Pages(page, pages, len(things), per_page)


def _rows(
    search: Search, asked: Question, read: Sequence[Column], positions: Sequence[int]
) -> tuple[GridRow, ...]:
    counted = _counts(search, positions)
    return tuple(_row(asked, read, counted, position) for position in positions)


class _Hits(NamedTuple):
    """The hits of one cell: ``counted`` is ``None`` when a row does not tell."""

    counted: int | None
    related: bool


def _counts(search: Search, positions: Sequence[int]) -> dict[tuple[int, int], _Hits]:
    """Attributes that hit, by position and MISP, and whether they are only related."""
    rows = (
        Hit.objects.filter(search=search, position__in=list(positions))
        .values_list("position", "misp_id")
        .annotate(
            summed=Sum("count"),
            untold=Count("id", filter=Q(count=None)),
            exact=Count("id", filter=Q(relation__in=_EQUALITY)),
        )
        .order_by()
    )
    return {
        (at, misp): _Hits(None if untold else summed, not exact)
        for at, misp, summed, untold, exact in rows
    }


_EQUALITY = (Relation.EQUAL.value, Relation.PART.value)
_NO_HITS = _Hits(None, related=False)


def _row(
    asked: Question,
    read: Sequence[Column],
    counted: dict[tuple[int, int], _Hits],
    position: int,
) -> GridRow:
    entry = asked.entries[position]
    return GridRow(
        position,
        entry.value.text,
        entry.value.kind,
        entry.written,
        entry.note,
        entry.label,
        tuple(
            _cell(column.cells[position], counted.get((position, column.answer.misp_id), _NO_HITS))
            for column in read
        ),
        origin_of(entry.value),
    )


def _cell(byte: int, hits: _Hits) -> GridCell:
    known = codes.cell(byte)
    reason = known.reason.value if known.reason else None
    return GridCell(known.state, reason, hits.counted, known.coming, hits.related)


def value(search: Search, position: int, now: datetime | None = None) -> ValueView:
    """The panel of one value. Raises IndexError when the question has no such position."""
    asked = unseal_question(search.public_id, search.sealed_question)
    if not 0 <= position < len(asked.entries):
        raise IndexError(position)
    read = columns(search, now)
    found = Hit.objects.filter(search=search, position=position).order_by("misp_id", "id")
    return ValueView(
        _rows(search, asked, read, [position])[0],
        tuple(misp_shape(column) for column in read),
        tuple(_hit_rows(asked, read, found)),
    )


def hits(
    search: Search, *, misp: str = "", page: int = 1, per_page: int = PER_PAGE
) -> tuple[tuple[HitRow, ...], Pages]:
    """One page of the hits in the order of the question; ``misp``: a public id or name."""
    asked = unseal_question(search.public_id, search.sealed_question)
    read = columns(search)
    found = Hit.objects.filter(search=search)
    if misp:
        found = found.filter(misp_id__in=[c.answer.misp_id for c in _named(read, misp)])
    numbers, pages = paginate(range(found.count()), page, per_page)
    start = numbers[0] if numbers else 0
    rows = found.order_by("position", "misp_id", "id")[start : start + per_page]
    return tuple(_hit_rows(asked, read, rows)), pages


def _named(read: Sequence[Column], misp: str) -> list[Column]:
    return [c for c in read if misp in (c.misp_id, c.answer.misp.name)]


def _hit_rows(asked: Question, read: Sequence[Column], found: QuerySet[Hit]) -> list[HitRow]:
    by_misp = {c.answer.misp_id: c for c in read}
    origin_at = origins_of(asked.entries)
    return [
        HitRow(
            hit.position,
            asked.entries[hit.position].value.text,
            by_misp[hit.misp_id].answer.misp.name,
            by_misp[hit.misp_id].misp_id,
            Relation(hit.relation),
            hit.count,
            msgspec.convert(hit.event, EventShown | None),
            msgspec.convert(hit.attribute, AttributeShown | None),
            by_misp[hit.misp_id].reason_at(hit.position),
            origin_at(hit.position),
        )
        for hit in found
    ]


def cells(
    search: Search,
    *,
    misp: str = "",
    state: CellState | None = None,
    page: int = 1,
    per_page: int = 1_000,
    now: datetime | None = None,
) -> tuple[tuple[CellLine, ...], Pages]:
    """One page of cells, MISP by MISP; ``misp``: a public id or a name."""
    asked = unseal_question(search.public_id, search.sealed_question)
    read = columns(search, now)
    chosen = _named(read, misp) if misp else read
    width = search.values_count
    wanted = cell_states(state) if state is not None else None
    numbers: Sequence[int] = range(len(chosen) * width)
    if wanted is not None:
        together = b"".join(column.cells for column in chosen)
        numbers = [number for number, byte in enumerate(together) if byte in wanted]
    paged, pages = paginate(numbers, page, per_page)
    return tuple(_line(asked, chosen[n // width], n % width) for n in paged), pages


def _line(asked: Question, column: Column, position: int) -> CellLine:
    known = codes.cell(column.cells[position])
    text = asked.entries[position].value.text
    reason = known.reason.value if known.reason else None
    return CellLine(text, column.answer.misp.name, column.misp_id, known.state, reason)


def lines(
    searches: QuerySet[Search], *, page: int = 1, per_page: int = 50, now: datetime | None = None
) -> tuple[tuple[SearchLine, ...], Pages]:
    """One page of the history, in the order of ``searches``."""
    numbers, pages = paginate(range(searches.count()), page, per_page)
    start = numbers[0] if numbers else 0
    found = searches.select_related("user").defer("sealed_question")
    return tuple(line(one, now) for one in found[start : start + per_page]), pages


def line(search: Search, now: datetime | None = None) -> SearchLine:
    """A search in the history; the values stay sealed."""
    title = unseal_title(search.public_id, search.sealed_title)
    return SearchLine(
        id=str(search.public_id),
        state=(SearchState.RUNNING if is_running(search, now) else SearchState.COMPLETE).value,
        label=title.label,
        purpose=title.purpose,
        created_at=search.created_at,
        by=asker(search),
        elapsed_ms=search.elapsed_ms,
        values_count=search.values_count,
        values_hit=search.values_hit,
        private=search.private,
        related=search.related,
    )
