"""Keeps the promise that every asked cell gets exactly one state, whatever the workers do."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from securegrid.federation.outcomes import CellReason, ChunkAnswer, MispDone, Outcome
from securegrid.federation.plan import Errand

_NEVER_ASKED, _OPEN, _TOLD = 0, 1, 2


class Book:
    """Which cells of a search are still open: one byte per cell, no object per cell."""

    def __init__(self, errands: Sequence[Errand], values: int) -> None:
        self._pages = {errand.target.misp: _page(errand, values) for errand in errands}
        self._unanswered = {errand.target.misp: errand.target.unanswered for errand in errands}

    def is_open(self) -> bool:
        """Whether a MISP has not said its last word."""
        return bool(self._pages)

    def open_misps(self) -> tuple[str, ...]:
        """The MISPs whose ``MispDone`` was not entered."""
        return tuple(self._pages)

    def enter(self, outcome: Outcome, left_over: CellReason) -> Iterator[Outcome]:
        """What may be told of ``outcome``: no cell twice, and none left when its MISP is done.

        ``left_over`` is the reason for cells that a MISP which is done never spoke of.
        """
        page = self._pages.get(outcome.misp)
        if page is None:
            return
        if isinstance(outcome, ChunkAnswer):
            yield from _once(page, outcome)
        else:
            yield from self._finish(page, outcome, left_over)

    def _finish(self, page: bytearray, done: MispDone, left_over: CellReason) -> Iterator[Outcome]:
        positions = tuple(position for position, cell in enumerate(page) if cell == _OPEN)
        del self._pages[done.misp]
        if positions:
            yield ChunkAnswer(
                misp=done.misp,
                positions=positions,
                state=self._unanswered[done.misp],
                reason=left_over,
                elapsed_ms=done.elapsed_ms,
            )
        yield done


def _page(errand: Errand, values: int) -> bytearray:
    page = bytearray(values)
    for position in errand.positions:
        page[position] = _OPEN
    return page


def _once(page: bytearray, answer: ChunkAnswer) -> Iterator[ChunkAnswer]:
    fresh = tuple(position for position in answer.positions if page[position] == _OPEN)
    for position in fresh:
        page[position] = _TOLD
    if len(fresh) == len(answer.positions):
        yield answer
    elif fresh:
        kept = frozenset(fresh)
        found = tuple(each for each in answer.found if each.position in kept)
        yield replace(answer, positions=fresh, found=found)
