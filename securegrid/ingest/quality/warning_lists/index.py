"""One index in a file that is mapped into memory: which of its lists a value is on."""

import mmap
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from securegrid.ingest.quality.warning_lists.building import host_key, whole_key
from securegrid.ingest.quality.warning_lists.layout import (
    LIST_BITS,
    MAGIC,
    MAX_LISTS,
    ORDER,
    WIDE,
    Head,
    padded,
)
from securegrid.values.addresses import ipv6_number

EMPTY: Final = Head("", ORDER, "00", (), ((),), 0, 0, 0)


class Index:
    """Some lists, by their numbers in ``lists``. Safe in several threads."""

    def __init__(self, head: Head, arrays: memoryview) -> None:
        self.lists = head.lists
        self._key = bytes.fromhex(head.key)
        self._sets = head.sets
        v4_at, v6_at = head.names * 8, (head.names + head.v4) * 8
        self._names = arrays[:v4_at].cast("Q")
        self._v4 = arrays[v4_at:v6_at].cast("Q")
        self._v6 = arrays[v6_at : v6_at + head.v6 * WIDE]

    @staticmethod
    def opened(path: Path, source: str) -> "Index | None":
        """The index when it is there, whole, and of the lists that ``source`` tells."""
        try:
            with path.open("rb") as opened:
                mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError):
            return None
        head, arrays = _parts(mapped)
        if head is None or (head.source, head.order) != (source, ORDER):
            return None
        whole = len(arrays) == (head.names + head.v4) * 8 + head.v6 * WIDE
        return Index(head, arrays) if whole else None

    @staticmethod
    def empty() -> "Index":
        """Of no list."""
        return Index(EMPTY, memoryview(b""))

    def with_address(self, text: str) -> tuple[int, ...]:
        """The lists with a network that holds an address (canonical text)."""
        if ":" in text:
            return self._sets[self._set_v6(ipv6_number(text))]
        if not self._v4:
            return ()
        a, b, c, d = map(int, text.split("."))
        address = a << 24 | b << 16 | c << 8 | d
        at = bisect_right(self._v4, address << 16 | 0xFFFF) - 1
        return self._sets[self._v4[at] & 0xFFFF]

    def with_text(self, folded: str) -> Iterator[int]:
        """The lists with an entry that equals ``folded`` (lower case)."""
        return self._at(whole_key(folded, self._key))

    def with_host(self, name: str) -> Iterator[int]:
        """The lists with an entry that means the host ``name`` (lower case) and all under it."""
        return self._at(host_key(name, self._key))

    def _at(self, key: int) -> Iterator[int]:
        names = self._names
        at = bisect_left(names, key)
        while at < len(names) and names[at] >> LIST_BITS == key >> LIST_BITS:
            yield names[at] & (MAX_LISTS - 1)
            at += 1

    def _set_v6(self, address: int) -> int:
        ranges = self._v6
        if not ranges:
            return 0
        count = len(ranges) // WIDE
        at = bisect_right(range(count), address, key=lambda i: _start(ranges, i)) - 1
        return int.from_bytes(ranges[at * WIDE + 16 : (at + 1) * WIDE], "big")


def _start(ranges: memoryview, at: int) -> int:
    return int.from_bytes(ranges[at * WIDE : at * WIDE + 16], "big")


def _parts(mapped: mmap.mmap) -> tuple[Head | None, memoryview]:
    nothing = memoryview(b"")
    if mapped[: len(MAGIC)] != MAGIC:
        return None, nothing
    begins = len(MAGIC) + 8
    length = int.from_bytes(mapped[len(MAGIC) : begins], "big")
    try:
        head = msgspec.json.decode(mapped[begins : begins + length], type=Head)
    except msgspec.DecodeError:
        return None, nothing
    return head, memoryview(mapped)[begins + padded(length) :]
