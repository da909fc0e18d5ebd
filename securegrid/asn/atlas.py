"""Looks up who announces an address, in a file that is mapped into memory, not read."""

import mmap
from collections.abc import Callable
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from socket import AF_INET, AF_INET6, inet_pton

from securegrid.asn.layout import NotAnAtlas, Parts, parts_of
from securegrid.asn.model import Origin

SHIPPED = Path(__file__).with_name("data") / "atlas.bin"
_REMEMBERED = 4_096
"""Origins kept at hand; a log or a result holds few different ones."""
_MAPPED_V4 = b"\0" * 10 + b"\xff\xff"


class Atlas:
    """Who announces which address, as of one day. Thread-safe; may be sent to other processes,
    which then map the same file. Several of them share its pages."""

    def __init__(self, path: Path) -> None:
        """Raises OSError, and NotAnAtlas for a file of another kind."""
        self._path = path
        self._parts = _opened(path)
        self._origin: Callable[[int], Origin] = lru_cache(_REMEMBERED)(self._parts.origin)

    @classmethod
    def load(cls, path: Path | None = None) -> "Atlas":
        """The atlas in ``path``, or the one that is shipped (opened once in a process)."""
        return _shipped() if path is None else cls(path)

    @property
    def dated(self) -> date:
        """The day as of which it tells."""
        return self._parts.dated

    def of(self, address: str) -> Origin | None:
        """Who announces ``address``: an IPv4 or IPv6 address as text.

        ``None`` for what nobody announces, for private, reserved and documentation addresses
        (IANA's special-purpose registries, RFC 6890), and for any text that is no address.
        An IPv4 address inside IPv6 (``::ffff:192.0.2.1``, RFC 4291) is looked up as itself.
        """
        number = self._number(address)
        return self._origin(number) if number else None

    def _number(self, address: str) -> int:
        try:
            if ":" not in address:
                return self._parts.v4(int.from_bytes(inet_pton(AF_INET, address)))
            packed = inet_pton(AF_INET6, address)
        except (OSError, ValueError):
            return 0
        if packed.startswith(_MAPPED_V4):
            return self._parts.v4(int.from_bytes(packed[12:]))
        return self._parts.v6(int.from_bytes(packed[:8]))

    def __reduce__(self) -> tuple[Callable[[Path], "Atlas"], tuple[Path]]:
        return Atlas, (self._path,)


@cache
def _shipped() -> Atlas:
    return Atlas(SHIPPED)


def _opened(path: Path) -> Parts:
    with path.open("rb") as file:
        try:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError as error:  # an empty file cannot be mapped
            raise NotAnAtlas("not an atlas") from error
    return parts_of(memoryview(mapped))
