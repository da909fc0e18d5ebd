"""The one file of the index: a head in JSON, then three sorted arrays that are mapped, not read.

    magic, length of the head (8 bytes), head, padding to 8
    names     64-bit numbers: 52 bits of a keyed hash of the entry, 12 bits of its list
    v4, v6    the ends of ranges that hold networks: where, and which set of lists from there on

A look-up is one binary search. A hash instead of the entry makes an entry 8 bytes long; that two
of 2.4 million entries meet a value by chance happens once in two billion look-ups, and the key,
drawn at each building, keeps anybody from searching for such a value.
"""

import sys
from typing import Final

import msgspec

MAGIC: Final = b"SGWLIST1"
LIST_BITS: Final = 12
MAX_LISTS: Final = 1 << LIST_BITS
WIDE: Final = 24
"""Bytes of a range of IPv6: 16 of its first address, 8 of its set."""


class ListHead(msgspec.Struct, frozen=True):
    """One list."""

    folder: str
    """Its name among the lists, as profiles name it."""
    name: str
    """As people read it."""
    kind: str
    """cidr, hostname, string, substring or regex."""
    types: tuple[str, ...]
    """The MISP types for which it counts; empty for all."""
    entries: int
    few: tuple[str, ...] = ()
    """Substrings and expressions, which no array can hold."""


class Head(msgspec.Struct, frozen=True):
    """What the file holds, and of what."""

    source: str
    """Names and sizes of the files it was built of; another source needs another index."""
    order: str
    """Byte order of the arrays."""
    key: str
    """Of the hashes, hexadecimal."""
    lists: tuple[ListHead, ...]
    sets: tuple[tuple[int, ...], ...]
    """Sets of lists that networks lie on; the first is empty."""
    names: int
    """Numbers in each array."""
    v4: int
    v6: int


ORDER: Final = sys.byteorder


def padded(length: int) -> int:
    """The next multiple of 8."""
    return (length + 7) // 8 * 8
