"""Nothing that a MISP returns is believed: each attribute is checked against what was asked."""

from collections.abc import Iterable, Mapping

from securegrid.federation.outcomes import Found
from securegrid.misp.query import AttributeQuery
from securegrid.misp.records import Attribute
from securegrid.values.match import keys


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

    def take(self, query: AttributeQuery, rows: Iterable[Attribute]) -> int:
        """Sieve one page; gives the number of attributes that were not on an earlier one."""
        before = len(self._seen)
        for attribute in rows:
            identity = attribute.uuid.casefold() or f"id {attribute.id}"
            if identity not in self._seen:
                self._seen.add(identity)
                self._take_one(query, attribute)
        return len(self._seen) - before

    def _take_one(self, query: AttributeQuery, attribute: Attribute) -> None:
        matches = self._matches(attribute) if query.admits(attribute) else []
        self.found.extend(matches)
        self.dropped += not matches

    def _matches(self, attribute: Attribute) -> list[Found]:
        matches: dict[int, Found] = {}
        for text, relation in keys(attribute.type, attribute.value):
            for position in self._asked.get(text, ()):
                matches.setdefault(position, Found(position, relation, attribute))
        return list(matches.values())
