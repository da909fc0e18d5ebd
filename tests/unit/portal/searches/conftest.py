"""Searches with small real MISPs behind them."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from securegrid.portal.accounts.models import User
from securegrid.portal.searches import services
from securegrid.portal.searches.engine import engine
from securegrid.portal.searches.models import Search
from securegrid.values.model import Entry, Extraction, Kind, Value
from tests.fake_misp import FakeMisp, serving

StartMisp = Callable[..., FakeMisp]
RunSearch = Callable[..., Search]


def entry(text: str, kind: Kind = Kind.DOMAIN, **more: str) -> Entry:
    return Entry(Value(kind, text, (text,)), (text,), **more)


def extraction(*texts: str) -> Extraction:
    return Extraction(tuple(entry(text) for text in texts), ())


@pytest.fixture
def start_misp() -> Iterator[StartMisp]:
    """Starts a fake MISP; stopped when the test ends."""
    with serving() as start:
        yield start


def finish(search: Search, timeout_s: float = 20.0) -> Search:
    """Wait for the engine and read the search anew."""
    assert engine().wait(search.public_id, timeout_s)
    search.refresh_from_db()
    return search


@pytest.fixture
def run_search() -> RunSearch:
    """``run_search(user, "a.example", …)`` gives the complete search."""

    def run(user: User, *texts: str, **more: object) -> Search:
        return finish(services.ask(user, extraction(*texts), **more))  # type: ignore[arg-type]

    return run


def misp_names(search: Search) -> Sequence[str]:
    return [answer.misp.name for answer in search.answers.select_related("misp")]
