"""Knows a file again by how it begins, whatever its name is and however far it has grown."""

from collections.abc import Iterable
from hashlib import blake2b

import msgspec


class Beginning(msgspec.Struct, frozen=True):
    """How a file began when it was last read: so many bytes (HEAD at most) and their digest."""

    length: int
    digest: bytes


def beginning_of(head: bytes, length: int | None = None) -> Beginning:
    """Of the first ``length`` bytes of ``head``; all of them by default."""
    cut = head[:length]
    return Beginning(len(cut), blake2b(cut, digest_size=16).digest())


def beginnings_of(head: bytes, lengths: Iterable[int]) -> list[Beginning]:
    """As it was whenever it had one of these lengths; longer ones are left out."""
    return [beginning_of(head, length) for length in lengths if length <= len(head)]
