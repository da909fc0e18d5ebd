"""A MISP in memory, as a sync meets it: edited at will, failing at will, counting as MISP does."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeVar
from uuid import UUID

import msgspec

from securegrid.index.port import Row
from securegrid.index.rules import Rules
from securegrid.misp.copying import Content, EventCount, EventLine, Listing, TagName
from securegrid.misp.identities import ContentsQuery, CountsQuery
from securegrid.values.fingerprints import fingerprints
from securegrid.values.relations import stored

T = TypeVar("T")
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEY = bytes(range(32))
GENERATION = UUID(int=1)


class JumpingClock:
    """Time goes only when it is slept or set."""

    def __init__(self) -> None:
        self.s = 0.0

    def monotonic(self) -> float:
        return self.s

    def now(self) -> datetime:
        return START + timedelta(seconds=self.s)

    async def sleep(self, seconds: float) -> None:
        self.s += max(0.0, seconds)
        await asyncio.sleep(0)


@dataclass
class Attribute:
    """One attribute; ``hidden``: counted, but not given to this key."""

    id: int
    uuid: UUID
    type: str
    value: str
    tags: tuple[str, ...] = ()
    deleted: bool = False
    hidden: bool = False


@dataclass
class Event:
    """One event with what is in it."""

    id: int
    uuid: UUID
    timestamp: int
    published: bool = True
    tags: tuple[str, ...] = ()
    attributes: list[Attribute] = field(default_factory=list)

    def live(self) -> Iterator[Attribute]:
        return (one for one in self.attributes if not one.deleted)


async def _nothing(_what: str) -> None:
    await asyncio.sleep(0)


class SmallMisp:
    """Implements ``index.reading.Source``."""

    def __init__(self, clock: JumpingClock, random: Random | None = None) -> None:
        self.clock = clock
        self.random = random or Random(0)
        self.events_held: dict[int, Event] = {}
        self.asked: list[str] = []
        self.queries: list[CountsQuery | ContentsQuery] = []
        self.before: Callable[[str], Awaitable[None]] = _nothing
        """Awaited at each request; may raise, or edit the MISP."""
        self.after: Callable[[str], Awaitable[None]] = _nothing
        """Awaited when the answer is made and not yet given."""
        self.at_once = self.most_at_once = 0
        self._last = 0

    # What a sync asks

    async def events(self) -> Listing:
        return await self._answer("events", self._listing)

    async def counts(self, query: CountsQuery) -> tuple[EventCount, ...]:
        self.queries.append(query)
        return await self._answer("counts", lambda: self._counts(query))

    async def contents(self, query: ContentsQuery) -> tuple[Content, ...]:
        self.queries.append(query)
        return await self._answer("contents", lambda: self._contents(query))

    async def _answer(self, what: str, make: Callable[[], T]) -> T:
        self.asked.append(what)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.before(what)
            made = make()
            await self.after(what)
        finally:
            self.at_once -= 1
        return made

    def _listing(self) -> Listing:
        lines = (
            EventLine(event.id, event.uuid, event.timestamp, event.published)
            for event in self.events_held.values()
        )
        return Listing(tuple(lines), self.second())

    def _counts(self, query: CountsQuery) -> tuple[EventCount, ...]:
        found = (self.events_held[i] for i in query.event_ids if i in self.events_held)
        return tuple(_count(event.id, sum(1 for _ in event.live()), event.tags) for event in found)

    def _contents(self, query: ContentsQuery) -> tuple[Content, ...]:
        found = sorted(
            (one.id, event, one)
            for i in query.event_ids
            if (event := self.events_held.get(i)) and (event.published or not query.published_only)
            for one in event.live()
            if not one.hidden
        )
        start = (query.page - 1) * query.limit
        return tuple(
            Content(
                uuid=str(one.uuid),
                event_id=event.id,
                type=one.type,
                value=one.value,
                tag_names=[TagName(name) for name in one.tags],
            )
            for _, event, one in found[start : start + query.limit]
        )

    # What its people do

    def second(self) -> int:
        """The MISP's clock."""
        return int(self.clock.now().timestamp())

    def new_uuid(self) -> UUID:
        return UUID(int=self.random.getrandbits(128))

    def add_event(self, attributes: int = 0, **options: object) -> Event:
        self._last += 1
        event = Event(self._last, self.new_uuid(), self.second(), **options)  # type: ignore[arg-type]
        self.events_held[event.id] = event
        for _ in range(attributes):
            self.add(event)
        return event

    def add(self, event: Event, type_: str = "domain", value: str = "", **options: object) -> None:
        self._last += 1
        text = value or f"host{self.random.randrange(10**9)}.example.com"
        one = Attribute(self._last, self.new_uuid(), type_, text, **options)  # type: ignore[arg-type]
        event.attributes.append(one)
        self.touch(event)

    def touch(self, event: Event) -> None:
        event.timestamp = self.second()

    def edit_at_random(self) -> None:
        """One edit of any kind, as one person makes it."""
        held = list(self.events_held.values())
        if not held or self.random.random() < 0.15:
            self.add_event(self.random.randrange(12), published=self.random.random() < 0.7)
            return
        event = self.random.choice(held)
        self.random.choice(
            [self._grow, self._shrink, self._change, self._publish, self._delete, self._tag]
        )(event)

    def _grow(self, event: Event) -> None:
        types = [("domain", ""), ("ip-dst", "198.51.100.7"), ("comment", "secret words")]
        type_, value = self.random.choice(types)
        tags = ("tlp:red",) if self.random.random() < 0.2 else ()
        self.add(event, type_, value, tags=tags, hidden=self.random.random() < 0.1)

    def _shrink(self, event: Event) -> None:
        if event.attributes:
            self.random.choice(event.attributes).deleted = True
            self.touch(event)

    def _change(self, event: Event) -> None:
        if event.attributes:
            changed = self.random.choice(event.attributes)
            changed.value = f"new{self.random.randrange(10**9)}.example.org"
            self.touch(event)

    def _publish(self, event: Event) -> None:
        event.published = not event.published

    def _delete(self, event: Event) -> None:
        del self.events_held[event.id]

    def _tag(self, event: Event) -> None:
        event.tags = () if event.tags else ("tlp:red",)
        self.touch(event)

    # What an index of it must hold

    def rows(self, rules: Rules, key: bytes = KEY) -> set[Row]:
        """By the words of the rules, one attribute at a time."""
        return {
            row
            for event in self.events_held.values()
            if event.published or not rules.published_only
            if not set(event.tags) & set(rules.left_out_tags)
            for one in event.live()
            if not one.hidden and one.type not in rules.left_out_types
            if not set(one.tags) & set(rules.left_out_tags)
            for row in rows_of_one(one, rules, key)
        }


def rows_of_one(one: Attribute, rules: Rules, key: bytes = KEY) -> Iterator[Row]:
    """The rows of one attribute."""
    for form, mark in stored(one.type, one.value, blocks=rules.blocks):
        yield Row(fingerprints(key, [form])[0], one.uuid.bytes, mark)


def _count(event_id: int, attributes: int, tags: tuple[str, ...]) -> EventCount:
    event_tags = [{"Tag": {"name": name}} for name in tags]
    return msgspec.convert(
        {"id": event_id, "attribute_count": attributes, "EventTag": event_tags}, EventCount
    )
