"""The clock that is handed in, so that tests can run a search in virtual time."""

import asyncio
import time
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """All that asking knows of time; every duration is in seconds."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment; never goes back."""

    def now(self) -> datetime:
        """The time of day, aware, in UTC; for what is stored and shown."""

    async def sleep(self, seconds: float) -> None:
        """Return after ``seconds``; at once (but yielding) when not positive."""

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """A block that is cancelled after ``seconds`` and then raises ``TimeoutError``."""


class SystemClock:
    """The machine's own clock."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment, finer than the event loop's own time."""
        return time.monotonic()

    def now(self) -> datetime:
        """The time of day in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Sleep for ``seconds``."""
        await asyncio.sleep(max(0.0, seconds))

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """Cancel the block after ``seconds``."""
        return asyncio.timeout(seconds)
