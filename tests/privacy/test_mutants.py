"""The proofs can fail: each way of breaking the rule is noticed, and by what it breaks."""

import asyncio
from collections.abc import Callable

import pytest

from tests.privacy import core, mutants
from tests.privacy.finder import Finder
from tests.privacy.mutants import Patch
from tests.privacy.questions import HITS
from tests.privacy.rule import Breach, broken_by, traffic_of
from tests.privacy.world import MISSES, World, values
from tests.unit.index.memory_store import MemoryStore

MANY_MISSES = tuple(f"miss-filler-{number}.example" for number in range(700))
FOUND = HITS[:40]
STALE = HITS[3]
"""Deleted at the MISPs after the sync, so that it hits nothing there any more."""
ONE = (*FOUND, *MISSES, *MANY_MISSES[:300])
OTHER = (*MANY_MISSES, *FOUND[20:], *MISSES[::-1], *FOUND[:20])


def _breaches(world: World) -> set[Breach]:
    """What two searches with the same hits, and one without any, show."""
    store = MemoryStore()
    indexes = asyncio.run(core.synced(store, world))
    rows = [row for one in indexes for row in store.rows(one.generation)]
    stored = b"".join(row.fingerprint + row.attribute for row in rows)
    told = {Breach.GUESSABLE} if Finder(HITS[-60:]).found_in(stored) else set()
    world["A"].delete(STALE)
    finder = Finder([*MISSES, "miss-filler-", STALE])
    sent = []
    for question, hits in ((ONE, FOUND), (OTHER, FOUND), (MISSES, ())):
        asyncio.run(core.search(store, indexes, world, values(question)))
        told |= broken_by(world, hits, finder)
        sent.append(traffic_of(world))
    return told | ({Breach.TRAFFIC_DIFFERS} if sent[0] != sent[1] else set())


def test_the_honest_way_breaks_nothing(world: World) -> None:
    assert _breaches(world) == set()


@pytest.mark.parametrize(
    ("mutant", "breaks"),
    [
        (
            mutants.plain_fan_out,
            {Breach.VALUE_TOLD, Breach.TRAFFIC_DIFFERS, Breach.ASKED_FOR_NOTHING},
        ),
        (mutants.confirms_by_value, {Breach.VALUE_TOLD}),
        (mutants.bloom_filter, {Breach.FOREIGN_UUID, Breach.TRAFFIC_DIFFERS}),
        (mutants.bloom_filter_confirmed_by_value, {Breach.VALUE_TOLD, Breach.TRAFFIC_DIFFERS}),
        (mutants.unsorted_uuids, {Breach.TRAFFIC_DIFFERS}),
        (mutants.chunks_by_place, {Breach.TRAFFIC_DIFFERS}),
        (mutants.fetches_even_nothing, {Breach.FOREIGN_UUID, Breach.ASKED_FOR_NOTHING}),
        (mutants.unkeyed_hash, {Breach.GUESSABLE}),
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)
def test_a_mutant_is_noticed(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    mutant: Callable[[Patch], None],
    breaks: set[Breach],
) -> None:
    mutant(monkeypatch)
    assert _breaches(world) == breaks
