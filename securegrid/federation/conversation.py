"""Asking one MISP in one search: pages, pauses, retries, and when to give up."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from typing import Protocol

import structlog

from securegrid.federation.clock import Clock
from securegrid.federation.fetching import Batch, Settled, Straight, Tally
from securegrid.federation.gate import Gate
from securegrid.federation.outcomes import (
    CellReason,
    CellState,
    ChunkAnswer,
    MispDone,
    Outcome,
    Why,
)
from securegrid.federation.plan import Chunk, Errand
from securegrid.federation.questions import Questions
from securegrid.federation.verify import Sieve
from securegrid.misp.failures import MispFailure, Reason
from securegrid.misp.query import Query
from securegrid.misp.records import Attribute

MAX_PAGES = 4
"""A chunk gets at most 20,000 rows; values without a hit are then unknown, never a miss."""

FAILED_CHUNKS_BEFORE_GIVING_UP = 3
"""In a row, for failures that may be of one request only; others end the asking at once."""

MAX_RATE_LIMIT_WAITS = 3
SHORTEST_RATE_LIMIT_WAIT_S = 1.0
"""A header that says 0 must not become a busy loop."""

SILENCE_S = 5.0
"""A request that the deadline cut off speaks against the MISP only after so long a silence."""

OF_THE_WHOLE_MISP = frozenset(
    {
        Reason.UNREACHABLE,
        Reason.ADDRESS_FORBIDDEN,
        Reason.TLS_FAILED,
        Reason.KEY_REJECTED,
        Reason.NO_PERMISSION,
        Reason.MAINTENANCE,
        Reason.RATE_LIMITED,
        Reason.UNAVAILABLE,
        Reason.REDIRECTED,
        Reason.NOT_JSON,
    }
)
"""Failures that the next chunk would meet too: nothing more is sent in this search."""

_ROWS_AT_A_TIME = 100
"""Rows checked before other MISPs' answers get a turn."""

log = structlog.get_logger(__name__)


class Searcher(Protocol):
    """One MISP as the fan-out needs it; raises nothing but ``MispFailure``."""

    async def search(self, query: Query) -> tuple[Attribute, ...]:
        """One page of attributes."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What all conversations of one search share; ``ends_at`` on the clock's monotonic scale."""

    clock: Clock
    random: Random
    ends_at: float
    request_timeout_s: float
    open_line: Callable[[str], Searcher]
    tell: Callable[[Outcome], Awaitable[None]]
    questions: Questions = field(default_factory=Questions)

    def left_s(self) -> float:
        """Seconds to the deadline."""
        return self.ends_at - self.clock.monotonic()


