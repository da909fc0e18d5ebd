"""Reading the attributes of many events from one MISP, in requests sized by attribute count."""

from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from securegrid.index.pacing import GaveUp, Pacer
from securegrid.index.rules import Pace, Rules
from securegrid.misp.copying import Content, EventCount, EventLine, Listing
from securegrid.misp.failures import MispFailure, Reason
from securegrid.misp.identities import ContentsQuery, CountsQuery

PAGE_ATTRIBUTES = 20_000
"""Attributes asked for in one request: about 12 MB of JSON, below a second of a good server."""
SMALLEST_PAGE = 500
"""An event whose pages fail even so small is left as it is."""
GUESSED_ATTRIBUTES = 500
"""In an event of which the MISP does not tell the number."""
MAX_UNREADABLE = 3
"""Events in a row that cannot be read: then it is the MISP, not they."""


class Source(Protocol):
    """One MISP as a sync needs it; raises nothing but ``MispFailure``."""

    async def events(self) -> Listing:
        """Every event that the key may see."""
        ...

    async def counts(self, query: CountsQuery) -> tuple[EventCount, ...]:
        """How much is in some events."""
        ...

    async def contents(self, query: ContentsQuery) -> tuple[Content, ...]:
        """One page of the attributes of some events."""
        ...


@dataclass(frozen=True, slots=True)
class Piece:
    """Attributes of one event as they came; a large event comes in several."""

    line: EventLine
    contents: Sequence[Content] = field(default=(), repr=False)
    counted: int | None = 0
    """Attributes that the MISP says are in the event; ``None`` when it did not say."""
    first: bool = True
    """Whatever came of the event before does not count any more."""
    last: bool = True
    """The event is whole with this piece."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What one request asks for: events that together fit on a page, or one larger event."""

    lines: tuple[EventLine, ...]
    counts: tuple[int | None, ...]

    def halves(self) -> "tuple[_Part, _Part]":
        middle = len(self.lines) // 2
        return (
            _Part(self.lines[:middle], self.counts[:middle]),
            _Part(self.lines[middle:], self.counts[middle:]),
        )


class Reading:
    """The requests of one sync. Raises GaveUp and QuietHours."""

    def __init__(self, source: Source, rules: Rules, pace: Pace, pacer: Pacer) -> None:
        self._source = source
        self._rules = rules
        self._pacer = pacer
        allowed = min(PAGE_ATTRIBUTES, int(pace.attributes_per_minute or PAGE_ATTRIBUTES))
        self._page = max(SMALLEST_PAGE, allowed)
        self._unreadable_in_a_row = 0
        self.unreadable = 0
        """Events that could not be read and are left as they were."""
        self.last_unreadable: MispFailure | None = None

    async def list_events(self) -> Listing:
        """Every event that the key may see."""
        return await self._pacer.ask(self._source.events)

    async def pieces(self, group: Sequence[EventLine]) -> AsyncIterator[list[Piece]]:
        """What is in 1 to 190 events; those that vanished or cannot be read are left out."""
        query = CountsQuery(tuple(line.id for line in group))
        told = await self._pacer.ask(partial(self._source.counts, query))
        counts = {count.id: count for count in told}
        offered = [line for line in group if not self._is_left_out(counts.get(line.id))]
        if left_out := [line for line in group if self._is_known_left_out(counts.get(line.id))]:
            yield [Piece(line) for line in left_out]
        parts = deque(self._parts(offered, counts))
        while parts:
            part = parts.popleft()
            if len(part.lines) == 1:
                async for piece in self._one(part.lines[0], part.counts[0]):
                    yield [piece]
            elif (several := await self._several(part)) is not None:
                yield several
            else:
                parts.extendleft(reversed(part.halves()))

    def _is_left_out(self, count: EventCount | None) -> bool:
        """Where tags are left out, an event whose tags are not known is not read."""
        if count is None:
            return bool(self._rules.left_out_tags)
        return self._rules.leaves_out(count.tags())

    def _is_known_left_out(self, count: EventCount | None) -> bool:
        return count is not None and self._is_left_out(count)

    def _parts(self, lines: Iterable[EventLine], told: dict[int, EventCount]) -> Iterator[_Part]:
        kept: list[tuple[EventLine, int | None]] = []
        size = 0
        for line in lines:
            count = told[line.id].attribute_count if line.id in told else None
            guessed = GUESSED_ATTRIBUTES if count is None else count
            if kept and size + guessed >= self._page:
                yield _part(kept)
                kept, size = [], 0
            kept.append((line, count))
            size += guessed
        if kept:
            yield _part(kept)

    async def _several(self, part: _Part) -> list[Piece] | None:
        """The events of a part, whole; ``None`` when it must be asked for in halves."""
        limit = self._page
        try:
            came = await self._contents(part.lines, limit, 1)
        except MispFailure:
            self._page = max(SMALLEST_PAGE, self._page // 2)
            return None
        if len(came) >= limit:  # a full page: there is more (trap 5)
            return None
        self._unreadable_in_a_row = 0
        inside: dict[int, list[Content]] = {line.id: [] for line in part.lines}
        for content in came:
            if content.event_id in inside:
                inside[content.event_id].append(content)
        pairs = zip(part.lines, part.counts, strict=True)
        return [Piece(line, inside[line.id], count) for line, count in pairs]

    async def _one(self, line: EventLine, count: int | None) -> AsyncIterator[Piece]:
        """One event, page by page; from the beginning in smaller pages when large ones fail."""
        limit = self._page
        while True:
            try:
                async for piece in self._pages(line, count, limit):
                    yield piece
            except MispFailure as failure:
                if limit == SMALLEST_PAGE:
                    self._note_unreadable(failure)
                    return
                limit = max(SMALLEST_PAGE, limit // 4)
            else:
                self._unreadable_in_a_row = 0
                return

    async def _pages(self, line: EventLine, count: int | None, limit: int) -> AsyncIterator[Piece]:
        before: frozenset[str] = frozenset()
        page, full = 0, True
        while full:
            page += 1
            came = await self._contents((line,), limit, page)
            its = {content.uuid: content for content in came if content.event_id == line.id}
            full = len(came) >= limit
            if full and its.keys() <= before:  # the MISP does not turn pages
                raise MispFailure(Reason.MALFORMED, permanent=False)
            fresh = [content for uuid, content in its.items() if uuid not in before]
            before = frozenset(its)
            yield Piece(line, fresh, count, first=page == 1, last=not full)

    async def _contents(
        self, lines: Iterable[EventLine], limit: int, page: int
    ) -> tuple[Content, ...]:
        """One page. Raises MispFailure where a smaller question may be answered."""
        ids = tuple(line.id for line in lines)
        query = ContentsQuery(ids, limit, page, self._rules.published_only)
        came = await self._pacer.ask(partial(self._source.contents, query), divisible=True)
        self._pacer.came(len(came))
        return came

    def _note_unreadable(self, failure: MispFailure) -> None:
        self.unreadable += 1
        self.last_unreadable = failure
        self._unreadable_in_a_row += 1
        if self._unreadable_in_a_row >= MAX_UNREADABLE:
            raise GaveUp(failure)


def _part(kept: Sequence[tuple[EventLine, int | None]]) -> _Part:
    return _Part(tuple(line for line, _ in kept), tuple(count for _, count in kept))
