"""Values, attributes and MISPs in memory for the tests of asking many at once."""

import asyncio
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from securegrid.federation.fanout import ask
from securegrid.federation.gate import Gates
from securegrid.federation.outcomes import CellState, ChunkAnswer, MispDone, Outcome
from securegrid.federation.plan import Target
from securegrid.misp.query import Query
from securegrid.misp.records import Attribute, EventSummary, Tag
from securegrid.values.model import Kind, Value
from tests.faults.virtual_time import VirtualClock, run_virtual


def address(number: int) -> str:
    return f"198.18.{number // 250}.{number % 250 + 1}"


def ip_value(number: int) -> Value:
    return value(address(number), kind=Kind.IPV4)


def value(text: str, *others: str, kind: Kind = Kind.DOMAIN) -> Value:
    return Value(kind, text, (text, *others))


def attribute(
    text: str,
    *,
    number: int = 1,
    type: str = "ip-src",  # noqa: A002 - the field's word
    deleted: bool = False,
    tags: Sequence[str] = (),
    event_tags: Sequence[str] = (),
    published: bool | None = True,
) -> Attribute:
    return Attribute(
        id=number,
        uuid=f"00000000-0000-4000-8000-{number:012d}",
        event_id=1,
        type=type,
        category="Network activity",
        value=text,
        deleted=deleted,
        tags=[Tag(name) for name in tags],
        event=EventSummary(
            id=1,
            uuid="e" * 8,
            info="an event",
            published=published,
            tags=[Tag(name) for name in event_tags],
        ),
    )


Answer = Callable[[Any, int], Sequence[Attribute]]
"""What a MISP in memory answers to its n-th query (from 1); it may raise."""


class MispInMemory:
    """A searcher that notes what it is asked, and answers after ``delay_s``."""

    def __init__(self, answer: Answer | None = None, *, delay_s: float = 0.1) -> None:
        self.answer = answer or (lambda query, number: [])
        self.delay_s = delay_s
        self.queries: list[Any] = []
        self.started_at: list[float] = []
        self.in_flight = self.most_in_flight = 0

    async def search(self, query: Query) -> tuple[Attribute, ...]:
        self.queries.append(query)
        number = len(self.queries)
        self.started_at.append(asyncio.get_running_loop().time())
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self.delay_s)
            return tuple(self.answer(query, number))
        finally:
            self.in_flight -= 1


def holding(*texts: str) -> Answer:
    """Answers honestly from these stored values."""
    held = [attribute(text, number=number) for number, text in enumerate(texts, 1)]
    return lambda query, number: [each for each in held if each.value in query.values]


def raising(*errors: BaseException | None) -> Answer:
    """Raises the n-th error at the n-th query, the last one for ever; ``None`` answers nothing."""

    def answer(query: Query, number: int) -> Sequence[Attribute]:
        error = errors[min(number, len(errors)) - 1]
        if error is not None:
            raise error
        return []

    return answer


async def gather(
    values: Sequence[Value],
    misps: dict[str, MispInMemory],
    targets: Sequence[Target] | None = None,
    *,
    deadline_s: float = 30.0,
    gates: Gates | None = None,
) -> list[Outcome]:
    """Ask in virtual time, and give all outcomes."""
    chosen = [Target(name) for name in misps] if targets is None else targets
    clock, random = VirtualClock(), Random(1)
    asking = ask(
        values,
        chosen,
        misps.__getitem__,
        deadline_s=deadline_s,
        clock=clock,
        random=random,
        gates=gates,
    )
    return [outcome async for outcome in asking]


def outcomes_of(
    values: Sequence[Value],
    misps: dict[str, MispInMemory],
    targets: Sequence[Target] | None = None,
    *,
    deadline_s: float = 30.0,
) -> list[Outcome]:
    return run_virtual(gather(values, misps, targets, deadline_s=deadline_s))


def cells_of(outcomes: Sequence[Outcome]) -> dict[str, dict[int, str]]:
    """State and reason of every cell, by MISP; fails when a cell is told twice."""
    cells: dict[str, dict[int, str]] = {}
    for answer in outcomes:
        if isinstance(answer, ChunkAnswer):
            _enter(cells.setdefault(answer.misp, {}), answer)
    return cells


def _enter(cells: dict[int, str], answer: ChunkAnswer) -> None:
    hits = {found.position for found in answer.found}
    assert hits <= set(answer.positions)
    for position in answer.positions:
        assert position not in cells, "a cell was told twice"
        plain = answer.state if answer.reason is None else f"{answer.state}: {answer.reason}"
        cells[position] = CellState.HIT if position in hits else plain


def states(outcomes: Sequence[Outcome], misp: str) -> set[str]:
    return set(cells_of(outcomes)[misp].values())


def done_of(outcomes: Sequence[Outcome], misp: str) -> MispDone:
    """The last word of a MISP; fails when it was not the last, or said twice."""
    own = [outcome for outcome in outcomes if outcome.misp == misp]
    last = own[-1]
    assert isinstance(last, MispDone)
    assert sum(isinstance(outcome, MispDone) for outcome in own) == 1
    return last
