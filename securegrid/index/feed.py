"""Pieces on their way from the reading in an event loop to the writing in a thread."""

import asyncio
from collections import deque
from collections.abc import Sequence

from securegrid.index.reading import Piece

MAX_WAITING_BYTES = 48 * 2**20
"""What may wait: some seconds of reading, for the time in which the store sorts in what it has."""
_RECORD_BYTES = 350
"""Of an attribute beside its value."""


class Feed:
    """A queue bounded by the memory that it holds; something always fits into an empty one."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Condition()
        self._waiting: deque[tuple[Sequence[Piece], int]] = deque()
        self._bytes = 0
        self._ended = False

    async def put(self, pieces: Sequence[Piece]) -> None:
        """Let ``pieces`` follow, as soon as there is room."""
        size = sum(_bytes_of(piece) for piece in pieces)
        async with self._changed:
            await self._changed.wait_for(lambda: self._fits(size))
            self._waiting.append((pieces, size))
            self._bytes += size
            self._changed.notify_all()

    def take(self) -> Sequence[Piece] | None:
        """The next pieces, in another thread than the loop's; ``None`` after the last."""
        return asyncio.run_coroutine_threadsafe(self._next(), self._loop).result()

    async def end(self, *, at_once: bool = False) -> None:
        """Nothing follows; ``at_once``: nor is taken what still waits."""
        async with self._changed:
            self._ended = True
            if at_once:
                self._waiting.clear()
            self._changed.notify_all()

    def _fits(self, size: int) -> bool:
        return not self._waiting or self._bytes + size <= MAX_WAITING_BYTES

    async def _next(self) -> Sequence[Piece] | None:
        async with self._changed:
            await self._changed.wait_for(lambda: bool(self._waiting) or self._ended)
            if not self._waiting:
                return None
            pieces, size = self._waiting.popleft()
            self._bytes -= size
            self._changed.notify_all()
            return pieces


def _bytes_of(piece: Piece) -> int:
    return sum(len(content.value) + _RECORD_BYTES for content in piece.contents)
