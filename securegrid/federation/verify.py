"""Nothing that a MISP returns is believed: each attribute is checked against what was asked."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence

from securegrid.federation.outcomes import Found
from securegrid.misp.query import Query
from securegrid.misp.records import Attribute
from securegrid.values.match import keys
from securegrid.values.model import Value
from securegrid.values.relations import related


class Sieve(ABC):
    """What is left of the rows of one chunk or batch, over all its pages.

    A row is dropped, and counted, when it is deleted, left out by the owner, or answers nothing
    that was asked: MISP compares without case, accents and width (trap 3), returns everything
    when it misunderstands a filter, and ignores parameters it does not know (trap 1).
    The same attribute on two pages counts once: pages shift while rows are added (trap 12).
    """

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self.found: list[Found] = []
        self.dropped = 0

    def take(self, query: Query, rows: Iterable[Attribute]) -> int:
        """Sieve one page; gives the number of attributes that were not on an earlier one."""
        before = len(self._seen)
        for attribute in rows:
            identity = attribute.uuid.lower() or f"id {attribute.id}"
            if identity not in self._seen:
                self._seen.add(identity)
                matches = self._matches(identity, attribute) if query.admits(attribute) else []
                self.found.extend(matches)
                self.dropped += not matches
        return len(self._seen) - before

    @abstractmethod
    def _matches(self, identity: str, attribute: Attribute) -> Sequence[Found]:
        """What it answers; ``identity`` is its UUID in lower case, if it has one."""


class ByValue(Sieve):
    """Of rows asked for by value: the attribute, or half of it, has to be one of these."""

    def __init__(self, asked: Mapping[str, tuple[int, ...]]) -> None:
        super().__init__()
        self._asked = asked

    def _matches(self, identity: str, attribute: Attribute) -> Sequence[Found]:
        matches: dict[int, Found] = {}
        for text, relation in keys(attribute.type, attribute.value):
            for position in self._asked.get(text, ()):
                matches.setdefault(position, Found(position, relation, attribute))
        return list(matches.values())


class ByUuid(Sieve):
    """Of rows asked for by UUID: each has to answer still one of the values for which the index
    named it, as it may have changed since the last sync. Only these values count, so that nothing
    is told that the index did not hold."""

    def __init__(
        self, asked: Mapping[str, tuple[tuple[int, Value], ...]], *, related: bool
    ) -> None:
        super().__init__()
        self._asked = asked
        self._related = related

    def _matches(self, identity: str, attribute: Attribute) -> Sequence[Found]:
        matches = []
        for position, value in self._asked.get(identity, ()):
            known = related(value, attribute.type, attribute.value, related=self._related)
            if known is not None:
                matches.append(Found(position, known, attribute))
        return matches
