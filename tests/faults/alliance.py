"""A whole search over real faulty servers and real clients, in virtual time."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from random import Random

from securegrid.federation.fanout import ask
from securegrid.federation.outcomes import CellState, ChunkAnswer, MispDone, Outcome
from securegrid.federation.plan import Target
from securegrid.misp.client import MispClient
from securegrid.misp.connection import AddressPolicy, Connection, Tls
from securegrid.values.model import Kind, Value
from tests.faults.faulty_misp import KEY, FaultyMisp
from tests.faults.virtual_time import VirtualClock

DEADLINE_S = 30.0
MIB = 1024 * 1024


@dataclass
class Run:
    """What a search gave; ``log`` is every outcome as text, in order."""

    outcomes: list[Outcome] = field(default_factory=list)
    took_s: float = 0.0

    @property
    def log(self) -> list[str]:
        return [repr(outcome) for outcome in self.outcomes]

    def cells(self, misp: str) -> dict[int, str]:
        """State (and reason) of every cell; fails when one was told twice."""
        cells: dict[int, str] = {}
        for answer in self.answers(misp):
            hits = {found.position for found in answer.found}
            for position in answer.positions:
                assert position not in cells, "a cell was told twice"
                reason = "" if answer.reason is None else f": {answer.reason}"
                cells[position] = CellState.HIT if position in hits else answer.state + reason
        return cells

    def states(self, misp: str) -> set[str]:
        return set(self.cells(misp).values())

    def answers(self, misp: str) -> list[ChunkAnswer]:
        return [x for x in self.outcomes if isinstance(x, ChunkAnswer) and x.misp == misp]

    def done(self, misp: str) -> MispDone:
        (done,) = (x for x in self.outcomes if isinstance(x, MispDone) and x.misp == misp)
        return done


def address(number: int) -> str:
    return f"198.18.{number // 250}.{number % 250 + 1}"


def addresses(count: int) -> list[Value]:
    return [Value(Kind.IPV4, address(n), (address(n),)) for n in range(count)]


async def search(
    values: Sequence[Value],
    misps: Mapping[str, FaultyMisp],
    *,
    targets: Sequence[Target] = (),
    deadline_s: float = DEADLINE_S,
    request_timeout_s: float = 15.0,
    max_bytes: int = 8 * MIB,
    ca_pem: str = "",
    seed: int = 1,
) -> Run:
    """One search over ``misps``, which are started and stopped here."""
    clock, run = VirtualClock(), Run()
    async with AsyncExitStack() as stack:
        clients = {}
        for name, misp in misps.items():
            await stack.enter_async_context(misp)
            client = MispClient(connection_to(misp.url, ca_pem=ca_pem), max_bytes=max_bytes)
            clients[name] = await stack.enter_async_context(client)
        started = clock.monotonic()
        asking = ask(
            values,
            targets or [Target(name) for name in misps],
            clients.__getitem__,
            deadline_s=deadline_s,
            request_timeout_s=request_timeout_s,
            clock=clock,
            random=Random(seed),
        )
        run.outcomes = [outcome async for outcome in asking]
        run.took_s = clock.monotonic() - started
    return run


def connection_to(url: str, *, ca_pem: str = "", loopback: bool = True) -> Connection:
    return Connection(
        url,
        KEY,
        tls=Tls.OWN_CA if ca_pem else Tls.VERIFY,
        ca_pem=ca_pem,
        policy=AddressPolicy(allow_loopback=loopback),
    )
