"""The rule holds when MISPs fail, when searches are asked again, and when the portal restarts."""

import time
from collections.abc import Callable

import pytest
from django.utils import timezone

from securegrid.federation.outcomes import CellState
from securegrid.portal.searches import run, services
from securegrid.portal.searches.cells import Cell
from securegrid.portal.searches.engine import engine
from securegrid.portal.searches.models import Search
from tests.faults.fault import Fault
from tests.faults.stage import columns
from tests.privacy.finder import Finder
from tests.privacy.indexed import Portal, hits_of
from tests.privacy.questions import HITS
from tests.privacy.rule import Traffic, broken_by, traffic_of
from tests.privacy.world import MISSES, WRITTEN

pytestmark = pytest.mark.django_db(transaction=True)

FOUND = HITS[:230]
"""More than one request to A."""
ONE = (*FOUND, *MISSES)
OTHER = (*WRITTEN, *(f"miss-filler-{number}.example" for number in range(250)), *FOUND[::-1])
FINDER = Finder([*MISSES, *WRITTEN, "miss-filler-", *HITS[:9]])

FAULTS = (
    Fault.ERROR_500,
    Fault.UNAVAILABLE,
    Fault.RATE_LIMITED_SILENT,
    Fault.RATE_LIMITED,
    Fault.BAD_KEY,
    Fault.RESETS,
    Fault.CUT_SHORT,
    Fault.REFUSES,
    Fault.HANGS,
    Fault.HTML,
    Fault.REDIRECT,
    Fault.TRUNCATED_JSON,
)


@pytest.fixture(autouse=True)
def _impatient(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "REQUEST_TIMEOUT_S", 0.4)


def _same(portal: Portal, story: Callable[[tuple[str, ...]], Traffic]) -> Traffic:
    """What is sent in a story, which must be the same for both questions, and tell nothing."""
    sent = []
    for question in (ONE, OTHER):
        engine().stop()  # no connection is left over: a lost one is tried once more
        portal.forget()
        sent.append(story(question))
        assert broken_by(portal.world, FOUND, FINDER) == set()
    assert sent[0] == sent[1]
    return sent[0]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_failing_misp_is_told_nothing_more(portal: Portal, fault: Fault) -> None:
    def story(question: tuple[str, ...]) -> Traffic:
        portal.world["A"].wire.fault = fault
        told = portal.ask(question)
        assert {value for misp, value in hits_of(told) if misp == "A"} == set(FOUND)
        assert told["cells"]["not_answered"] == 0
        return traffic_of(portal.world)

    sent = _same(portal, story)
    assert bool(sent["A"]) == (fault is not Fault.REFUSES)


def test_asking_again_tells_nothing_more(portal: Portal) -> None:
    def story(question: tuple[str, ...]) -> Traffic:
        portal.world["A"].wire.script = [Fault.NONE, Fault.ERROR_500]
        portal.world["B"].wire.fault = Fault.RESETS
        search_id = portal.ask(question)["id"]
        first = traffic_of(portal.world)
        portal.forget()
        told = portal.stage.ask_again(search_id)
        assert not any(hit["reason"] for hit in told["hits"])
        again = traffic_of(portal.world)
        assert again["B"]
        assert 0 < len(again["A"]) <= len(first["A"])
        return {name: first[name] + again[name] for name in first}

    _same(portal, story)


def test_a_lost_connection_is_asked_once_more_in_the_same_words(portal: Portal) -> None:
    def story(question: tuple[str, ...]) -> Traffic:
        portal.world["A"].wire.script = [Fault.RESETS]
        portal.ask(question)
        return traffic_of(portal.world)

    sent = _same(portal, story)
    assert sent["A"][0] == sent["A"][1]


def test_a_restart_in_the_middle_tells_nothing_more(portal: Portal) -> None:
    def story(question: tuple[str, ...]) -> Traffic:
        portal.world["A"].wire.script = [Fault.HANGS]
        search_id = portal.stage.begin(values=list(question))
        _until(lambda: bool(portal.world["A"].wire.requests))
        _until(lambda: all(map(_is_settled, columns(search_id)["B"])))
        engine().stop()
        services.recover(now=timezone.now(), everything=True)
        assert Search.objects.get(public_id=search_id).state == "complete"
        portal.stage.ask_again(search_id)
        return traffic_of(portal.world)

    _same(portal, story)


def _is_settled(cell: Cell) -> bool:
    """Looked up, and its details have come; until then it is running or they are coming."""
    return cell.state is not CellState.RUNNING and not cell.coming


def _until(happened: Callable[[], bool]) -> None:
    ends = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < ends
        time.sleep(0.01)
