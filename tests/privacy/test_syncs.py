"""Syncs that meet each other, and clocks that step: no search is wrong, none goes out live."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from securegrid.portal.indexing import services as indexing
from securegrid.portal.indexing.models import MispIndex
from securegrid.portal.jobs.syncing import sync_one
from tests.privacy.indexed import Portal, hits_of, states_of
from tests.privacy.questions import HITS
from tests.privacy.rule import uuids_in
from tests.privacy.world import HELD, MISSES

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "new-arrival.example"
QUESTION = (*HITS[-9:], NEW, *MISSES)
AT_FIRST = {
    (name, half)
    for name, held in HELD.items()
    for _, value in held
    for half in value.split("|")
    if half in QUESTION
}
Clock = Callable[[timedelta], None]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Sets the portal's clock: so far from the true time."""

    def to(offset: timedelta) -> None:
        class Stepped(datetime):
            @classmethod
            def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
                return datetime.now(tz) + offset  # type: ignore[arg-type]

        monkeypatch.setattr("django.utils.timezone.datetime", Stepped)
        monkeypatch.setattr("securegrid.federation.clock.datetime", Stepped)

    return to


def _add_new(portal: Portal) -> None:
    event = {"info": "New", "published": True, "Attribute": [{"type": "domain", "value": NEW}]}
    portal.world["A"].do("/events/add", {"Event": event})


def test_two_syncs_at_once_are_one(portal: Portal) -> None:
    _add_new(portal)
    misp = portal.misps["A"]
    indexing.sync_now(misp, timezone.now())
    meet = threading.Barrier(4)

    def sync() -> None:
        meet.wait(10)
        try:
            sync_one(misp.public_id)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as syncing:
        for one in [syncing.submit(sync) for _ in range(4)]:
            one.result(30)
    lists = [sent for sent in portal.world["A"].wire.requests if b"minimal" in sent.body]
    assert len(lists) == 1
    assert hits_of(portal.ask(QUESTION)) == AT_FIRST | {("A", NEW)}


def test_a_sync_sends_no_value_and_no_uuid(portal: Portal) -> None:
    _add_new(portal)
    indexing.sync_now(portal.misps["A"], timezone.now())
    sync_one(portal.misps["A"].public_id)
    wire = portal.world["A"].wire
    assert {sent.path for sent in wire.requests} == {"/events/index", "/attributes/restSearch"}
    assert not any(uuids_in(sent.body) for sent in wire.requests)
    assert b"value" not in wire.everything


@pytest.mark.parametrize("days", [-400, -3, 3, 400])
def test_after_a_step_of_the_clock_the_index_is_too_old_until_the_next_sync(
    portal: Portal, set_clock: Clock, days: int
) -> None:
    set_clock(timedelta(days=days))
    told, sent = portal.ask_recorded(QUESTION)
    assert set(states_of(told)) == {"not_asked"}
    assert {misp["reason"] for misp in told["misps"]} == {"index_stale"}
    assert sent == {name: [] for name in portal.world}

    due = {misp.name for misp in indexing.due(timezone.now())}
    assert due == set(portal.misps)
    for misp in portal.misps.values():
        sync_one(misp.public_id)
    assert hits_of(portal.ask(QUESTION)) == AT_FIRST


@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_small_step_of_the_clock_changes_nothing(
    portal: Portal, set_clock: Clock, minutes: int
) -> None:
    set_clock(timedelta(minutes=minutes))
    assert hits_of(portal.ask(QUESTION)) == AT_FIRST


@pytest.mark.parametrize("days", [-400, 0, 400])
def test_a_sync_that_died_before_a_step_of_the_clock_is_followed(
    portal: Portal, set_clock: Clock, days: int
) -> None:
    _add_new(portal)
    misp = portal.misps["A"]
    indexing.sync_now(misp, timezone.now())
    claim = indexing.claim_sync(misp, timezone.now())
    assert claim is not None  # and its process dies now
    set_clock(timedelta(days=days, minutes=3))
    sync_one(misp.public_id)
    assert MispIndex.objects.get(misp=misp).claim is None
    assert ("A", NEW) in hits_of(portal.ask(QUESTION))
