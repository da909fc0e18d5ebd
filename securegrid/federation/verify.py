"""Nothing that a MISP returns is believed: each attribute is checked against what was asked."""

from collections.abc import Iterable, Mapping
from typing import Final

from securegrid.federation.outcomes import Found
from securegrid.misp.query import Query
from securegrid.misp.records import Attribute
from securegrid.values.match import keys
from securegrid.values.model import Relation, Value
from securegrid.values.relations import related


class Sieve:
    """What is left of the rows of one chunk, over all its pages.

    A row is dropped, and counted, when it is deleted, left out by the owner, or matches no
    asked value: MISP compares without case, accents and width (trap 3), returns everything
    when it misunderstands a filter, and ignores parameters it does not know (trap 1).
    The same attribute on two pages counts once: pages shift while rows are added (trap 12).
    """

    def __init__(self, asked: Mapping[str, tuple[int, ...]]) -> None:
        self._asked = asked
        self._seen: set[str] = set()
        self.found: list[Found] = []
        self.dropped = 0

    def take(self, query: Query, rows: Iterable[Attribute]) -> int:
        """Sieve one page; gives the number of attributes that were not on an earlier one."""
        before = len(self._seen)
        for attribute in rows:
            identity = attribute.uuid.casefold() or f"id {attribute.id}"
            if identity not in self._seen:
                self._seen.add(identity)
                self._take_one(query, attribute)
        return len(self._seen) - before

    def _take_one(self, query: Query, attribute: Attribute) -> None:
        matches = self._matches(attribute) if query.admits(attribute) else []
        self.found.extend(matches)
        self.dropped += not matches

    def _matches(self, attribute: Attribute) -> list[Found]:
        matches: dict[int, Found] = {}
        for text, relation in keys(attribute.type, attribute.value):
            for position in self._asked.get(text, ()):
                matches.setdefault(position, Found(position, relation, attribute))
        return list(matches.values())


EQUALITY: Final = frozenset({Relation.EQUAL, Relation.PART})
"""The relations that every search takes for a hit."""


class Confirmation:
    """What is left of the rows of one batch, fetched by UUID.

    A row is dropped, and counted, unless it was asked for, is offered by its owner, and still
    answers one of the values for which the index named it: it may have changed since the last
    sync. Only these values count, so that nothing is told that the index did not hold.
    """

    def __init__(
        self, asked: Mapping[str, tuple[tuple[int, Value], ...]], *, related: bool
    ) -> None:
        self._asked = asked
        self._shown = frozenset(Relation) if related else EQUALITY
        self._related = related
        self._seen: set[str] = set()
        self.found: list[Found] = []
        self.dropped = 0

    def take(self, query: Query, rows: Iterable[Attribute]) -> int:
        """Sieve the answer; gives the number of different attributes."""
        before = len(self._seen)
        for attribute in rows:
            identity = attribute.uuid.lower()
            if identity not in self._seen:
                self._seen.add(identity)
                matches = self._matches(identity, attribute) if query.admits(attribute) else []
                self.found.extend(matches)
                self.dropped += not matches
        return len(self._seen) - before

    def _matches(self, identity: str, attribute: Attribute) -> list[Found]:
        matches = []
        for position, value in self._asked.get(identity, ()):
            known = related(value, attribute.type, attribute.value, related=self._related)
            if known in self._shown:
                matches.append(Found(position, known, attribute))
        return matches
