"""The rule at its root: look-up and fetching tell a MISP nothing but its own hits."""

import asyncio

from hypothesis import given

from securegrid.federation.outcomes import Outcome
from tests.privacy import core
from tests.privacy.finder import Finder
from tests.privacy.questions import HITS, MANY, Pair, pairs
from tests.privacy.rule import broken_by, traffic_of, uuids_in
from tests.privacy.world import MISSES, WRITTEN, World, holders, values
from tests.unit.index.memory_store import MemoryStore


def test_no_byte_to_a_misp_tells_of_a_value(world: World) -> None:
    async def run() -> tuple[core.Indexes, list[Outcome]]:
        store = MemoryStore()
        indexes = await core.synced(store, world)
        asked = values([*MISSES, *HITS, *WRITTEN])
        return indexes, await core.search(store, indexes, world, asked)

    indexes, outcomes = asyncio.run(run())
    asked = values([*MISSES, *HITS, *WRITTEN])
    assert {value for _, value in core.hits(outcomes, asked)} == set(HITS)
    finder = Finder([*MISSES, *WRITTEN, *HITS[-20:]], [one.key for one in indexes])
    for node in world.values():
        assert node.wire.requests
        assert finder.found_in(node.wire.everything) == {}


def test_questions_with_the_same_hits_send_the_same_bytes(world: World) -> None:
    store = MemoryStore()
    indexes = asyncio.run(core.synced(store, world))
    finder = Finder([*MISSES, *HITS[-20:]])

    @MANY
    @given(pairs())
    def prove(pair: Pair) -> None:
        sent = []
        for texts in (pair.one, pair.other):
            asyncio.run(core.search(store, indexes, world, values(texts), related=pair.related))
            assert pair.related or broken_by(world, pair.hits, finder) == set()
            sent.append(traffic_of(world))
        assert sent[0] == sent[1]
        assert pair.hits or sent[0] == {name: [] for name in world}

    prove()


def test_each_uuid_of_a_hit_is_sent_once_and_no_other(world: World) -> None:
    async def run() -> None:
        store = MemoryStore()
        indexes = await core.synced(store, world)
        await core.search(store, indexes, world, values([*MISSES, *HITS[:300]]))

    asyncio.run(run())
    for name, node in world.items():
        sent = [uuid for request in node.wire.requests for uuid in uuids_in(request.body)]
        assert sent == sorted(holders(name, HITS[:300]))
