"""How many requests one MISP gets at a time, over all searches that share the gates."""

import asyncio

from securegrid.federation.clock import Clock
from securegrid.federation.plan import Target


class Gate:
    """The bounded concurrency, the pause and the rate limit of one MISP.

    ``limited_until`` is the moment, on the clock's monotonic scale, at which the rate limit
    that the MISP last named is over.
    """

    def __init__(self, concurrency: int, pause_s: float) -> None:
        self.concurrency = max(1, concurrency)
        self.pause_s = max(0.0, pause_s)
        self.limited_until = float("-inf")
        self._slots = asyncio.Semaphore(self.concurrency)
        self._next_start = float("-inf")
        self._present = 0

    @property
    def is_deserted(self) -> bool:
        """Whether nobody is inside and nobody waits."""
        return self._present == 0

    async def enter(self, clock: Clock, ends_at: float) -> bool:
        """Wait for a turn, first come first served; False when none comes before ``ends_at``.

        After True the caller must ``leave``.
        """
        entered = False
        self._present += 1
        try:
            entered = await self._turn(clock, ends_at)
        finally:
            self._present -= not entered
        return entered

    async def _turn(self, clock: Clock, ends_at: float) -> bool:
        if not await self._slot(clock, ends_at):
            return False
        now = clock.monotonic()
        start = max(now, self._next_start, self.limited_until)
        if start >= ends_at:
            self._slots.release()
            return False
        self._next_start = start + self.pause_s
        if start > now:
            await self._wait(clock, start - now)
        return True

    def leave(self) -> None:
        """The request that entered is over."""
        self._present -= 1
        self._slots.release()

    def limit_until(self, moment: float) -> None:
        """Let nobody in before ``moment``: the MISP named a rate limit."""
        self.limited_until = max(self.limited_until, moment)

    def forget_limit(self) -> None:
        """Let in again: the MISP is known to have recovered."""
        self.limited_until = float("-inf")

    async def _slot(self, clock: Clock, ends_at: float) -> bool:
        if not self._slots.locked():
            await self._slots.acquire()
            return True
        try:
            async with clock.timeout(ends_at - clock.monotonic()):
                await self._slots.acquire()
        except TimeoutError:
            return False
        return True

    async def _wait(self, clock: Clock, seconds: float) -> None:
        try:
            await clock.sleep(seconds)
        except BaseException:
            self._slots.release()
            raise


class Gates:
    """The gates of all MISPs; one for a process makes the limits hold over all its searches.

    Belongs to one event loop.
    """

    def __init__(self) -> None:
        self._gates: dict[str, Gate] = {}

    def of(self, target: Target) -> Gate:
        """The gate of a MISP, a new one when its owner changed the limits."""
        gate = self._gates.get(target.misp)
        wanted = (max(1, target.concurrency), max(0.0, target.pause_s))
        if gate is None or (gate.concurrency, gate.pause_s) != wanted:
            gate = self._gates[target.misp] = Gate(*wanted)
        return gate

    def healed(self, misp: str) -> None:
        """Forget a rate limit that the MISP named, unless somebody waits for its end.

        For those who keep the breaker between searches: a MISP that named a rate limit and does
        not rest any more was tested meanwhile, and answered.
        """
        gate = self._gates.get(misp)
        if gate is not None and gate.is_deserted:
            gate.forget_limit()
