"""The stream of a search: from the start, resumed, and for what was deleted."""

import json
from typing import Any

import pytest

from securegrid.portal.accounts.models import User
from securegrid.portal.searches import services
from securegrid.portal.searches.models import Search
from tests.conftest import MakeMisp
from tests.fake_misp import attribute, event
from tests.unit.portal.api.conftest import Answer, CallAs, StartMisp
from tests.unit.portal.searches.conftest import extraction, finish

pytestmark = pytest.mark.django_db(transaction=True)


def events(answer: Answer) -> list[tuple[str, Any, str]]:
    """Name, data and id of each event."""
    told = []
    for block in answer.content.decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if line[:1] != ":")
        if "event" in lines:
            told.append((lines["event"], json.loads(lines["data"]), lines.get("id", "")))
    return told


@pytest.fixture
def begun(stranger: User, make_misp: MakeMisp, start_misp: StartMisp) -> Search:
    """A search that has just begun: one MISP answers at once, another a little later."""
    first = start_misp([attribute("bad.example", event(1))])
    later = start_misp([attribute("bad.example", event(2))], delay_s=0.3)
    make_misp(url=first.url, name="A at once")
    make_misp(url=later.url, name="B later")
    return services.ask(stranger, extraction("bad.example", "good.example"))


def test_everything_comes_as_it_happens(begun: Search, stranger: User, call_as: CallAs) -> None:
    answer = call_as(stranger)("GET", f"/searches/{begun.public_id}/stream")
    assert answer.headers["Content-Type"] == "text/event-stream"
    told = events(answer)
    assert told[-1][0] == "done"
    assert told[-1][1]["cells"] == {"hit": 2, "miss": 2, "not_answered": 0, "not_asked": 0}
    hits = [hit for name, data, _ in told if name == "hits" for hit in data]
    assert [hit["misp"] for hit in hits] == ["A at once", "B later"]
    states = [(data["name"], data["state"]) for name, data, _ in told if name == "misp"]
    assert states[-1] == ("B later", "answered")
    assert ("A at once", "answered") in states
    ids = [int(number) for _, _, number in told if number]
    assert ids == sorted(ids)


def test_a_reader_that_comes_late_gets_everything(
    begun: Search, stranger: User, call_as: CallAs
) -> None:
    finish(begun)
    told = events(call_as(stranger)("GET", f"/searches/{begun.public_id}/stream"))
    assert [name for name, _, _ in told] == ["misp", "misp", "hits", "done"]
    assert len(told[2][1]) == 2


def test_a_reader_that_comes_back_gets_the_rest(
    begun: Search, stranger: User, call_as: CallAs
) -> None:
    finish(begun)
    call, path = call_as(stranger), f"/searches/{begun.public_id}/stream"
    whole = events(call("GET", path, **{"Last-Event-ID": "1"}))
    assert [name for name, _, _ in whole] == ["misp", "misp", "hits", "done"]
    last = whole[-1][2]
    assert [name for name, _, _ in events(call("GET", path, **{"Last-Event-ID": last}))] == ["done"]
    before = str(int(last) - 1)
    rest = events(call("GET", path, **{"Last-Event-ID": before}))
    assert [data["name"] for name, data, _ in rest if name == "misp"] == ["B later"]
    assert [hit["misp"] for name, data, _ in rest if name == "hits" for hit in data] == ["B later"]


@pytest.mark.parametrize("odd", ["x", "-1", "1e9", "9" * 40, "１"])
def test_an_odd_last_event_is_none(
    begun: Search, stranger: User, call_as: CallAs, odd: str
) -> None:
    finish(begun)
    headers = {"Last-Event-ID": odd}
    told = events(call_as(stranger)("GET", f"/searches/{begun.public_id}/stream", **headers))
    assert len(told) == 4
