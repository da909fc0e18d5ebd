"""The book: no cell twice, none left, whatever is entered."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from securegrid.federation.book import Book
from securegrid.federation.outcomes import CellState, ChunkAnswer, Found, MispDone, Outcome, Why
from securegrid.federation.plan import Target, plan
from securegrid.values.model import Relation
from tests.unit.federation.samples import attribute, cells_of, ip_value

VALUES = 12
ASKED = frozenset(range(2, VALUES))


def new_book() -> Book:
    values = [ip_value(number) for number in range(VALUES)]
    now = datetime(2026, 11, 23, tzinfo=UTC)
    return Book(plan(values, [Target("A", positions=ASKED), Target("B")], now), VALUES)


def told(book: Book, *entered: Outcome) -> list[Outcome]:
    return [each for outcome in entered for each in book.enter(outcome, Why.INTERRUPTED)]


def answer(*positions: int) -> ChunkAnswer:
    found = tuple(Found(p, Relation.EQUAL, attribute("x")) for p in positions[:1])
    return ChunkAnswer("A", positions, CellState.MISS, found=found)


@given(st.lists(st.lists(st.integers(0, VALUES - 1), unique=True), max_size=8))
def test_each_asked_cell_is_told_once(chunks: list[list[int]]) -> None:
    book = new_book()
    outcomes = told(book, *(answer(*chunk) for chunk in chunks), MispDone("A", 1.0, 1))
    cells = cells_of(outcomes)["A"]
    assert cells.keys() == ASKED
    spoken_of = {position for chunk in chunks for position in chunk} & ASKED
    left_over = {p for p, state in cells.items() if state == "not_answered: interrupted"}
    assert left_over == ASKED - spoken_of


def test_after_its_last_word_a_misp_is_not_heard() -> None:
    book = new_book()
    told(book, MispDone("A", 1.0, 1))
    assert told(book, answer(5), MispDone("A", 2.0, 2)) == []
    assert (book.is_open(), book.open_misps()) == (True, ("B",))
    told(book, MispDone("B", 1.0, 1))
    assert not book.is_open()


def test_an_unknown_misp_is_not_heard() -> None:
    assert told(new_book(), ChunkAnswer("C", (1,), CellState.MISS)) == []
