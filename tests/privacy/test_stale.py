"""Rows that the MISP has deleted or changed since the sync: told to nobody, and soon forgotten."""

from datetime import timedelta

import pytest
from django.utils import timezone

from securegrid.portal.disclosure.models import LedgerEntry
from securegrid.portal.indexing.models import Generation
from securegrid.portal.indexing.services import sync_now
from securegrid.portal.jobs.syncing import sync_one
from tests.privacy.finder import Finder
from tests.privacy.indexed import Portal, hits_of
from tests.privacy.questions import HITS
from tests.privacy.rule import uuids_in
from tests.privacy.world import EVENTS, MISSES, attribute_uuid

pytestmark = pytest.mark.django_db(transaction=True)

STALE = (HITS[1], "https://held-ibis.example/drop/x.php?id=7", "198.18.4.7")
KEPT = HITS[8]
QUESTION = (*STALE, KEPT, *MISSES)


@pytest.mark.parametrize("hard", [False, True])
def test_a_deleted_attribute_is_asked_for_by_uuid_only_and_becomes_a_miss(
    portal: Portal, hard: bool
) -> None:
    for value in STALE:
        portal.world["A"].delete(value, hard=hard)
    told, _ = portal.ask_recorded(QUESTION)
    wire = portal.world["A"].wire
    sent = {uuid for request in wire.requests for uuid in uuids_in(request.body)}
    assert sent == {attribute_uuid("A", value) for value in (*STALE, KEPT)}
    assert Finder([*STALE, *MISSES], portal.keys()).found_in(wire.everything) == {}
    assert hits_of(told) == {("A", KEPT)}
    _owner_sees(portal, {KEPT})


def test_a_changed_attribute_is_dropped_and_its_new_value_told_to_nobody(portal: Portal) -> None:
    node = portal.world["A"]
    node.do(f"/attributes/edit/{attribute_uuid('A', STALE[0])}", {"value": "changed.example"})
    told, _ = portal.ask_recorded((*QUESTION, "changed.example"))
    assert hits_of(told) == {("A", value) for value in (*STALE[1:], KEPT)}
    assert b"changed.example" not in str(told["hits"]).encode()
    _owner_sees(portal, {*STALE[1:], KEPT})


def test_after_the_next_sync_nothing_of_it_is_asked_for(portal: Portal) -> None:
    node = portal.world["A"]
    for value in STALE:
        node.delete(value)
    portal.sync()
    told, _ = portal.ask_recorded((*STALE, *MISSES))
    assert hits_of(told) == set()
    assert not node.wire.everything


def test_after_the_next_sync_a_deleted_event_is_forgotten(portal: Portal) -> None:
    node = portal.world["B"]
    node.do(f"/events/delete/{EVENTS['B']}")
    portal.sync()
    told, _ = portal.ask_recorded(("2001:db8:b::7", "cc.held-b.example"))
    assert hits_of(told) == set()
    assert not node.wire.everything


def test_an_index_too_old_is_not_asked_and_its_misp_not_either(portal: Portal) -> None:
    Generation.objects.update(synced_at=timezone.now() - timedelta(days=3))
    told, sent = portal.ask_recorded((*HITS[:5], *MISSES))
    assert sent == {name: [] for name in portal.world}
    assert {misp["reason"] for misp in told["misps"]} == {"index_stale"}
    assert told["hits"] == []
    sync_now(portal.misps["A"], timezone.now())
    sync_one(portal.misps["A"].public_id)
    assert {misp for misp, _ in hits_of(portal.ask(HITS[:5]))} == {"A"}


def _owner_sees(portal: Portal, values: set[str]) -> None:
    lines = portal.stage.call(portal.stage.owner, "GET", "/owner/hits").body["hits"]
    assert {line["value"] for line in lines} == values
    assert set(LedgerEntry.objects.values_list("value", flat=True)) == values
