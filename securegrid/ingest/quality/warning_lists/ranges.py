"""Networks of many lists, put together into ranges that do not overlap."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Sweep:
    """Networks of addresses of ``bits`` bits."""

    bits: int
    _edges: list[tuple[int, int, int]] = field(default_factory=list)

    def add(self, first: int, last: int, number: int) -> None:
        """One network, of the list ``number``."""
        self._edges.append((first, 1, number))
        if last + 1 < 1 << self.bits:
            self._edges.append((last + 1, -1, number))

    def swept(self, sets: dict[tuple[int, ...], int]) -> Iterator[tuple[int, int]]:
        """Where a range begins, ascending from 0, and the set of lists that hold it.

        ``sets`` numbers the sets; new ones are added.
        """
        depth: dict[int, int] = {}
        before: tuple[int, ...] | None = None
        at = 0
        self._edges.sort()
        for position, step, number in self._edges:
            if position != at:
                inside = tuple(sorted(depth))
                if inside != before:
                    yield at, sets.setdefault(inside, len(sets))
                at, before = position, inside
            depth[number] = depth.get(number, 0) + step
            if not depth[number]:
                del depth[number]
        yield at, sets.setdefault(tuple(sorted(depth)), len(sets))