class _Ended(Exception):  # noqa: N818 - not an error: the asking ended
    """Asking ended for a reason that does not come from the MISP's answer."""

    def __init__(self, reason: CellReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Conversation:
    """All requests of one search to one MISP.

    Its tasks belong to the task group of the search and end without an exception, so that
    no MISP's trouble reaches another.
    """

    def __init__(self, errand: Errand, terms: Terms, gate: Gate) -> None:
        self._target = errand.target
        self._gate = gate
        self._settled = errand.settled
        self._waiting: deque[Chunk | Batch] = deque(errand.chunks)
        by_uuid = errand.target.holdings is not None
        self._tally: Straight | Tally = Tally(errand.chunks) if by_uuid else Straight()
        self._dropped = 0
        self._terms = terms
        self._clock = terms.clock
        self._searcher: Searcher | None = None
        self._started = terms.clock.monotonic()
        self._requests = 0
        self._round_trips_ms: list[float] = []
        self._gave_up: CellReason | None = None
        self._failure: MispFailure | None = None
        self._failed_in_a_row = 0
        self._answered = False

    async def run(self, group: asyncio.TaskGroup) -> None:
        """Ask everything, telling each outcome once, the ``MispDone`` last."""
        for answer in self._settled:
            await self._terms.tell(answer)
        if self._waiting and self._open_line():
            if self._target.may_probe:
                await self._probe()
            await self._ask_side_by_side(group)
        await self._close()
        await self._terms.tell(self.summary())

    def summary(self) -> MispDone:
        """How the MISP served this search, with its breaker after it."""
        rest, failure = self._target.rest, self._evidence()
        if failure is not None or self._answered:
            rest = rest.after(failure, self._clock.now(), self._terms.random)
        return MispDone(
            misp=self._target.misp,
            elapsed_ms=self._elapsed_ms(),
            requests=self._requests,
            round_trips_ms=tuple(self._round_trips_ms),
            failure=None if failure is None else failure.reason,
            rest=rest,
        )

    def _open_line(self) -> bool:
        try:
            self._searcher = self._terms.open_line(self._target.misp)
        except MispFailure as failure:
            self._give_up(failure)
        except Exception as error:  # a result, never the end of the search
            self._give_up(self._unexpected(error))
        return self._searcher is not None

    async def _probe(self) -> None:
        await self._ask_next()
        if self._failure is not None:
            self._give_up(self._failure)

    async def _ask_side_by_side(self, group: asyncio.TaskGroup) -> None:
        workers = min(max(1, self._target.concurrency), len(self._waiting))
        crew = [group.create_task(self._work()) for _ in range(workers)]
        if crew:
            await asyncio.wait(crew)

    async def _work(self) -> None:
        while self._waiting and self._gave_up is None and self._terms.left_s() > 0:
            await self._ask_next()
        await self._close()

    async def _ask_next(self) -> None:
        await self._tell_all(await self._ask(self._waiting.popleft()))

    async def _close(self) -> None:
        """Give all that will not be asked any more its outcome, now and in one piece."""
        waiting = tuple(self._waiting)
        self._waiting.clear()
        await self._tell_all(self._tally.abandon(waiting, self._gave_up or Why.DEADLINE))

    async def _tell_all(self, settled: list[Settled]) -> None:
        for one in settled:
            await self._terms.tell(self._answer(one))

    async def _ask(self, chunk: Chunk | Batch) -> list[Settled]:
        sieve = chunk.sieve()
        reason: CellReason | None
        try:
            reason = await self._turn_pages(chunk, sieve)
            self._answered, self._failed_in_a_row = True, 0
        except _Ended as ended:
            reason = ended.reason
        except MispFailure as failure:
            reason = self._failed(failure)
        except Exception as error:  # a result, never the end of the search
            reason = self._failed(self._unexpected(error))
        self._dropped += sieve.dropped
        return self._tally.settle(chunk, reason, sieve.found)

    async def _turn_pages(self, chunk: Chunk | Batch, sieve: Sieve) -> Why | None:
        """All pages of a chunk: a full one means that there is another (trap 5)."""
        for page in range(1, MAX_PAGES + 1):
            query = self._terms.questions.of(self._target, chunk, page)
            rows = await self._request(query)
            fresh = await _sieve_gently(sieve, query, rows)
            if len(rows) < query.limit:
                return None
            if isinstance(chunk, Batch):
                # More rows than UUIDs: the MISP did not understand the list (trap 1).
                raise MispFailure(Reason.MALFORMED, permanent=False)
            if not fresh:
                break
        return Why.TOO_MANY_ROWS

    async def _request(self, query: Query) -> tuple[Attribute, ...]:
        """One page, with the two retries there are: a lost connection once, a rate limit after
        the time it names. Time-outs are not retried: a slow MISP is not helped by more."""
        losses = waits = 0
        while True:
            try:
                return await self._request_in_turn(query)
            except MispFailure as failure:
                if failure.reason is Reason.CONNECTION_LOST and losses == 0:
                    losses += 1
                elif waits < MAX_RATE_LIMIT_WAITS and self._may_wait(failure):
                    waits += 1
                else:
                    raise

    def _may_wait(self, failure: MispFailure) -> bool:
        """Whether the rate limit ends before the deadline; the gate then stays shut so long."""
        if failure.reason is not Reason.RATE_LIMITED or failure.retry_after_s is None:
            return False
        wait_s = max(SHORTEST_RATE_LIMIT_WAIT_S, failure.retry_after_s)
        self._gate.limit_until(self._clock.monotonic() + wait_s)
        return wait_s < self._terms.left_s()

    async def _request_in_turn(self, query: Query) -> tuple[Attribute, ...]:
        if not await self._gate.enter(self._clock, self._terms.ends_at):
            self._gave_up = self._gave_up or self._why_no_turn()
            raise _Ended(self._gave_up)
        try:
            if self._gave_up is not None:
                raise _Ended(self._gave_up)
            return await self._request_once(query)
        finally:
            self._gate.leave()

    def _why_no_turn(self) -> CellReason:
        limited = self._gate.limited_until >= self._terms.ends_at
        return Reason.RATE_LIMITED if limited else Why.DEADLINE

    async def _request_once(self, query: Query) -> tuple[Attribute, ...]:
        assert self._searcher is not None  # noqa: S101 - no worker starts without it
        self._requests += 1
        started = self._clock.monotonic()
        try:
            async with self._clock.timeout(self._request_limit_s()):
                rows = await self._searcher.search(query)
        except TimeoutError:
            raise self._out_of_time(started) from None
        except asyncio.CancelledError:
            if _is_being_cancelled():
                raise
            raise MispFailure(Reason.CONNECTION_LOST, permanent=False) from None
        except MispFailure as failure:
            if failure.reason is Reason.TIMED_OUT and self._terms.left_s() <= 0:
                raise self._out_of_time(started) from None
            raise
        self._round_trips_ms.append((self._clock.monotonic() - started) * 1000)
        return rows

    def _request_limit_s(self) -> float:
        return min(self._terms.request_timeout_s, self._terms.left_s())

    def _out_of_time(self, started: float) -> Exception:
        if self._terms.left_s() > 0:
            return MispFailure(Reason.TIMED_OUT, permanent=False)
        if self._clock.monotonic() - started >= SILENCE_S:
            self._failure = MispFailure(Reason.TIMED_OUT, permanent=False)
        return _Ended(Why.DEADLINE)

    def _failed(self, failure: MispFailure) -> Reason:
        self._failure = failure
        self._failed_in_a_row += 1
        of_all = failure.reason in OF_THE_WHOLE_MISP
        if of_all or self._failed_in_a_row >= FAILED_CHUNKS_BEFORE_GIVING_UP:
            self._give_up(failure)
        return failure.reason

    def _give_up(self, failure: MispFailure) -> None:
        self._failure = failure
        if self._gave_up is None:
            self._gave_up = failure.reason

    def _evidence(self) -> MispFailure | None:
        """What this search says against the MISP: nothing when it answered and was not given up."""
        gave_up_on_misp = self._gave_up is not None and self._gave_up is not Why.DEADLINE
        if self._answered and not gave_up_on_misp:
            return None
        return self._failure

    def _unexpected(self, error: Exception) -> MispFailure:
        # The error's own text may quote a searched value: only its type and place are told.
        log.error("searcher_broke", misp=self._target.misp, error=_place_of(error))
        return MispFailure(Reason.MALFORMED, permanent=False)

    def _answer(self, settled: Settled) -> ChunkAnswer:
        dropped, self._dropped = self._dropped, 0
        reason = settled.reason
        return ChunkAnswer(
            misp=self._target.misp,
            positions=settled.positions,
            state=CellState.MISS if reason is None else self._target.unanswered,
            reason=reason,
            found=settled.found,
            dropped=dropped,
            requests=self._requests,
            elapsed_ms=self._elapsed_ms(),
        )

    def _elapsed_ms(self) -> float:
        return (self._clock.monotonic() - self._started) * 1000


async def _sieve_gently(sieve: Sieve, query: Query, rows: tuple[Attribute, ...]) -> int:
    fresh, remaining = 0, iter(rows)
    while part := tuple(islice(remaining, _ROWS_AT_A_TIME)):
        fresh += sieve.take(query, part)
        if len(part) == _ROWS_AT_A_TIME:
            await asyncio.sleep(0)
    return fresh


def _is_being_cancelled() -> bool:
    """Whether the running task itself is cancelled, not only something it waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _place_of(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f" at {Path(trace.tb_frame.f_code.co_filename).name}"
    line = "" if trace is None else f":{trace.tb_lineno}"
    return f"{type(error).__name__}{where}{line}"
