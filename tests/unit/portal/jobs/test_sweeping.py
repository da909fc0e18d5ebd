"""What no MISP has any more goes from the store; what one has, or will have, stays."""

from datetime import timedelta
from uuid import uuid4

import pytest

from securegrid.portal.alliance.models import Misp
from securegrid.portal.indexing import services
from securegrid.portal.jobs.sweeping import sweep
from tests.conftest import MakeMisp
from tests.unit.portal.indexing.conftest import NOW, claimed, synced

pytestmark = pytest.mark.django_db


@pytest.fixture
def indexed(make_misp: MakeMisp) -> Misp:
    """A MISP whose index was never filled."""
    return make_misp(mode="indexed")


def test_a_stray_generation_is_dropped_and_the_others_stay(indexed: Misp) -> None:
    current = synced(indexed)
    services.begin_rotation(indexed, NOW)
    following = claimed(indexed, NOW + timedelta(minutes=1))
    store, stray = services.store(), uuid4()
    store.create(following.generation)
    store.create(stray)
    assert sweep(store, NOW) >= 1
    assert stray not in store.generations()
    assert {current.generation, following.generation} <= store.generations()
    assert sweep(store, NOW) == 0


def test_what_a_destroyed_index_left_in_the_store_is_dropped(indexed: Misp) -> None:
    claim = synced(indexed)
    services.destroy(indexed, NOW)
    store = services.store()
    store.create(claim.generation)  # a sync that did not know yet
    sweep(store, NOW)
    assert claim.generation not in store.generations()
