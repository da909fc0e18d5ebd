"""Looking a value up on the warning lists, in a file that is mapped into memory."""

import mmap
import os
import re
import tempfile
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import msgspec

from securegrid.ingest.quality.patterns import Patterns
from securegrid.ingest.quality.profile import ListsUsed
from securegrid.ingest.quality.warning_lists.building import (
    ListsUnusable,
    build,
    host_key,
    lists_folder,
    source_of,
    whole_key,
)
from securegrid.ingest.quality.warning_lists.layout import (
    LIST_BITS,
    MAGIC,
    MAX_LISTS,
    ORDER,
    Head,
    ListHead,
    padded,
)
from securegrid.values.addresses import ipv6_number
from securegrid.values.hosts import registered_domain
from securegrid.values.model import Kind
from securegrid.values.urls import url_host

FILE_NAME: Final = "warning-lists.index"
_WIDE: Final = 24
_EXPRESSION: Final = re.compile(r"/(.*)/([a-z]*)", re.DOTALL)


class WarningLists:
    """All lists that there are; ``chosen`` is asked about values. Safe in several threads."""

    def __init__(self, head: Head, content: memoryview) -> None:
        self.heads = head.lists
        self.key = bytes.fromhex(head.key)
        self.sets = head.sets
        v4_at, v6_at = head.names * 8, (head.names + head.v4) * 8
        self.names = content[:v4_at].cast("Q")
        self.v4 = content[v4_at:v6_at].cast("Q")
        self.v6 = content[v6_at : v6_at + head.v6 * _WIDE]

    @staticmethod
    def load(folder: Path | None = None, *, lists: Path | None = None) -> "WarningLists":
        """The index in ``folder`` (default: the user's cache), built first where it is missing
        or of other lists: some seconds and 25 MB of disk, once.

        ``lists``: a folder of lists as in github.com/MISP/misp-warninglists (default: those of
        the installed package). Raises ListsUnusable.
        """
        source = lists or lists_folder()
        path = (folder or default_folder()) / FILE_NAME
        if (found := _opened(path, source_of(source))) is not None:
            return found
        build(source, path)
        if (found := _opened(path, source_of(source))) is None:
            raise ListsUnusable(f"{path}: cannot be read back")
        return found

    @staticmethod
    def none() -> "WarningLists":
        """No list at all: nothing is on one."""
        return WarningLists(Head("", ORDER, "00", (), ((),), 0, 0, 0), memoryview(b""))

    def chosen(self, used: ListsUsed) -> "Chosen":
        """Those that count in a profile."""
        wanted, left_out = Patterns(used.used), Patterns(used.left_out)
        numbers = (
            number
            for number, head in enumerate(self.heads)
            if wanted.mean(head.folder) and not left_out.mean(head.folder)
        )
        return Chosen(self, frozenset(numbers))


