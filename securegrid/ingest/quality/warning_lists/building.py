"""Building the index out of the lists' JSON files, one file at a time."""

import hashlib
import importlib.util
import ipaddress
import secrets
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

import msgspec

from securegrid.ingest.quality.warning_lists.layout import (
    LIST_BITS,
    MAGIC,
    MAX_LISTS,
    ORDER,
    WIDE,
    Head,
    ListHead,
    padded,
)
from securegrid.ingest.quality.warning_lists.ranges import Sweep

PACKAGE: Final = "pymispwarninglists"
_BUCKETS: Final = 64
"""Sorting needs room for the numbers of one of them as Python's own."""
_HOST, _WHOLE = b"h", b"s"


class ListsUnusable(Exception):  # noqa: N818 - it says what is the matter
    """The warning lists cannot be read, or their index cannot be written; the text says why."""


class _List(msgspec.Struct, frozen=True):
    name: str
    type: str
    list: list[str]
    matching_attributes: tuple[str, ...] = ()


def lists_folder() -> Path:
    """Where the installed package keeps its lists; found without importing it. Raises
    ListsUnusable."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ListsUnusable(f"{PACKAGE} is not installed")
    return Path(spec.submodule_search_locations[0]) / "data" / "misp-warninglists" / "lists"


def files_in(folder: Path) -> list[Path]:
    """The files of the lists in ``folder``. Raises ListsUnusable."""
    files = sorted(folder.glob("*/list.json"))
    if not files:
        raise ListsUnusable(f"{folder}: no lists")
    return files


def source_of(files: Sequence[Path]) -> str:
    """What tells one state of the lists from another: their names and sizes."""
    told = hashlib.blake2b(digest_size=16)
    for path in files:
        told.update(f"{path.parent.name} {path.stat().st_size}\n".encode())
    return told.hexdigest()


def name_key(kind: bytes, text: str, key: bytes) -> int:
    """The number under which an entry is found, without its list; ``text`` is lower case."""
    told = hashlib.blake2b(kind + text.encode("utf-8", "replace"), digest_size=8, key=key)
    return int.from_bytes(told.digest(), "big") >> LIST_BITS << LIST_BITS


def whole_key(text: str, key: bytes) -> int:
    """Of an entry that equals a value."""
    return name_key(_WHOLE, text, key)


def host_key(name: str, key: bytes) -> int:
    """Of an entry that holds a host and every name under it."""
    return name_key(_HOST, name, key)


def build(files: Sequence[Path], target: Path) -> None:
    """Write the index of some lists: whole or not at all. Raises ListsUnusable."""
    building = _Building(secrets.token_bytes(16))
    for path in files:
        building.add(path.parent.name, _read(path))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as opened:
            try:
                building.write(opened, source_of(files))
                opened.flush()
                Path(opened.name).replace(target)
            except BaseException:
                Path(opened.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise ListsUnusable(f"{target}: {error.strerror}") from error


def _read(path: Path) -> _List:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_List)
    except OSError as error:
        raise ListsUnusable(f"{path}: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ListsUnusable(f"{path}: {error}") from error


def _new_buckets() -> "list[array[int]]":
    return [array("Q") for _ in range(_BUCKETS)]


@dataclass(slots=True)
class _Building:
    """What was read so far."""

    key: bytes
    lists: list[ListHead] = field(default_factory=list)
    buckets: "list[array[int]]" = field(default_factory=_new_buckets)
    v4: Sweep = field(default_factory=lambda: Sweep(32))
    v6: Sweep = field(default_factory=lambda: Sweep(128))

    def add(self, folder: str, read: _List) -> None:
        """One more list."""
        number = len(self.lists)
        if number == MAX_LISTS:
            raise ListsUnusable(f"more than {MAX_LISTS} lists")
        few: tuple[str, ...] = ()
        if read.type == "cidr":
            self._add_networks(number, read.list)
        elif read.type in ("substring", "regex"):
            few = tuple(read.list)
        else:
            self._add_names(number, _keys(read, self.key))
        head = ListHead(folder, read.name, read.type, read.matching_attributes, len(read.list), few)
        self.lists.append(head)

    def _add_names(self, number: int, keys: Iterator[int]) -> None:
        for key in keys:
            self.buckets[key >> 58].append(key | number)

    def _add_networks(self, number: int, networks: Iterable[str]) -> None:
        for written in networks:
            try:
                network = ipaddress.ip_network(written.strip(), strict=False)
            except ValueError:
                continue  # a list that holds something else beside its networks
            sweep = self.v4 if network.version == 4 else self.v6
            sweep.add(int(network.network_address), int(network.broadcast_address), number)

    def write(self, file: IO[bytes], source: str) -> None:
        """Head and arrays."""
        sets: dict[tuple[int, ...], int] = {(): 0}
        v4 = array("Q", (start << 16 | at for start, at in self.v4.swept(sets)))
        v6 = b"".join(_wide(start, at) for start, at in self.v6.swept(sets))
        if len(sets) > 1 << 16:
            raise ListsUnusable("too many sets of lists")
        numbers = sum(map(len, self.buckets))
        head = Head(
            source, ORDER, self.key.hex(), tuple(self.lists), tuple(sets), numbers, len(v4),
            len(v6) // WIDE,
        )  # fmt: skip
        _write_head(file, head)
        for at in range(_BUCKETS):
            file.write(array("Q", sorted(self.buckets[at])).tobytes())
            self.buckets[at] = array("Q")
        file.write(v4.tobytes())
        file.write(v6)


def _write_head(file: IO[bytes], head: Head) -> None:
    encoded = msgspec.json.encode(head)
    file.write(MAGIC + len(encoded).to_bytes(8, "big"))
    file.write(encoded.ljust(padded(len(encoded)), b" "))


def _wide(start: int, at: int) -> bytes:
    return start.to_bytes(16, "big") + at.to_bytes(8, "big")


def _keys(read: _List, key: bytes) -> Iterator[int]:
    """Entries with a leading dot mean a host and what is under it, whatever their list says."""
    hosts = read.type == "hostname"
    for entry in read.list:
        text = entry.strip().lower()
        if not text.strip("."):
            continue
        if hosts or text.startswith("."):
            yield host_key(text.strip("."), key)
        else:
            yield whole_key(text, key)
