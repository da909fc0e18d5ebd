"""How long to wait for a MISP that does not answer usefully, and when to give up."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from securegrid.ingest.publishing.outcomes import Progress, Stage, Stopped
from securegrid.misp.failures import MispFailure, Reason

LONGEST_S = 3_600.0
"""A maintenance or a window of the rate limit (trap 10: a quarter of an hour) is sat out."""
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0
_SLICE_S = 1.0

OF_THE_EVENT = frozenset(
    {Reason.REQUEST_REFUSED, Reason.NO_PERMISSION, Reason.SERVER_ERROR, Reason.TOO_LARGE}
)
"""These say something about one event; the others about the MISP."""

T = TypeVar("T")


class Clock(Protocol):
    """All that writing knows of time, in seconds."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after ``seconds``."""
        ...


class SystemClock:
    """The machine's own clock."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Sleep for ``seconds``."""
        await asyncio.sleep(seconds)


class Patience:
    """Waits after failures that pass by themselves, longer each time, up to ``longest_s`` in all
    without anything written in between. Raises ``Stopped`` when asked to stop."""

    def __init__(
        self,
        clock: Clock,
        tell: Callable[[Progress], None],
        stop: Callable[[], bool],
        *,
        longest_s: float = LONGEST_S,
    ) -> None:
        self._clock = clock
        self._tell = tell
        self._stop = stop
        self._longest_s = longest_s
        self._waited_s = 0.0
        self._failures = 0

    def eased(self) -> None:
        """Something was written: what was waited so far is forgotten."""
        self._waited_s, self._failures = 0.0, 0

    def demand_going_on(self) -> None:
        """Raise ``Stopped`` when somebody wished it."""
        if self._stop():
            raise Stopped

    async def keep(self, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer, however often it takes; only for what may be asked again."""
        while True:
            try:
                return await ask()
            except MispFailure as failed:
                await self.bear(failed)

    async def bear(self, failed: MispFailure) -> None:
        """Wait until asking again makes sense; raises ``failed`` when it does not."""
        if failed.permanent:
            raise failed
        pause_s = self._pause(failed)
        if self._waited_s + pause_s > self._longest_s:
            raise failed
        self._waited_s += pause_s
        self._failures += 1
        self._tell(Progress(stage=Stage.WAITING, reason=failed.reason, pause_s=pause_s))
        await self._wait(pause_s)

    def _pause(self, failed: MispFailure) -> float:
        growing = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**self._failures)
        # What the MISP tells is when it is ready again; a second more, since clocks differ.
        return growing if failed.retry_after_s is None else failed.retry_after_s + _FIRST_PAUSE_S

    async def _wait(self, pause_s: float) -> None:
        left = pause_s
        while left > 0:
            self.demand_going_on()
            await self._clock.sleep(min(left, _SLICE_S))
            left -= _SLICE_S
