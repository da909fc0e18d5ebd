"""Searches with small real MISPs behind them."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from securegrid.portal.accounts import services as accounts
from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import Role
from securegrid.portal.searches import services
from securegrid.portal.searches.engine import engine
from securegrid.portal.searches.models import Search
from securegrid.values.model import Entry, Extraction, Kind, Value
from tests.conftest import MakeMisp
from tests.fake_misp import FakeMisp, serving
from tests.unit.portal.searches.indexes import HIT, STALE, Indexed, synced

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


@pytest.fixture
def searcher(stranger: User) -> User:
    """An analyst of another member than the one that owns the MISPs."""
    roles = (Role.ANALYST,)
    return accounts.create_user("searcher@example.org", "x" * 20, "S", stranger.member, roles)


@pytest.fixture
def indexed(start_misp: StartMisp, make_misp: MakeMisp) -> Indexed:
    """An indexed MISP that lost one of its two attributes after the sync."""
    fake = start_misp([HIT])
    misp = make_misp(url=fake.url, mode="indexed", name="Indexed")
    synced(misp, [HIT, STALE])
    return Indexed(fake, misp)


def misp_names(search: Search) -> Sequence[str]:
    return [answer.misp.name for answer in search.answers.select_related("misp")]
