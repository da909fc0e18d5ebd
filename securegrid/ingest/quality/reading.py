"""Reading a MISP event by event to look it over, in requests sized by attribute count."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Final, Protocol, TypeVar

from securegrid.misp.copying import EventHead, EventLine, Listing
from securegrid.misp.failures import MispFailure, Reason
from securegrid.misp.identities import ContentsQuery, CountsQuery
from securegrid.misp.query import MAX_VALUES
from securegrid.misp.records import Attribute, whole

PAGE: Final = 10_000
"""Attributes asked for in one request: about 8 MB of JSON, and as much again as records."""
SMALLEST_PAGE: Final = 500
"""An event whose pages fail even so small ends the look."""
GUESSED: Final = 500
"""Attributes of an event of which the MISP does not tell the number."""
TRIES: Final = 4
FIRST_WAIT_S: Final = 5.0
LONGEST_WAIT_S: Final = 120.0
"""Beyond this the look ends with the MISP's failure instead of waiting."""

OF_THE_ANSWER: Final = frozenset(
    {Reason.TIMED_OUT, Reason.SERVER_ERROR, Reason.TOO_LARGE, Reason.MALFORMED, Reason.NOT_JSON}
)
"""Failures that a smaller question may not meet."""

_Answer = TypeVar("_Answer")
Sleep = Callable[[float], Awaitable[None]]


class Source(Protocol):
    """One MISP as a look needs it (``MispClient`` is one); raises only ``MispFailure``."""

    async def events(self) -> Listing:
        """Every event that the key may see."""
        ...

    async def heads(self, query: CountsQuery) -> tuple[EventHead, ...]:
        """Some events without their contents."""
        ...

    async def attributes(self, query: ContentsQuery) -> tuple[Attribute, ...]:
        """One page of the attributes of some events."""
        ...


@dataclass(frozen=True, slots=True)
class Piece:
    """Attributes of one event as they came; a large event comes in several pieces."""

    head: EventHead
    attributes: Sequence[Attribute] = field(default=(), repr=False)
    first: bool = True
    last: bool = True


class Reading:
    """The requests of one look, one at a time; a failed one is sent again after a time."""

    def __init__(
        self,
        source: Source,
        *,
        published_only: bool = False,
        sleep: Sleep = asyncio.sleep,
        page: int = PAGE,
    ) -> None:
        self._source = source
        self._published_only = published_only
        self._sleep = sleep
        self._page = page
        self.vanished = 0
        """Events that were listed and are gone, or that the MISP would not give."""

    async def lines(self) -> list[EventLine]:
        """Every event that is looked over, the last changed first. Raises MispFailure."""
        listing = await self._ask(self._source.events)
        only = self._published_only
        lines = [line for line in listing.events if line.published or not only]
        return sorted(lines, key=lambda line: (-line.timestamp, line.id))

    async def pieces(self, lines: Sequence[EventLine]) -> AsyncIterator[Piece]:
        """What is in them, event by event. Raises MispFailure."""
        for group in _groups(lines):
            query = CountsQuery(tuple(line.id for line in group))
            told = {head.id: head for head in await self._ask(partial(self._source.heads, query))}
            heads = [told[line.id] for line in group if line.id in told]
            self.vanished += len(group) - len(heads)
            for part in self._parts(heads):
                async for piece in self._several(part) if len(part) > 1 else self._one(part[0]):
                    yield piece

    def _parts(self, heads: Sequence[EventHead]) -> Iterator[list[EventHead]]:
        """Events that together fit on a page, or one larger event."""
        kept: list[EventHead] = []
        size = 0
        for head in heads:
            count = GUESSED if head.attribute_count is None else head.attribute_count
            if kept and size + count >= self._page:
                yield kept
                kept, size = [], 0
            kept.append(head)
            size += count
        if kept:
            yield kept

    async def _several(self, heads: Sequence[EventHead]) -> AsyncIterator[Piece]:
        """The events of one page; one by one where they do not fit or the answer fails."""
        limit = self._page
        try:
            came = await self._contents(heads, limit, 1, divisible=True)
        except MispFailure as failure:
            _refuse_others(failure)
        else:
            if len(came) < limit:  # a full page: there is more (trap 5)
                for piece in _sorted(heads, came):
                    yield piece
                return
        for head in heads:
            async for piece in self._one(head):
                yield piece

    async def _one(self, head: EventHead) -> AsyncIterator[Piece]:
        """One event, page by page."""
        limit, came = await self._first_page(head)
        before: frozenset[str] = frozenset()
        page = 1
        while True:
            its = {one.uuid: one for one in came if whole(one.event_id) == head.id}
            full = len(came) >= limit
            if full and its.keys() <= before:  # the MISP does not turn pages
                raise MispFailure(Reason.MALFORMED, permanent=False)
            fresh = [one for uuid, one in its.items() if uuid not in before]
            yield Piece(head, fresh, first=page == 1, last=not full)
            if not full:
                return
            before = frozenset(its)
            page += 1
            came = await self._contents([head], limit, page)

    async def _first_page(self, head: EventHead) -> tuple[int, tuple[Attribute, ...]]:
        """With the size of page that the MISP can answer."""
        limit = self._page
        while limit > SMALLEST_PAGE:
            try:
                return limit, await self._contents([head], limit, 1, divisible=True)
            except MispFailure as failure:
                _refuse_others(failure)
                limit = max(SMALLEST_PAGE, limit // 4)
        return limit, await self._contents([head], limit, 1)

    async def _contents(
        self, heads: Sequence[EventHead], limit: int, page: int, *, divisible: bool = False
    ) -> tuple[Attribute, ...]:
        ids = tuple(head.id for head in heads)
        query = ContentsQuery(ids, limit, page, self._published_only)
        return await self._ask(partial(self._source.attributes, query), divisible=divisible)

    async def _ask(
        self, request: Callable[[], Awaitable[_Answer]], *, divisible: bool = False
    ) -> _Answer:
        """The answer; sent again after a growing time, as long as that may help.

        ``divisible``: the caller can ask for less, so a failure that may be of this answer is
        raised at once.
        """
        for attempt in range(1, TRIES + 1):
            try:
                return await request()
            except MispFailure as failure:
                wait_s = failure.retry_after_s or FIRST_WAIT_S * 4.0 ** (attempt - 1)
                hopeless = failure.permanent or attempt == TRIES or wait_s > LONGEST_WAIT_S
                if hopeless or (divisible and failure.reason in OF_THE_ANSWER):
                    raise
                await self._sleep(wait_s)
        raise AssertionError


def _refuse_others(failure: MispFailure) -> None:
    """Raise ``failure`` unless a smaller question may not meet it."""
    if failure.reason not in OF_THE_ANSWER:
        raise failure


def _sorted(heads: Sequence[EventHead], came: Sequence[Attribute]) -> Iterator[Piece]:
    """The attributes under their events; others may be among them (trap 1)."""
    inside: dict[int | None, list[Attribute]] = {head.id: [] for head in heads}
    for attribute in came:
        if (own := inside.get(whole(attribute.event_id))) is not None:
            own.append(attribute)
    return (Piece(head, inside[head.id]) for head in heads)


def _groups(lines: Sequence[EventLine]) -> Iterator[Sequence[EventLine]]:
    remaining = iter(lines)
    while group := tuple(islice(remaining, MAX_VALUES)):
        yield group
