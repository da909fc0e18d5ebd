"""An indexed MISP, a clock's moments, and syncs that fill its index with a few rows."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from securegrid.index.port import EventRows, EventStamp, Row, Size
from securegrid.portal.alliance.models import Misp
from securegrid.portal.indexing import services
from securegrid.portal.indexing.services import Changes, Claim
from securegrid.values.fingerprints import Mark, fingerprints
from tests.conftest import MakeMisp

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SIZE = Size(events=3, rows=200, bytes=8192)

Filled = Callable[..., Claim]


@pytest.fixture
def indexed(make_misp: MakeMisp) -> Misp:
    """A MISP whose index was never filled."""
    return make_misp(mode="indexed")


def claimed(misp: Misp, now: datetime = NOW) -> Claim:
    """A claim that must be had."""
    claim = services.claim_sync(misp, now)
    assert claim is not None
    return claim


def synced(misp: Misp, now: datetime = NOW, form: str = "evil.example") -> Claim:
    """Sync a MISP, as it were: one attribute of this value is all there is."""
    claim = claimed(misp, now)
    store = services.store()
    store.create(claim.generation)
    (found,) = fingerprints(claim.key, [form])
    row = Row(found, uuid4().bytes, Mark.WHOLE)
    stamp = EventStamp(1, published=True)
    store.replace(claim.generation, [EventRows(uuid4().bytes, stamp, 1, (row,))])
    services.finish_sync(claim, now, store.size(claim.generation), Changes(replaced=1))
    return claim
