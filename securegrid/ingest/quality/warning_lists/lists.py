"""All warning lists, those that count in a profile, and the lists that a value is on."""

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from securegrid.ingest.quality.patterns import Patterns
from securegrid.ingest.quality.profile import ListsUsed
from securegrid.ingest.quality.warning_lists.building import (
    ListsUnusable,
    build,
    files_in,
    lists_folder,
    source_of,
)
from securegrid.ingest.quality.warning_lists.index import Index
from securegrid.ingest.quality.warning_lists.layout import ListHead
from securegrid.values.hosts import registered_domain
from securegrid.values.model import Kind
from securegrid.values.urls import url_host

LARGE_BYTES: Final = 15_000_000
"""A list whose file is larger gets an index of its own, built when a profile first uses it."""
_NAME: Final = "warning-lists{}.index"
_EXPRESSION: Final = re.compile(r"/(.*)/([a-z]*)", re.DOTALL)


class WarningLists:
    """All lists that there are; ``chosen`` gives those that count. Safe in several threads."""

    def __init__(self, folder: Path, usual: Index, large: dict[str, Path]) -> None:
        self._folder = folder
        self._usual = usual
        self._large = large

    @staticmethod
    def load(folder: Path | None = None, *, lists: Path | None = None) -> "WarningLists":
        """The index in ``folder`` (default: the user's cache), built first where it is missing
        or of other lists: about a second and 5 MB of disk, once.

        ``lists``: a folder of lists as in github.com/MISP/misp-warninglists (default: those of
        the installed package). Raises ListsUnusable.
        """
        files = files_in(lists or lists_folder())
        large = [path for path in files if path.stat().st_size > LARGE_BYTES]
        kept = folder or default_folder()
        usual = _index(kept / _NAME.format(""), [path for path in files if path not in large])
        return WarningLists(kept, usual, {path.parent.name: path for path in large})

    @staticmethod
    def none() -> "WarningLists":
        """No list at all: nothing is on one."""
        return WarningLists(Path(), Index.empty(), {})

    @property
    def folders(self) -> tuple[str, ...]:
        """The names of all lists."""
        return tuple(sorted([*(head.folder for head in self._usual.lists), *self._large]))

    def chosen(self, used: ListsUsed) -> "Chosen":
        """Those that count in a profile; large ones among them are indexed now, if need be.
        Raises ListsUnusable."""
        wanted, left_out = Patterns(used.used), Patterns(used.left_out)

        def counts(folder: str) -> bool:
            return wanted.mean(folder) and not left_out.mean(folder)

        usual = (at for at, head in enumerate(self._usual.lists) if counts(head.folder))
        large = (self._part(folder) for folder in sorted(self._large) if counts(folder))
        return Chosen([Some(self._usual, frozenset(usual)), *large])

    def _part(self, folder: str) -> "Some":
        path = self._folder / _NAME.format(f"-{folder}")
        return Some(_index(path, [self._large[folder]]), frozenset({0}))


class Some:
    """Some of the lists of one index."""

    def __init__(self, index: Index, numbers: frozenset[int]) -> None:
        self._index = index
        self._numbers = numbers
        self._types: dict[str, frozenset[int]] = {}
        heads = ((number, index.lists[number]) for number in sorted(numbers))
        made = ((number, _expression(head)) for number, head in heads if head.few)
        self._few = tuple((number, each) for number, each in made if each is not None)

    def of_value(self, type_: str, kind: Kind, text: str) -> Iterator[ListHead]:
        """The lists on which a value is."""
        if not (among := self._by_type(type_)):
            return
        if kind in (Kind.IPV4, Kind.IPV6):
            found = set(self._index.with_address(text))
        else:
            found = set(self._of_name(kind, text.lower()))
        found |= {number for number, few in self._few if few.search(text)}
        yield from (self._index.lists[number] for number in sorted(found & among))

    def _of_name(self, kind: Kind, folded: str) -> Iterator[int]:
        yield from self._index.with_text(folded)
        host = folded
        if kind is Kind.URL:
            if folded.partition("://")[2].partition("/")[2]:
                return
            host = url_host(folded)
            yield from self._index.with_text(host)
        if kind in (Kind.URL, Kind.DOMAIN, Kind.HOSTNAME):
            for name in _with_those_above(host):
                yield from self._index.with_host(name)

    def _by_type(self, type_: str) -> frozenset[int]:
        known = self._types.get(type_)
        if known is None:
            lists = self._index.lists
            known = frozenset(
                n for n in self._numbers if not lists[n].types or type_ in lists[n].types
            )
            self._types[type_] = known
        return known


class Chosen:
    """The lists that count in a profile."""

    def __init__(self, parts: list[Some]) -> None:
        self._parts = parts

    def of_value(self, type_: str, kind: Kind, text: str) -> tuple[ListHead, ...]:
        """The lists on which a value of the MISP type ``type_`` is; ``text`` is its canonical
        form, ``kind`` what it is.

        Of a URL that names more than a host, only itself counts: a page on a great site is not
        that site. A name that strangers registered under another (``x.blogspot.com``) is not
        on a list because the other one is.
        """
        return tuple(head for part in self._parts for head in part.of_value(type_, kind, text))


def default_folder() -> Path:
    """Where the index is kept when nobody says where: the user's cache (XDG)."""
    told = os.environ.get("XDG_CACHE_HOME", "")
    try:
        cache = Path(told) if Path(told).is_absolute() else Path.home() / ".cache"
    except RuntimeError:
        cache = Path(tempfile.gettempdir())
    return cache / "securegrid"


def _index(path: Path, files: list[Path]) -> Index:
    """The index of some lists, built first where need be."""
    source = source_of(files)
    if (found := Index.opened(path, source)) is not None:
        return found
    build(files, path)
    if (found := Index.opened(path, source)) is None:
        raise ListsUnusable(f"{path}: cannot be read back")
    return found


def _with_those_above(host: str) -> Iterator[str]:
    """The name, and the names above it down to what somebody registered: who is above that
    lets names out to strangers."""
    yield host
    domain = registered_domain(host)
    while domain and host != domain and "." in host:
        host = host.partition(".")[2]
        yield host


def _expression(head: ListHead) -> re.Pattern[str] | None:
    """All substrings or expressions of a list as one."""
    make = _one_expression if head.kind == "regex" else re.escape
    usable = [f"(?:{each})" for each in map(make, head.few) if each]
    return re.compile("|".join(usable), re.IGNORECASE) if usable else None


def _one_expression(written: str) -> str:
    """An expression as PHP writes it, without its slashes; empty when it is none here."""
    match = _EXPRESSION.fullmatch(written)
    plain = match[1] if match else written
    try:
        re.compile(f"(?:{plain})")
    except re.error:
        return ""
    return plain
