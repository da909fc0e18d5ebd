"""A search on the index without the portal: look-up, plan, fetch by UUID, confirmation."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from random import Random
from uuid import NAMESPACE_URL, UUID, uuid5

from securegrid.federation.clock import SystemClock
from securegrid.federation.fanout import ask
from securegrid.federation.outcomes import ChunkAnswer, Outcome
from securegrid.federation.plan import Target
from securegrid.index.lookup import Holdings, IndexedMisp, look_up
from securegrid.index.port import Store
from securegrid.index.rules import Rules
from securegrid.index.sync import sync
from securegrid.misp.client import MispClient
from securegrid.misp.connection import AddressPolicy, Connection
from securegrid.values.model import Value
from tests.faults.stage import KEY
from tests.privacy.world import World

Indexes = tuple[IndexedMisp, ...]


async def synced(store: Store, world: World) -> Indexes:
    """An index of each MISP, made by a real sync over the recorded wire."""
    made = []
    for name, node in world.items():
        generation = uuid5(NAMESPACE_URL, f"generation of {name}")
        key = Random(name).randbytes(32)
        store.create(generation)
        async with client(node.wire.url) as source:
            report = await sync(
                source, store, generation, key, Rules(blocks=True), clock=SystemClock()
            )
        assert report.complete, report
        assert report.failure is None
        made.append(IndexedMisp(name, generation, key, report.began))
    return tuple(made)


def client(url: str, timeout_s: float = 5.0) -> MispClient:
    """The portal's own client, with the portal's key."""
    connection = Connection(url, KEY, policy=AddressPolicy(allow_loopback=True))
    return MispClient(connection, request_timeout_s=timeout_s)


def held(
    store: Store, indexes: Indexes, values: Sequence[Value], *, related: bool = False
) -> dict[str, dict[int, tuple[UUID, ...]]]:
    """The attributes that each index holds for each position."""
    found = look_up(store, indexes, values, related=related)
    return {name: _uuids(told) for name, told in found.items() if isinstance(told, Holdings)}


def _uuids(holdings: Holdings) -> dict[int, tuple[UUID, ...]]:
    return {at: tuple(uuid for uuid, _ in kept) for at, kept in holdings.found.items()}


async def fetched(
    world: World,
    holdings: Mapping[str, Mapping[int, Sequence[UUID]]],
    values: Sequence[Value],
    *,
    related: bool = False,
    timeout_s: float = 5.0,
) -> list[Outcome]:
    """What comes of fetching; one request at a time, so that their order is that of asking."""
    targets = [
        Target(name, concurrency=1, holdings=held, related=related)
        for name, held in holdings.items()
    ]
    async with AsyncExitStack() as stack:
        lines = {
            name: await stack.enter_async_context(client(node.wire.url, timeout_s))
            for name, node in world.items()
        }
        asking = ask(values, targets, lines.__getitem__, deadline_s=5.0, clock=SystemClock())
        return [outcome async for outcome in asking]


async def search(
    store: Store, indexes: Indexes, world: World, values: Sequence[Value], *, related: bool = False
) -> list[Outcome]:
    """A whole search; the wires record it from nothing."""
    for node in world.values():
        node.wire.requests.clear()
        node.wire.everything.clear()
    holdings = held(store, indexes, values, related=related)
    return await fetched(world, holdings, values, related=related)


def hits(outcomes: Sequence[Outcome], values: Sequence[Value]) -> set[tuple[str, str]]:
    """The MISP and value of everything that was confirmed."""
    answers = (outcome for outcome in outcomes if isinstance(outcome, ChunkAnswer))
    return {(one.misp, values[found.position].text) for one in answers for found in one.found}
