"""Virtual time: an event loop whose clock jumps to the next timer as soon as nothing is ready.

A search with hanging and dripping MISPs then takes milliseconds, and the same seed gives the
same run: nothing depends on how fast the machine is. Real sockets work, as long as both ends
live in this loop.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import TypeVar

_DELIVERY_S = 0.004
"""Real seconds granted to the kernel's loopback, and to a thread that hands something back."""
_STUCK_S = 10.0

T = TypeVar("T")


class StuckError(RuntimeError):
    """Nothing is ready, nothing is timed, and nothing came from outside: a deadlock."""


class _JumpingSelector(selectors.DefaultSelector):
    """Waits in virtual seconds: looks for what is ready, and otherwise moves the time on."""

    def __init__(self) -> None:
        super().__init__()
        self.virtual_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        ready = super().select(_DELIVERY_S)
        if ready:
            return ready
        if timeout is None:
            return self._wait_for_the_outside()
        self.virtual_s += timeout
        return []

    def _wait_for_the_outside(self) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(_STUCK_S)
        if not ready:
            raise StuckError
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop that begins at 0 and never waits for a timer."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._jumping.virtual_s


class VirtualClock:
    """The clock that goes with a ``VirtualTimeLoop``; fulfils ``federation.clock.Clock``."""

    START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def now(self) -> datetime:
        return self.START + timedelta(seconds=self.monotonic())

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        return asyncio.timeout(seconds)


def run_virtual(main: Coroutine[object, object, T]) -> T:
    """Run ``main`` to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)
