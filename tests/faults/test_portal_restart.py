"""The process ends while MISPs are being asked: what is stored is whole, marked, and no leak."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from securegrid.portal.searches import services, store
from securegrid.portal.searches.engine import engine
from securegrid.portal.searches.models import Search, SearchState
from tests.faults.conftest import Told
from tests.faults.fault import Fault
from tests.faults.faulty_misp import serving
from tests.faults.stage import HELD, HIT, Stage, columns, holding, states

pytestmark = pytest.mark.django_db(transaction=True)

FOUND = {("Hits", HIT)}
HEALED = FOUND | {("Faulty", HIT), ("Faulty", HELD)}


@pytest.mark.parametrize("fault", [Fault.HANGS, Fault.DRIPS])
def test_after_a_stop_in_the_middle_the_rest_is_marked_and_can_be_asked(
    stage: Stage, told: Told, fault: Fault
) -> None:
    with serving(holding("Faulty", HIT, HELD, fault=fault), holding("Hits", HIT)) as (bad, good):
        stage.connect(bad, "Faulty")
        stage.connect(good, "Hits")
        search_id = stage.begin()
        _when_answered(search_id, "Hits")
        engine().stop()  # as at the end of the process

        assert services.recover(now=timezone.now(), everything=True) == 0
        assert states(columns(search_id)["Faulty"]) == {"not_answered: interrupted"}
        assert states(columns(search_id)["Hits"]) == {"hit", "miss"}
        assert stage.check_shown(search_id) == FOUND
        stage.check_silence(told.everything())

        bad.fault = Fault.NONE
        assert stage.ask_again(search_id)["cells"]["not_answered"] == 0
        assert stage.check_shown(search_id) == HEALED
        stage.check_silence(told.everything())
    assert len(good.searches()) == 2


def test_after_a_kill_a_search_is_readable_at_once_and_recovered_at_the_start(
    stage: Stage, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(holding("Faulty", HIT, HELD, fault=Fault.HANGS), holding("Hits", HIT)) as (
        bad,
        good,
    ):
        stage.connect(bad, "Faulty")
        stage.connect(good, "Hits")
        search_id = stage.begin()
        _when_answered(search_id, "Hits")
        # Nothing more is written: what a killed process leaves.
        with monkeypatch.context() as killed:
            killed.setattr(store, "write", _never)
            engine().stop()

        search = Search.objects.get(public_id=search_id)
        assert search.state == SearchState.RUNNING
        assert states(columns(search_id)["Faulty"]) == {"running"}
        assert stage.check_shown(search_id, live=False) == FOUND

        assert services.recover(now=timezone.now() + timedelta(hours=1)) == 1
        assert states(columns(search_id)["Faulty"]) == {"not_answered: interrupted"}
        assert stage.check_shown(search_id) == FOUND
        stage.check_silence(told.everything())

        bad.fault = Fault.NONE
        assert stage.ask_again(search_id)["cells"]["not_answered"] == 0
        assert stage.check_shown(search_id) == HEALED
        stage.check_silence(told.everything())


def _never(*_: object, **__: object) -> None:
    raise OSError("the process is gone")


def _when_answered(search_id: str, misp: str) -> None:
    ends = time.monotonic() + 10
    while "running" in states(columns(search_id)[misp]):
        assert time.monotonic() < ends
        time.sleep(0.01)
