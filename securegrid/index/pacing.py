"""When a sync may ask next: rate limits, quiet hours, and patience with failures."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, TypeVar

from securegrid.index.rules import Pace
from securegrid.misp.failures import MispFailure, Reason

FAILURES_BEFORE_END = 4
"""Requests in a row that may fail before a sync ends; the next one goes on where it stopped."""
DIVISIONS_BEFORE_END = 12
"""The same for questions that get smaller: enough to find one event that a MISP chokes on."""
FIRST_WAIT_S = 5.0
LONGEST_WAIT_S = 120.0
"""Beyond this a sync ends instead of waiting; the next one goes on when the time has come."""
SHORTEST_TOLD_WAIT_S = 1.0
"""A header that says 0 must not become a busy loop."""
_LOOKS_UP_S = 60.0
"""So often a long wait looks whether the quiet hours have begun."""

OF_THE_ANSWER = frozenset(
    {Reason.TIMED_OUT, Reason.SERVER_ERROR, Reason.TOO_LARGE, Reason.MALFORMED, Reason.NOT_JSON}
)
"""Failures that a smaller question may not meet."""

_Answer = TypeVar("_Answer")


class Clock(Protocol):
    """All that a sync knows of time."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment; never goes back."""
        ...

    def now(self) -> datetime:
        """The time of day, aware."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after ``seconds``; at once (but yielding) when not positive."""
        ...


class QuietHours(Exception):  # noqa: N818 - it says what it is
    """The owner's quiet hours have begun."""


class GaveUp(Exception):  # noqa: N818 - it says what happened
    """The MISP cannot be read any further in this sync."""

    def __init__(self, failure: MispFailure) -> None:
        super().__init__(failure.reason.value)
        self.failure = failure


class Pacer:
    """Sends the requests of one sync, each in its turn."""

    def __init__(self, pace: Pace, clock: Clock) -> None:
        self._pace = pace
        self._clock = clock
        self._next = float("-inf")
        self._failed = 0
        self.requests = 0
        self.failure: MispFailure | None = None
        """The last failure, until something is answered."""

    async def ask(
        self, request: Callable[[], Awaitable[_Answer]], *, divisible: bool = False
    ) -> _Answer:
        """The answer; a failed request is sent again after a growing time.

        ``divisible``: the caller can ask for less, so a failure that may be of this one answer
        is raised, as MispFailure. Raises GaveUp and QuietHours.
        """
        while True:
            await self._turn()
            try:
                answer = await request()
            except MispFailure as failure:
                self._failed_with(failure, divisible and failure.reason in OF_THE_ANSWER)
            else:
                self._failed, self.failure = 0, None
                return answer

    def came(self, attributes: int) -> None:
        """So many attributes came with an answer: they count against the rate limit."""
        self._later(attributes * 60.0 / (self._pace.attributes_per_minute or float("inf")))

    def _failed_with(self, failure: MispFailure, divisible: bool) -> None:
        self.failure = failure
        self._failed += 1
        wait_s = self._wait_s(failure, divisible)
        if wait_s is None:
            raise GaveUp(failure)
        self._next = max(self._next, self._clock.monotonic() + wait_s)
        if divisible:
            raise failure

    def _wait_s(self, failure: MispFailure, divisible: bool) -> float | None:
        """Seconds to the next request; ``None`` when there must be none."""
        if failure.permanent or self._failed >= (
            DIVISIONS_BEFORE_END if divisible else FAILURES_BEFORE_END
        ):
            return None
        if failure.retry_after_s is not None:
            too_long = failure.retry_after_s > LONGEST_WAIT_S
            return None if too_long else max(SHORTEST_TOLD_WAIT_S, failure.retry_after_s)
        if divisible:
            return 0.0 if failure.reason is Reason.TOO_LARGE else FIRST_WAIT_S
        return min(LONGEST_WAIT_S, FIRST_WAIT_S * 4.0 ** (self._failed - 1))

    async def _turn(self) -> None:
        self._heed_quiet()
        while (wait_s := self._next - self._clock.monotonic()) > 0:
            await self._clock.sleep(min(wait_s, _LOOKS_UP_S))
            self._heed_quiet()
        self.requests += 1
        self._later(60.0 / (self._pace.requests_per_minute or float("inf")))

    def _later(self, seconds: float) -> None:
        self._next = max(self._next, self._clock.monotonic()) + seconds

    def _heed_quiet(self) -> None:
        if self._pace.is_quiet(self._clock.now()):
            raise QuietHours
