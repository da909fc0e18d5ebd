"""Reads lists of networks and of autonomous systems, and those that come with MISP."""

import json
import re
from collections.abc import Iterable, Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Final

import msgspec
import pymispwarninglists

from securegrid.ingest.networks.ranges import Network

_AS: Final = re.compile(r"(?:AS)?([0-9]{1,10})", re.IGNORECASE)
_SHIPPED: Final = Path(pymispwarninglists.__file__).parent / "data" / "misp-warninglists" / "lists"


class BadListError(Exception):
    """A list has a line that is neither entry nor comment; ``line`` counts from 1."""

    def __init__(self, name: str, line: int, text: str) -> None:
        super().__init__(f"{name}:{line}: {text[:80]!r}")
        self.name = name
        self.line = line
        self.text = text[:80]


class ListEntry(msgspec.Struct, frozen=True):
    """A list that MISP ships, and what it says of addresses in it."""

    list: str
    kind: str
    provider: str = ""


class _Table(msgspec.Struct, frozen=True):
    network: list[ListEntry]
    provider: dict[str, str]


def networks_in(path: Path) -> list[Network]:
    """The networks of a plain list: one CIDR or address a line, comments behind ``#`` or ``;``.

    Raises BadListError, OSError, UnicodeDecodeError.
    """
    return [_network(path.name, number, text) for number, text in _entries(path)]


def systems_in(path: Path) -> frozenset[int]:
    """The numbers of a list of autonomous systems: ``AS64500`` or ``64500`` a line, comments
    behind ``#`` or ``;``. Raises as ``networks_in`` does."""
    return frozenset(_system(path.name, number, text) for number, text in _entries(path))


def shipped_table() -> tuple[list[ListEntry], dict[int, str]]:
    """Which lists of MISP's say what, most telling first; and web addresses of providers by
    the number of their autonomous system (``shipped.toml``)."""
    table = msgspec.toml.decode(Path(__file__).with_name("shipped.toml").read_bytes(), type=_Table)
    return table.network, {int(number): url for number, url in table.provider.items()}


def warning_list(name: str) -> Iterator[Network]:
    """The networks of one of the lists that come with MISP."""
    written = json.loads((_SHIPPED / name / "list.json").read_bytes())
    return _readable(written["list"])


def _readable(written: Iterable[str]) -> Iterator[Network]:
    for text in written:
        try:
            yield ip_network(text, strict=False)
        except ValueError:
            continue  # the makers' slip, which no user can mend


def _entries(path: Path) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if text := re.split("[#;]", line, maxsplit=1)[0].strip():
            yield number, text


def _network(name: str, number: int, text: str) -> Network:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        raise BadListError(name, number, text) from None


def _system(name: str, number: int, text: str) -> int:
    if found := _AS.fullmatch(text):
        return int(found[1])
    raise BadListError(name, number, text)
