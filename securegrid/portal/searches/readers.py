"""Threads that read the index, so that neither a slow disk nor a hung server holds up the loop."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from queue import SimpleQueue

from securegrid.index.lookup import Holdings, IndexedMisp, NoHoldings, look_up
from securegrid.index.port import Reader
from securegrid.values.model import Value

AT_ONCE = 4
"""Look-ups at the same time, over all searches of this process."""

Told = Mapping[str, Holdings | NoHoldings]
_Task = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Told]", Callable[[], Told]]
_Tasks = SimpleQueue[_Task | None]


class IndexReaders:
    """Looks questions up in threads of its own.

    They are daemons: one that a broken store never lets go ends with the process, not later.
    """

    def __init__(self, store: Callable[[], Reader]) -> None:
        self._store = store
        self._tasks: _Tasks = SimpleQueue()
        self._threads: list[threading.Thread] = []

    async def look_up(
        self, misps: Sequence[IndexedMisp], values: Sequence[Value], related: bool
    ) -> Told:
        """See ``index.lookup.look_up``; raises what opening the store raises."""
        if not self._threads:
            self._start()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Told] = loop.create_future()
        self._tasks.put(
            (loop, future, lambda: look_up(self._store(), misps, values, related=related))
        )
        return await future

    def stop(self) -> None:
        """Let the threads end when they have nothing more to do; does not wait for them."""
        for _ in self._threads:
            self._tasks.put(None)
        self._threads, self._tasks = [], SimpleQueue()

    def _start(self) -> None:
        self._threads = [
            threading.Thread(
                target=_work, args=(self._tasks,), name=f"index-reader-{number}", daemon=True
            )
            for number in range(AT_ONCE)
        ]
        for thread in self._threads:
            thread.start()


def _work(tasks: _Tasks) -> None:
    while (task := tasks.get()) is not None:
        loop, future, read = task
        if future.cancelled():  # its search did not wait
            continue
        try:
            told: Told | Exception = read()
        except Exception as error:  # handed to the search that waits
            told = error
        with suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(_tell, future, told)


def _tell(future: "asyncio.Future[Told]", told: Told | Exception) -> None:
    if future.done():
        return
    if isinstance(told, Exception):
        future.set_exception(told)
    else:
        future.set_result(told)
