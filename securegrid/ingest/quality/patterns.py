"""Names that may begin or end in ``*``, compared without case."""

from collections.abc import Iterable


class Patterns:
    """Several of them, asked as one."""

    __slots__ = ("_ends", "_inside", "_starts", "_whole")

    def __init__(self, patterns: Iterable[str]) -> None:
        folded = [pattern.casefold() for pattern in patterns]
        open_both = {each for each in folded if each.startswith("*") and each.endswith("*")}
        rest = set(folded) - open_both
        self._inside = tuple(sorted(each.strip("*") for each in open_both))
        self._ends = tuple(sorted(each[1:] for each in rest if each.startswith("*")))
        self._starts = tuple(sorted(each[:-1] for each in rest if each.endswith("*")))
        self._whole = frozenset(each for each in rest if "*" not in (each[:1], each[-1:]))

    def mean(self, name: str) -> bool:
        """Whether ``name`` is one of those meant."""
        folded = name.casefold()
        return (
            folded in self._whole
            or folded.startswith(self._starts)
            or folded.endswith(self._ends)
            or any(each in folded for each in self._inside)
        )