@dataclass(frozen=True)
class Chosen:
    """Some of the lists."""

    lists: WarningLists
    numbers: frozenset[int]

    def of_value(self, type_: str, kind: Kind | None, text: str) -> tuple[ListHead, ...]:
        """The lists on which a value of the MISP type ``type_`` is; ``text`` is its canonical
        form, ``kind`` what it is. Of a URL that names more than a host, only itself counts:
        a page on a great site is not that site."""
        if not (among := self._by_type(type_)):
            return ()
        if kind in (Kind.IPV4, Kind.IPV6):
            found = set(self._of_address(text))
        else:
            found = set(self._of_name(kind, text))
        found |= {number for number, few in self._few if few.search(text)}
        return tuple(self.lists.heads[number] for number in sorted(found & among))

    def _of_address(self, text: str) -> tuple[int, ...]:
        return self._range_of(text) if self.numbers else ()

    def _range_of(self, text: str) -> tuple[int, ...]:
        lists = self.lists
        if ":" in text:
            return lists.sets[_set_v6(lists.v6, ipv6_number(text))]
        if not lists.v4:
            return ()
        a, b, c, d = map(int, text.split("."))
        address = a << 24 | b << 16 | c << 8 | d
        at = bisect_right(lists.v4, address << 16 | 0xFFFF) - 1
        return lists.sets[lists.v4[at] & 0xFFFF]

    def _of_name(self, kind: Kind | None, text: str) -> Iterator[int]:
        folded = text.lower()
        yield from self._at(whole_key(folded, self.lists.key))
        host = folded
        if kind is Kind.URL:
            _, _, rest = folded.partition("://")
            if rest.partition("/")[2]:
                return
            host = url_host(folded)
            yield from self._at(whole_key(host, self.lists.key))
        if kind in (Kind.URL, Kind.DOMAIN, Kind.HOSTNAME):
            for name in _with_those_above(host):
                yield from self._at(host_key(name, self.lists.key))

    def _at(self, key: int) -> Iterator[int]:
        names = self.lists.names
        at = bisect_left(names, key)
        while at < len(names) and names[at] >> LIST_BITS == key >> LIST_BITS:
            yield names[at] & (MAX_LISTS - 1)
            at += 1

    def _by_type(self, type_: str) -> frozenset[int]:
        known = self._types.get(type_)
        if known is None:
            heads = self.lists.heads
            known = frozenset(n for n in self.numbers if _counts(heads[n], type_))
            self._types[type_] = known
        return known

    @cached_property
    def _types(self) -> dict[str, frozenset[int]]:
        return {}

    @cached_property
    def _few(self) -> tuple[tuple[int, re.Pattern[str]], ...]:
        """Substrings and expressions, one expression for each list."""
        heads = ((number, self.lists.heads[number]) for number in sorted(self.numbers))
        made = ((number, _expression(head)) for number, head in heads if head.few)
        return tuple((number, each) for number, each in made if each is not None)


def default_folder() -> Path:
    """Where the index is kept when nobody says where: the user's cache (XDG)."""
    told = os.environ.get("XDG_CACHE_HOME", "")
    try:
        cache = Path(told) if Path(told).is_absolute() else Path.home() / ".cache"
    except RuntimeError:
        cache = Path(tempfile.gettempdir())
    return cache / "securegrid"


def _counts(head: ListHead, type_: str) -> bool:
    return not head.types or type_ in head.types


def _with_those_above(host: str) -> Iterator[str]:
    """The name, and the names above it down to what somebody registered: who is above that
    lets names out to strangers."""
    yield host
    domain = registered_domain(host)
    while domain and host != domain and "." in host:
        host = host.partition(".")[2]
        yield host


def _set_v6(ranges: memoryview, address: int) -> int:
    if not ranges:
        return 0
    count = len(ranges) // _WIDE
    at = bisect_right(range(count), address, key=lambda i: _start_v6(ranges, i)) - 1
    return int.from_bytes(ranges[at * _WIDE + 16 : (at + 1) * _WIDE], "big")


def _start_v6(ranges: memoryview, at: int) -> int:
    return int.from_bytes(ranges[at * _WIDE : at * _WIDE + 16], "big")


def _expression(head: ListHead) -> re.Pattern[str] | None:
    parts = [
        _one_expression(each) if head.kind == "regex" else re.escape(each) for each in head.few
    ]
    usable = [f"(?:{each})" for each in parts if each]
    try:
        return re.compile("|".join(usable), re.IGNORECASE) if usable else None
    except re.error:
        return None


def _one_expression(written: str) -> str:
    """An expression as PHP writes it, without its slashes; empty when it is none here."""
    match = _EXPRESSION.fullmatch(written)
    plain = match[1] if match else written
    try:
        re.compile(plain)
    except re.error:
        return ""
    return plain


def _opened(path: Path, source: str) -> WarningLists | None:
    """The index when it is there, whole and of these lists."""
    try:
        with path.open("rb") as opened:
            mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return None
    if mapped[: len(MAGIC)] != MAGIC:
        return None
    begins = len(MAGIC) + 8
    length = int.from_bytes(mapped[len(MAGIC) : begins], "big")
    try:
        head = msgspec.json.decode(mapped[begins : begins + length], type=Head)
    except msgspec.DecodeError:
        return None
    arrays = memoryview(mapped)[begins + padded(length) :]
    expected = (head.names + head.v4) * 8 + head.v6 * _WIDE
    if (head.source, head.order, len(arrays)) != (source, ORDER, expected):
        return None
    return WarningLists(head, arrays)
