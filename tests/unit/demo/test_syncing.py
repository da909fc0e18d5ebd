"""The first search waits until every indexed MISP of the demo answers from its index."""

import pytest
from django.utils import timezone

from securegrid.demo.syncing import WITHIN_S, wait_until_filled
from securegrid.portal.alliance.models import Misp
from tests.conftest import MakeMisp
from tests.unit.portal.indexing.conftest import synced

pytestmark = pytest.mark.django_db


class Time:
    """A clock that runs only while somebody sleeps; ``misp`` is synced during the first sleep."""

    def __init__(self, misp: Misp | None = None) -> None:
        self.now = 0.0
        self._misp = misp

    def timer(self) -> float:
        """Seconds slept so far."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        if self._misp is not None:
            synced(self._misp, timezone.now())
            self._misp = None


def test_live_misps_are_not_waited_for(misp: Misp) -> None:
    time = Time()
    assert wait_until_filled(timer=time.timer, sleep=time.sleep)
    assert time.now == 0


def test_an_index_is_waited_for_until_it_answers(make_misp: MakeMisp) -> None:
    time = Time(make_misp(mode="indexed"))
    assert wait_until_filled(timer=time.timer, sleep=time.sleep)
    assert 0 < time.now < 1


def test_nobody_waits_for_ever(make_misp: MakeMisp) -> None:
    make_misp(mode="indexed")
    time = Time()
    assert not wait_until_filled(timer=time.timer, sleep=time.sleep)
    assert WITHIN_S <= time.now < WITHIN_S + 1
