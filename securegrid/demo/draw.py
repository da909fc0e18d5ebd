"""Deterministic draws: the same path always gives the same choices, on every Python version."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """An endless stream of choices that depends on nothing but ``path``.

    The standard library's ``random`` promises the same stream only for ``random()``
    itself, so the demo's data would change with a Python version.
    """

    def __init__(self, *path: object) -> None:
        self._seed = "/".join(str(part) for part in path).encode()
        self._count = 0

    def below(self, end: int) -> int:
        """A number from 0 to ``end`` - 1."""
        self._count += 1
        counted = self._seed + b"#" + str(self._count).encode()
        return int.from_bytes(blake2b(counted, digest_size=8).digest()) % end

    def between(self, first: int, last: int) -> int:
        """A number from ``first`` to ``last``, both included."""
        return first + self.below(last - first + 1)

    def chance(self, percent: int) -> bool:
        """True in ``percent`` of a hundred draws."""
        return self.below(100) < percent

    def pick(self, items: Sequence[T]) -> T:
        """One of ``items``."""
        return items[self.below(len(items))]

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """``count`` different ones of ``items``, in drawn order."""
        left = list(items)
        return [left.pop(self.below(len(left))) for _ in range(count)]

    def hexadecimal(self, digits: int) -> str:
        """A text of ``digits`` hexadecimal digits, such as a composed hash."""
        return "".join(f"{self.below(16):x}" for _ in range(digits))
