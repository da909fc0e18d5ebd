"""Reading attributes out of a MISP page by page, never more of them than was wished for."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

import msgspec

from securegrid.misp.failures import MispFailure
from securegrid.misp.offers import folded
from securegrid.misp.query import MAX_LIMIT, MAX_VALUES, Query, UnsafeValue, unsafe
from securegrid.misp.records import Attribute

ROWS_ON_A_PAGE = 5_000
TRIES = 4
"""Of one page; the pauses between them grow, or are as long as the MISP says."""
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 960.0
"""A little over the quarter of an hour in which MISP counts requests (trap 10)."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
Sleep = Callable[[float], Awaitable[None]]


class NoFilter(ValueError):  # noqa: N818 - what is missing, not what went wrong
    """Nothing was said of what is wished for, and not that everything is."""


class FilterIgnored(Exception):  # noqa: N818 - what the MISP did
    """A full page held nothing that was asked for: the MISP does not apply the filter (trap 1)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which attributes: those that fit every filter given, in a filter any of its entries.

    Checked however it is made: raises ``NoFilter`` without a filter unless ``everything`` is
    said, ``UnsafeValue`` for an entry that MISP would read as something else, and
    ``ValueError`` for more than 190 entries or days in the wrong order.
    """

    since: date | None = None
    """The event's date, this day included."""
    until: date | None = None
    """The event's date, this day included."""
    types: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    """Of the attribute or of its event."""
    values: tuple[str, ...] = field(default=(), repr=False)
    """Of the whole attribute, or of one half of a composite."""
    everything: bool = False

    def __post_init__(self) -> None:
        lists = (self.types, self.categories, self.tags, self.values)
        if not (any(lists) or self.since or self.until or self.everything):
            raise NoFilter("no filter")
        for entries in lists:
            _check(entries)
        if self.since and self.until and self.since > self.until:
            raise ValueError("the first day is after the last")

    def asked(self) -> dict[str, object]:
        """The filters as MISP names them; none is ever empty (trap 1)."""
        named = {
            "from": None if self.since is None else self.since.isoformat(),
            "to": None if self.until is None else self.until.isoformat(),
            "type": self.types,
            "category": self.categories,
            "tags": self.tags,
            "value": self.values,
        }
        return {name: given for name, given in named.items() if given}

    def admits(self, attribute: Attribute) -> bool:
        """Whether an attribute is what was asked for: MISP ignores what it does not understand."""
        return (
            not attribute.deleted
            and (not self.types or attribute.type in self.types)
            and (not self.categories or attribute.category in self.categories)
            and _meets(self.tags, _tags_of(attribute))
            and _meets(self.values, (attribute.value, *attribute.value.split("|", 1)))
            and self._is_of_the_days(attribute)
        )

    def _is_of_the_days(self, attribute: Attribute) -> bool:
        if not self.since and not self.until:
            return True
        day = attribute.event.date if attribute.event else None
        if day is None or not _DAY.fullmatch(day):
            return False
        return (self.since is None or self.since.isoformat() <= day) and (
            self.until is None or day <= self.until.isoformat()
        )


@dataclass(frozen=True, slots=True)
class ExportQuery:
    """One page of what is wanted. Raises ``ValueError`` for a page or limit out of range."""

    wanted: Wanted
    page: int = 1
    limit: int = ROWS_ON_A_PAGE
    """Rows on a page, 1 to 100,000; 0 and negative ones would mean all (recorded)."""

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_LIMIT or self.page < 1:
            raise ValueError("limit or page out of range")

    def body(self) -> bytes:
        """The JSON body for ``/attributes/restSearch``."""
        return msgspec.json.encode(
            {
                "returnFormat": "json",
                **self.wanted.asked(),
                "limit": self.limit,
                "page": self.page,
                "order": "Attribute.id ASC",  # pages have no order of their own (trap 12)
                "includeContext": True,
            }
        )

    def admits(self, attribute: Attribute) -> bool:
        """Whether a returned attribute was asked for."""
        return self.wanted.admits(attribute)


class Searcher(Protocol):
    """What asks a MISP; ``MispClient`` is one."""

    async def search(self, query: Query) -> tuple[Attribute, ...]:
        """One page; raises ``MispFailure``."""
        ...


@dataclass(frozen=True, slots=True)
class ExportPage:
    """One page: what was asked for, and how many rows came that were not."""

    attributes: tuple[Attribute, ...]
    left_out: int


async def export_pages(
    searcher: Searcher,
    wanted: Wanted,
    *,
    limit: int = ROWS_ON_A_PAGE,
    sleep: Sleep = asyncio.sleep,
) -> AsyncIterator[ExportPage]:
    """Everything wanted, oldest attribute first, one page in memory at a time.

    What is added meanwhile comes at the end. Raises ``MispFailure`` when a page cannot be had,
    and ``FilterIgnored`` rather than reading a whole MISP for nothing.
    """
    query = ExportQuery(wanted, limit=limit)
    while True:
        rows = await _patiently(searcher, query, sleep)
        admitted = tuple(filter(query.admits, rows))
        if len(rows) >= limit and not admitted:
            raise FilterIgnored
        yield ExportPage(admitted, len(rows) - len(admitted))
        if len(rows) < limit:  # the counting header is wrong (trap 5)
            return
        query = replace(query, page=query.page + 1)


async def _patiently(searcher: Searcher, query: ExportQuery, sleep: Sleep) -> tuple[Attribute, ...]:
    for tried in range(1, TRIES):
        try:
            return await searcher.search(query)
        except MispFailure as failed:
            if failed.permanent:
                raise
            pause_s = failed.retry_after_s or FIRST_PAUSE_S * 2 ** (tried - 1)
        await sleep(min(pause_s, LONGEST_PAUSE_S))
    return await searcher.search(query)


def _check(entries: tuple[str, ...]) -> None:
    if len(entries) > MAX_VALUES:
        raise ValueError(f"at most {MAX_VALUES} entries")
    for entry in entries:
        reason = unsafe(entry)
        if reason is not None:
            raise UnsafeValue(reason)


def _meets(asked: tuple[str, ...], held: tuple[str, ...]) -> bool:
    """Whether one of ``held`` is asked for, compared as MISP compares (trap 3)."""
    return not asked or not {folded(one) for one in asked}.isdisjoint(map(folded, held))


def _tags_of(attribute: Attribute) -> tuple[str, ...]:
    of_event = attribute.event.tags if attribute.event else ()
    return tuple(tag.name for tag in (*attribute.tags, *of_event))
