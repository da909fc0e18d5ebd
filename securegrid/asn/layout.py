"""The file of an atlas: sorted starts of ranges, and for each the origin that holds from there.

Little-endian, each part aligned to 8 bytes: header, starts of the IPv6 ranges (the first 64
bits), starts of the IPv4 ranges, their origins' numbers (IPv6, then IPv4), the origins (AS
number, country, place of the name), the names. Origin 0 means "nobody".
"""

import struct
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from securegrid.asn.model import Origin

MAGIC = b"SGATLAS1"
_HEADER = struct.Struct("<8s6I")
_ORIGIN = struct.Struct("<I2sHI")
"""AS number, country, length of the name in bytes, place of the name."""
_ALIGNED = 8


class NotAnAtlas(ValueError):  # noqa: N818 - what was opened, not what went wrong
    """A file that is no atlas, or not a whole one."""


Ranges = Iterable[tuple[int, int, Origin]]
"""First and last number, both included, sorted and apart; IPv6 numbers are the first 64 bits."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Views into the bytes of an atlas; nothing is copied."""

    dated: date
    starts_v6: "memoryview[int]"
    starts_v4: "memoryview[int]"
    origins_v6: "memoryview[int]"
    origins_v4: "memoryview[int]"
    origins: memoryview
    names: memoryview

    def v4(self, address: int) -> int:
        """The number of the origin of an IPv4 address; 0: none."""
        return self.origins_v4[bisect_right(self.starts_v4, address) - 1]

    def v6(self, upper: int) -> int:
        """The same for the first 64 bits of an IPv6 address."""
        return self.origins_v6[bisect_right(self.starts_v6, upper) - 1]

    def origin(self, number: int) -> Origin:
        """The origin of this number, 1 or more."""
        asn, country, length, at = _ORIGIN.unpack_from(self.origins, number * _ORIGIN.size)
        name = str(self.names[at : at + length], "utf-8")
        return Origin(asn, name, country.decode().strip("\0"))


def parts_of(content: memoryview, byteorder: str = sys.byteorder) -> Parts:
    """The parts of an atlas, on a machine of this byte order. Raises NotAnAtlas."""
    if len(content) < _HEADER.size or content[: len(MAGIC)] != MAGIC:
        raise NotAnAtlas("not an atlas")
    _, day, count_v6, count_v4, origins, names, _ = _HEADER.unpack_from(content)
    sizes = (8 * count_v6, 4 * count_v4, 4 * count_v6, 4 * count_v4, origins * _ORIGIN.size, names)
    views, at = [], _aligned(_HEADER.size)
    for size in sizes:
        views.append(content[at : at + size])
        at = _aligned(at + size)
    if not (count_v4 and count_v6 and origins) or len(views[-1]) != names:
        raise NotAnAtlas("not a whole atlas")
    return Parts(
        date(day // 10_000, day // 100 % 100, day % 100),
        _numbers(views[0], "Q", byteorder),
        *(_numbers(view, "I", byteorder) for view in views[1:4]),
        *views[4:],
    )


def _numbers(view: memoryview, code: Literal["I", "Q"], byteorder: str) -> "memoryview[int]":
    """The numbers in ``view``; a machine of the other byte order has to copy and turn them."""
    if byteorder == "little":
        return view.cast(code)
    turned = array(code, bytes(view))
    turned.byteswap()
    return memoryview(turned)


def written(dated: date, v4: Ranges, v6: Ranges) -> bytes:
    """The bytes of an atlas."""
    book = _Book()
    starts_v4, origins_v4 = book.enter(v4, bits=32)
    starts_v6, origins_v6 = book.enter(v6, bits=64)
    origins = bytes(_ORIGIN.size) + b"".join(map(book.packed, book.numbers))  # fills the names
    counts = (len(starts_v6), len(starts_v4), len(book.numbers) + 1, len(book.names))
    day = dated.year * 10_000 + dated.month * 100 + dated.day
    parts = (
        _HEADER.pack(MAGIC, day, *counts, 0),
        struct.pack(f"<{len(starts_v6)}Q", *starts_v6),
        struct.pack(f"<{len(starts_v4)}I", *starts_v4),
        struct.pack(f"<{len(origins_v6)}I", *origins_v6),
        struct.pack(f"<{len(origins_v4)}I", *origins_v4),
        origins,
        bytes(book.names),
    )
    return b"".join(part + bytes(_aligned(len(part)) - len(part)) for part in parts)


class _Book:
    """Numbers the origins, and keeps each name once."""

    def __init__(self) -> None:
        self.numbers: dict[Origin, int] = {}
        self.names = bytearray()
        self._places: dict[bytes, int] = {}

    def enter(self, ranges: Ranges, *, bits: int) -> tuple[Sequence[int], Sequence[int]]:
        """Starts and origins, beginning at 0; neighbours of one origin become one range."""
        starts, origins, after = [0], [0], 0
        for first, last, origin in ranges:
            number = self.numbers.setdefault(origin, len(self.numbers) + 1)
            if first > after and origins[-1]:
                _go_on(starts, origins, after, 0)
            if number != origins[-1]:
                _go_on(starts, origins, first, number)
            after = last + 1
        if after < 1 << bits:
            _go_on(starts, origins, after, 0)
        return starts, origins

    def packed(self, origin: Origin) -> bytes:
        """One origin as it stands in the file."""
        name = origin.name.encode()
        if name not in self._places:
            self._places[name] = len(self.names)
            self.names += name
        country = origin.country.encode()
        return _ORIGIN.pack(origin.asn, country, len(name), self._places[name])


def _go_on(starts: list[int], origins: list[int], start: int, number: int) -> None:
    if start == starts[-1]:
        origins[-1] = number
    else:
        starts.append(start)
        origins.append(number)


def _aligned(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED
