"""Searches go on while keys are rotated and indexes rebuilt; none is wrong, none tells more."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import close_old_connections, connection
from django.utils import timezone

from securegrid.portal.indexing import services as indexing
from securegrid.portal.indexing.models import Generation, MispIndex
from securegrid.portal.jobs.syncing import sync_one
from securegrid.values.fingerprints import fingerprints
from tests.faults.fault import Fault
from tests.privacy.finder import Finder
from tests.privacy.indexed import Portal, hits_of, states_of
from tests.privacy.questions import HITS
from tests.privacy.world import HELD, MISSES

pytestmark = pytest.mark.django_db(transaction=True)

QUESTION = (*HITS[:9], *HITS[-9:], *MISSES)
EXPECTED = {
    (name, half)
    for name, held in HELD.items()
    for _, value in held
    for half in value.split("|")
    if half in QUESTION
}
ROUNDS = 4


def test_no_search_is_wrong_while_keys_are_rotated(portal: Portal) -> None:
    over = threading.Event()
    before = {portal.generation(name) for name in portal.misps}
    with ThreadPoolExecutor(2) as searching:
        askers = [searching.submit(_ask_until, over, portal) for _ in range(2)]
        try:
            for _ in range(ROUNDS):
                _renew(portal)
        finally:
            over.set()
        asked = [told for asker in askers for told in asker.result(30)]

    assert len(asked) >= ROUNDS
    for told in asked:
        assert hits_of(told) == EXPECTED
        assert set(states_of(told)) == {"hit", "miss"}
        assert not any(hit["reason"] for hit in told["hits"])
    finder = Finder([*MISSES, *HITS[:9]], portal.keys())
    for node in portal.world.values():
        assert finder.found_in(node.wire.everything) == {}
    after = {portal.generation(name) for name in portal.misps}
    assert not before & after
    assert indexing.store().generations() >= after
    indexing.drop_retired(timezone.now() + timedelta(minutes=2))
    assert indexing.store().generations() & (before | after) == after
    assert {one.epoch for one in Generation.objects.filter(retired_at=None)} == {ROUNDS + 1}


def _renew(portal: Portal) -> None:
    """Fill the next epoch of every index beside the one that answers, and let it take over."""
    for number, misp in enumerate(portal.misps.values()):
        begin = indexing.rebuild if number % 2 else indexing.begin_rotation
        begin(misp, timezone.now())
        sync_one(misp.public_id)
        assert MispIndex.objects.get(misp=misp).next is None


def _ask_until(over: threading.Event, portal: Portal) -> list[dict[str, Any]]:
    told = []
    try:
        while not over.is_set():
            told.append(portal.ask(QUESTION))
    finally:
        close_old_connections()
        connection.close()
    return told


def test_a_rotation_that_was_interrupted_goes_on_beside_the_answering_epoch(
    portal: Portal,
) -> None:
    misp = portal.misps["A"]
    answering = portal.generation("A")
    indexing.begin_rotation(misp, timezone.now())
    portal.world["A"].wire.fault = Fault.BAD_KEY
    sync_one(misp.public_id)
    assert portal.generation("A") == answering
    portal.forget()
    assert hits_of(portal.ask(QUESTION)) == EXPECTED

    indexing.begin_rotation(misp, timezone.now())  # goes on with the one begun
    assert MispIndex.objects.get(misp=misp).epoch == 2
    indexing.sync_now(misp, timezone.now())
    sync_one(misp.public_id)
    assert portal.generation("A") != answering
    assert hits_of(portal.ask(QUESTION)) == EXPECTED


def test_two_epochs_share_no_fingerprint(portal: Portal) -> None:
    store, name = indexing.store(), portal.generation("A")
    old = portal.keys()[0]
    rows = _rows(portal)
    indexing.begin_rotation(portal.misps["A"], timezone.now())
    sync_one(portal.misps["A"].public_id)
    assert portal.generation("A") != name
    assert portal.keys()[0] != old
    assert store.size(portal.generation("A")).rows >= len(HELD["A"])
    assert not rows & _rows(portal)


def _rows(portal: Portal) -> set[bytes]:
    """The fingerprints of what A holds, as they stand in the index."""
    generation = Generation.objects.get(name=portal.generation("A"))
    key = portal.keys()[0]
    found = indexing.store().look_up({generation.name: fingerprints(key, HITS)})
    rows = {row.fingerprint for row in found[generation.name]}
    assert len(rows) > len(HELD["A"]) // 2
    return rows
