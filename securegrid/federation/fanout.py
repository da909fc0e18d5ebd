"""Asking many MISPs at once: one task group, one deadline, outcomes streamed as they come."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from random import Random, SystemRandom

import structlog

from securegrid.federation.book import Book
from securegrid.federation.clock import Clock
from securegrid.federation.conversation import Conversation, Searcher, Terms
from securegrid.federation.gate import Gates
from securegrid.federation.outcomes import CellReason, Outcome, Why
from securegrid.federation.plan import Target, plan
from securegrid.values.model import Value

SHORTEST_DEADLINE_S = 1.0
DEFAULT_DEADLINE_S = 30.0
LONGEST_DEADLINE_S = 120.0
DEFAULT_REQUEST_TIMEOUT_S = 15.0

GRACE_S = 0.2
"""How long after the deadline a worker may still tell what it has; then its cells are closed."""

_WAITING_OUTCOMES = 64
"""A reader that is slower than the MISPs holds them back rather than filling the memory."""

log = structlog.get_logger(__name__)
_abandoned: set[asyncio.Task[None]] = set()


async def ask(
    values: Sequence[Value],
    targets: Sequence[Target],
    searcher: Callable[[str], Searcher],
    *,
    deadline_s: float = DEFAULT_DEADLINE_S,
    spent_s: float = 0.0,
    request_timeout_s: float = DEFAULT_REQUEST_TIMEOUT_S,
    clock: Clock,
    random: Random | None = None,
    gates: Gates | None = None,
) -> AsyncGenerator[Outcome, None]:
    """Ask every target for every value; yields outcomes as they come.

    Each asked position of each target is in exactly one ``ChunkAnswer``, each target ends with
    one ``MispDone``, and all have come ``GRACE_S`` after the deadline at the latest (as long
    as the reader reads). A failed MISP is a result: no exception of a searcher comes out.
    When the waiting task is cancelled, the open cells are told ``INTERRUPTED`` first.

    ``searcher`` gives the open line to a MISP by name; it is called once for each MISP that
    is asked. ``deadline_s`` is 1 to 120 seconds from the first step, or from ``spent_s`` seconds
    (not negative) before it, when the search did something else until then. ``random`` shakes the
    pauses of resting MISPs. ``gates``, shared by the searches of a process, bound what one
    MISP gets from all of them; without, from this search alone.

    Raises ValueError for a deadline out of range, two targets with one name, or a position
    outside ``values``.
    """
    if not SHORTEST_DEADLINE_S <= deadline_s <= LONGEST_DEADLINE_S or request_timeout_s <= 0:
        raise ValueError("the deadline is 1 to 120 seconds, the request's time limit positive")
    stream: asyncio.Queue[Outcome | None] = asyncio.Queue(_WAITING_OUTCOMES)
    terms = Terms(
        clock=clock,
        random=SystemRandom() if random is None else random,
        ends_at=clock.monotonic() + deadline_s - spent_s,
        request_timeout_s=request_timeout_s,
        open_line=searcher,
        tell=stream.put,
    )
    errands = plan(values, targets, clock.now())
    gates = Gates() if gates is None else gates
    conversations = {
        errand.target.misp: Conversation(errand, terms, gates.of(errand.target))
        for errand in errands
    }
    book = Book(errands, len(values))
    runner = asyncio.create_task(_run(conversations, stream))
    try:
        while book.is_open() and (outcome := await _next(stream, terms)) is not None:
            for told in book.enter(outcome, Why.INTERRUPTED):
                yield told
        for told in _close(book, conversations, _why_over(terms)):
            yield told
    except asyncio.CancelledError:
        for told in _close(book, conversations, Why.INTERRUPTED):
            yield told
        raise
    finally:
        await _stop(runner)


async def _run(
    conversations: Mapping[str, Conversation], stream: asyncio.Queue[Outcome | None]
) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            for conversation in conversations.values():
                group.create_task(conversation.run(group))
    except* Exception as broken:  # a mistake in this package: the book closes what is open
        log.error("asking_broke", errors=[type(error).__name__ for error in broken.exceptions])
    await stream.put(None)


async def _next(stream: asyncio.Queue[Outcome | None], terms: Terms) -> Outcome | None:
    """The next outcome, or ``None`` when there is none, or none came in time."""
    try:
        # After a slow reader the workers it held back get their turn, even past the deadline.
        async with terms.clock.timeout(GRACE_S + max(0.0, terms.left_s())):
            return await stream.get()
    except TimeoutError:
        return None


def _close(
    book: Book, conversations: Mapping[str, Conversation], reason: CellReason
) -> Iterator[Outcome]:
    for misp in book.open_misps():
        yield from book.enter(conversations[misp].summary(), reason)


def _why_over(terms: Terms) -> Why:
    return Why.DEADLINE if terms.left_s() <= 0 else Why.INTERRUPTED


async def _stop(runner: asyncio.Task[None]) -> None:
    """End what still runs; a searcher that will not be cancelled is left behind, not waited for."""
    runner.cancel()
    await asyncio.wait({runner}, timeout=GRACE_S)
    if not runner.done():
        log.warning("searcher_will_not_end")
        _abandoned.add(runner)
        runner.add_done_callback(_abandoned.discard)
