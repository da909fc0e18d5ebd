"""A MISP that keeps failing rests, is seen to rest, is probed once at a time, and comes back."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from securegrid.portal.alliance.models import Misp
from securegrid.portal.searches.engine import engine
from securegrid.portal.searches.models import Search
from tests.faults.conftest import Told
from tests.faults.fault import Fault
from tests.faults.faulty_misp import FaultyMisp, serving
from tests.faults.stage import HELD, HIT, Stage, columns, holding, states

pytestmark = pytest.mark.django_db(transaction=True)

RESTING = {"not_asked: resting"}
CHUNKS = 2
"""Requests that the stage's question needs."""


@pytest.fixture
def failing() -> Iterator[FaultyMisp]:
    """A MISP whose every search ends in an internal error."""
    with serving(holding("Faulty", HIT, HELD, fault=Fault.ERROR_500)) as misp:
        yield misp


def asked(stage: Stage) -> set[str]:
    return states(columns(stage.ask()["id"])["Faulty"])


def shown_state(stage: Stage, misp: Misp) -> str:
    """What everybody sees of it, the same in the API and on the page."""
    told = [
        next(m for m in stage.call(person, "GET", "/misps").body["misps"] if m["name"] == misp.name)
        for person in (stage.owner, stage.operator, stage.analyst)
    ]
    (state,) = {one["state"] for one in told}
    assert all((one["resting_until"] is None) == (state != "resting") for one in told)
    page = stage.page(stage.owner, f"/misps/{misp.public_id}/")
    assert ("Resting" in page) == (state == "resting")
    return str(state)


def end_the_pause(misp: Misp) -> None:
    Misp.objects.filter(pk=misp.pk).update(resting_until=timezone.now() - timedelta(seconds=1))


def test_from_failure_to_rest_to_a_failed_probe_to_recovery(
    stage: Stage, failing: FaultyMisp, told: Told
) -> None:
    misp = stage.connect(failing, "Faulty")
    for _ in range(3):
        assert shown_state(stage, misp) == "on"
        assert asked(stage) == {"not_answered: server_error"}
    misp.refresh_from_db()
    assert (misp.failures_in_a_row, misp.resting_reason) == (3, "server_error")
    first_pause = misp.resting_until
    assert first_pause is not None
    assert timezone.now() < first_pause < timezone.now() + timedelta(seconds=36)

    assert shown_state(stage, misp) == "resting"
    requests = len(failing.searches())
    search = stage.ask()
    assert states(columns(search["id"])["Faulty"]) == RESTING
    assert len(failing.searches()) == requests

    end_the_pause(misp)
    assert asked(stage) == {"not_answered: server_error"}
    assert len(failing.searches()) == requests + 1  # a probe is one request
    misp.refresh_from_db()
    assert misp.failures_in_a_row == 4
    assert misp.probe_claimed_until is None
    assert shown_state(stage, misp) == "resting"

    end_the_pause(misp)
    failing.fault = Fault.NONE
    again = stage.ask_again(search["id"])  # what a rest kept from being asked is missing too
    assert again["cells"]["not_asked"] == 0
    assert stage.check_shown(search["id"]) == {("Faulty", HIT), ("Faulty", HELD)}
    misp.refresh_from_db()
    assert (misp.failures_in_a_row, misp.resting_until) == (0, None)
    assert shown_state(stage, misp) == "on"
    stage.check_silence(told.everything())


def test_of_searches_at_the_same_time_one_probes(stage: Stage, failing: FaultyMisp) -> None:
    misp = stage.connect(failing, "Faulty")
    for _ in range(3):
        asked(stage)
    end_the_pause(misp)
    failing.fault, failing.delay_s = Fault.NONE, 0.3
    before = len(failing.searches())

    begun = [stage.begin() for _ in range(4)]
    for search_id in begun:
        assert engine().wait(Search.objects.get(public_id=search_id).public_id, 20)

    told = [states(columns(search_id)["Faulty"]) for search_id in begun]
    assert told == [{"hit", "miss"}, RESTING, RESTING, RESTING]
    assert len(failing.searches()) == before + CHUNKS
    assert asked(stage) == {"hit", "miss"}


def test_a_probe_whose_search_is_deleted_does_not_keep_the_misp_resting_for_good(
    stage: Stage, failing: FaultyMisp
) -> None:
    misp = stage.connect(failing, "Faulty")
    for _ in range(3):
        asked(stage)
    end_the_pause(misp)
    failing.fault = Fault.HANGS
    search = Search.objects.get(public_id=stage.begin())
    while len(failing.searches()) < 3 * CHUNKS + 1:
        time.sleep(0.01)
    search.delete()  # by another process: this one hears of it when it writes
    engine().cancel(search.public_id)
    assert engine().wait(search.public_id, 10)

    misp.refresh_from_db()
    assert misp.probe_claimed_until is not None  # nobody reported; the claim runs out by itself
    failing.fault = Fault.NONE
    assert asked(stage) == RESTING
    Misp.objects.update(probe_claimed_until=timezone.now() - timedelta(seconds=1))
    assert asked(stage) == {"hit", "miss"}
