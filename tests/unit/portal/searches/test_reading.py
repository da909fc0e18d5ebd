"""Reading page by page: filters, sorting, and speed at 10,000 values by 20 MISPs."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from securegrid.federation.outcomes import CellState
from securegrid.misp.failures import Reason
from securegrid.portal.accounts.models import User
from securegrid.portal.searches import cells as codes
from securegrid.portal.searches import question, reading
from securegrid.portal.searches.models import MispAnswer, Search, SearchState
from securegrid.portal.searches.question import Question, Title
from securegrid.portal.searches.rows import NewHit, write_hits
from securegrid.portal.searches.shapes import GridFilter, SearchView, Sort
from securegrid.values.model import Entry, Kind, Value
from tests.conftest import MakeMisp

DOWN = codes.code(CellState.NOT_ANSWERED, Reason.TIMED_OUT)


def stored(user: User, entries: tuple[Entry, ...], columns: dict[object, bytes]) -> Search:
    """A complete search with these cells; each hit cell has one hit of two attributes."""
    search = Search(
        public_id=uuid4(),
        member=user.member,
        user=user,
        values_count=len(entries),
        deadline_s=30,
        state=SearchState.COMPLETE,
        created_at=timezone.now(),
        must_end_at=timezone.now(),
    )
    asked = Question(entries, ())
    search.sealed_question = question.seal_question(search.public_id, asked)
    search.sealed_title = question.seal_title(search.public_id, Title("L"))
    search.save()
    for order, (misp, cells) in enumerate(columns.items()):
        MispAnswer.objects.create(search=search, misp=misp, order=order, cells=cells)
        hits = [i for i, byte in enumerate(cells) if byte == codes.HIT]
        write_hits(
            search.pk, [NewHit(misp.pk, i, "equal", 2, '{"info":"E"}', None) for i in hits], 1
        )
    return search


@pytest.fixture
def small(stranger: User, make_misp: MakeMisp) -> Search:
    """Four values by two MISPs."""
    entries = (
        Entry(Value(Kind.DOMAIN, "b.example", ("b.example",)), ("b.example",), "", "public"),
        Entry(Value(Kind.IPV4, "192.0.2.1", ("192.0.2.1",)), ("192.0.2.1",), "", "own"),
        Entry(Value(Kind.DOMAIN, "a.example", ("a.example",)), ("a.example",), "", "public"),
        Entry(Value(Kind.DOMAIN, "c.example", ("c.example",)), ("c.example",)),
    )
    first, second = make_misp(name="A"), make_misp(name="B")
    return stored(stranger, entries, {first: bytes([1, 2, 1, 2]), second: bytes([2, 2, 1, DOWN])})


def shown(view: SearchView) -> list[str]:
    return [row.value for row in view.rows]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wanted", "values"),
    [
        (GridFilter(), ["b.example", "192.0.2.1", "a.example", "c.example"]),
        (GridFilter(hits_only=True), ["b.example", "a.example"]),
        (GridFilter(kind=Kind.IPV4), ["192.0.2.1"]),
        (GridFilter(label="public"), ["b.example", "a.example"]),
        (GridFilter(text="A.EX"), ["a.example"]),
        (GridFilter(sort=Sort.VALUE), ["192.0.2.1", "a.example", "b.example", "c.example"]),
        (GridFilter(sort=Sort.HITS), ["a.example", "b.example", "192.0.2.1", "c.example"]),
        (GridFilter(sort=Sort.LABEL), ["c.example", "192.0.2.1", "b.example", "a.example"]),
        (GridFilter(sort=Sort.KIND), ["b.example", "a.example", "c.example", "192.0.2.1"]),
        (GridFilter(misp="nobody"), []),
    ],
)
def test_filters_and_sorting(small: Search, wanted: GridFilter, values: list[str]) -> None:
    assert shown(reading.view(small, wanted)) == values


@pytest.mark.django_db
def test_filtering_by_misp(small: Search) -> None:
    second = reading.view(small).misps[1]
    assert shown(reading.view(small, GridFilter(misp=second.id))) == ["a.example"]
    assert (second.state, second.reason) == ("partly", "timed_out")


@pytest.mark.django_db
def test_what_there_is_to_filter_by(small: Search) -> None:
    view = reading.view(small)
    assert view.labels == ("public", "own")
    assert view.kinds == (Kind.DOMAIN, Kind.IPV4)
    assert (view.cells.hit, view.cells.miss, view.cells.not_answered, view.missing) == (3, 4, 1, 1)


@pytest.mark.django_db
def test_pages_stay_within_what_there_is(small: Search) -> None:
    assert shown(reading.view(small, per_page=3, page=2)) == ["c.example"]
    beyond = reading.view(small, per_page=3, page=99)
    assert (beyond.pages.page, beyond.pages.pages, beyond.pages.total) == (2, 2, 4)


@pytest.mark.django_db
def test_the_panel_of_one_value(small: Search) -> None:
    panel = reading.value(small, 2)
    assert [cell.count for cell in panel.row.cells] == [2, 2]
    assert [(hit.misp, hit.event.info if hit.event else "") for hit in panel.hits] == [
        ("A", "E"),
        ("B", "E"),
    ]
    with pytest.raises(IndexError):
        reading.value(small, 4)


@pytest.mark.django_db
def test_cells_by_misp_and_state(small: Search) -> None:
    lines, pages = reading.cells(small, misp="B", state=CellState.NOT_ANSWERED)
    assert [(line.value, line.misp, line.reason) for line in lines] == [
        ("c.example", "B", "timed_out")
    ]
    assert reading.cells(small, misp="nobody")[0] == ()
    assert len(reading.cells(small)[0]) == 8
    assert pages.total == 1


@pytest.mark.django_db
def test_hits_page_by_page(small: Search) -> None:
    rows, pages = reading.hits(small, per_page=2, page=2)
    assert [row.value for row in rows] == ["a.example"]
    assert pages.total == 3
    assert [row.misp for row in reading.hits(small, misp="B")[0]] == ["B"]


@pytest.mark.django_db
def test_a_large_grid_takes_three_queries_and_one_page_of_rows(
    stranger: User, make_misp: MakeMisp
) -> None:
    entries = tuple(
        Entry(Value(Kind.DOMAIN, f"h{i}.example", (f"h{i}.example",)), (f"h{i}.example",))
        for i in range(10_000)
    )
    column = bytes(codes.HIT if i % 20 == 0 else codes.MISS for i in range(10_000))
    search = stored(stranger, entries, {make_misp(): column for _ in range(20)})
    reading.view(search)
    with CaptureQueriesContext(connection) as queries:
        view = reading.view(search, GridFilter(hits_only=True, sort=Sort.HITS), page=2)
    assert len(view.rows) == 100
    assert view.cells.hit == 10_000
    assert len(queries) <= 3
