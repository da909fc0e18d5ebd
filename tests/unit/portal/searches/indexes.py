"""Indexed MISPs for the tests of searching: small fake MISPs and an index of what they held."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.utils import timezone

from securegrid.index.port import EventRows, EventStamp, Row
from securegrid.portal.alliance.models import Misp
from securegrid.portal.indexing import services as indexing
from securegrid.portal.indexing.services import Changes
from securegrid.values.fingerprints import fingerprints
from securegrid.values.relations import stored
from tests.fake_misp import FakeMisp, attribute, event

EVENT = event(1)
HIT = attribute("hit.example", EVENT)
STALE = attribute("stale.example", EVENT)


class Indexed(NamedTuple):
    """An indexed MISP: what speaks for it, and what the portal knows of it."""

    fake: FakeMisp
    misp: Misp


def synced(misp: Misp, held: Sequence[dict[str, Any]], now: datetime | None = None) -> None:
    """Let the index of ``misp`` hold exactly these attributes, as of ``now``."""
    now = now or timezone.now()
    claim = indexing.claim_sync(misp, now)
    assert claim is not None
    store = indexing.store()
    store.create(claim.generation)
    store.remove(claim.generation, list(store.stamps(claim.generation)))
    rows = tuple(row for one in held for row in rows_of(claim.key, one))
    if held:
        events = EventRows(uuid4().bytes, EventStamp(1, published=True), len(held), rows)
        store.replace(claim.generation, [events])
    indexing.finish_sync(claim, now, store.size(claim.generation), Changes(replaced=1))


def rows_of(key: bytes, attribute: dict[str, Any]) -> list[Row]:
    """The rows of one attribute of a fake MISP."""
    forms = stored(attribute["type"], attribute["value"], blocks=True)
    prints = fingerprints(key, [form for form, _ in forms])
    identity = UUID(attribute["uuid"]).bytes
    return [Row(one, identity, mark) for one, (_, mark) in zip(prints, forms, strict=True)]
