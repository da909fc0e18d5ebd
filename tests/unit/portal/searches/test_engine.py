"""The engine: connections kept between searches, an orderly end, trouble with the database."""

from collections.abc import Iterator
from typing import Any

import pytest

from securegrid.misp.client import MispClient
from securegrid.misp.connection import Connection
from securegrid.portal.accounts.models import User
from securegrid.portal.alliance import services as alliance
from securegrid.portal.searches import document, services, store
from securegrid.portal.searches.clients import Clients, open_client
from securegrid.portal.searches.engine import Engine
from securegrid.portal.searches.models import Search, SearchState
from securegrid.portal.searches.shapes import CellCounts
from tests.conftest import MakeMisp
from tests.fake_misp import attribute, event, hang
from tests.unit.portal.searches.conftest import StartMisp, extraction

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def opened() -> list[Connection]:
    """Every line that the engine under test opened."""
    return []


@pytest.fixture
def runner(opened: list[Connection]) -> Iterator[Engine]:
    """An engine of its own."""

    def open_line(connection: Connection) -> MispClient:
        opened.append(connection)
        return open_client(connection)

    made = Engine(clients=lambda: Clients(open_line))
    yield made
    made.stop()


def ask(runner: Engine, user: User, *texts: str, **more: Any) -> Search:
    search = services.ask(user, extraction(*texts), runner=runner, **more)
    assert runner.wait(search.public_id, 10)
    search.refresh_from_db()
    return search


def test_searches_share_connections_until_the_settings_change(
    runner: Engine,
    opened: list[Connection],
    stranger: User,
    make_misp: MakeMisp,
    start_misp: StartMisp,
) -> None:
    misp = make_misp(url=start_misp([]).url)
    ask(runner, stranger, "bad.example")
    ask(runner, stranger, "bad.example")
    assert len(opened) == 1
    alliance.replace_key(misp, "n" * 40)
    ask(runner, stranger, "bad.example")
    assert [connection.key[0] for connection in opened] == ["k", "n"]


def test_stopping_marks_what_was_not_answered(
    runner: Engine, stranger: User, make_misp: MakeMisp, start_misp: StartMisp
) -> None:
    make_misp(url=start_misp([attribute("bad.example", event(1))]).url, name="A quick one")
    slow = start_misp(behaviour=hang)
    make_misp(url=slow.url, name="B hangs")
    search = services.ask(stranger, extraction("bad.example"), runner=runner)
    while not slow.asked or Search.objects.get().revision == 1:
        pass
    runner.stop()
    search.refresh_from_db()
    assert search.state == SearchState.COMPLETE
    read = document.document(search)
    assert read.cells == CellCounts(1, 0, 1, 0)
    assert read.misps[1].reason == "interrupted"


def test_a_stopped_engine_starts_again(
    runner: Engine, stranger: User, make_misp: MakeMisp, start_misp: StartMisp
) -> None:
    make_misp(url=start_misp([]).url)
    ask(runner, stranger, "bad.example")
    runner.stop()
    assert ask(runner, stranger, "bad.example").state == SearchState.COMPLETE


def test_when_the_database_fails_nothing_half_is_kept(
    runner: Engine,
    stranger: User,
    make_misp: MakeMisp,
    start_misp: StartMisp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_misp(url=start_misp([attribute("bad.example", event(1))]).url)

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(store, "write_hits", fail)
    search = ask(runner, stranger, "bad.example")
    assert search.state == SearchState.RUNNING
    assert not search.hits.exists()
    assert document.document(search).cells == CellCounts(0, 0, 0, 0, 1)
    assert services.recover(now=runner.clock.now(), everything=True) == 1


def test_waiting_for_what_does_not_run_ends_at_once(runner: Engine) -> None:
    from uuid import uuid4

    assert runner.wait(uuid4(), 60)
