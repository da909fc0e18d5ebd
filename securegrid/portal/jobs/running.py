"""The syncs that run in this process, so that the worker can end them when it ends."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class Runs:
    """Coroutines that run, each in a thread and an event loop of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tasks: dict[object, asyncio.Task[Any] | None] = {}
        self._ending = False

    @property
    def are_left(self) -> bool:
        """Whether something still runs; after ``end_all``, a thread that writes to a store."""
        with self._lock:
            return bool(self._tasks)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run ``work`` and wait for it, and for the threads that it started.

        Raises ``asyncio.CancelledError`` when the worker ends, and whatever ``work`` raises.
        """
        name = object()
        with self._lock:
            self._tasks[name] = None
        try:
            return asyncio.run(self._noted(name, work))
        finally:
            with self._lock:
                del self._tasks[name]

    def end_all(self) -> None:
        """Cancel what runs, and whatever would begin from now on."""
        with self._lock:
            self._ending = True
            for task in self._tasks.values():
                if task is not None and not task.done():
                    task.get_loop().call_soon_threadsafe(task.cancel)

    async def _noted(self, name: object, work: Coroutine[Any, Any, Result]) -> Result:
        task = asyncio.ensure_future(work)
        with self._lock:
            self._tasks[name] = task
            if self._ending:
                task.cancel()
        return await task


runs = Runs()
"""Those of this process."""
