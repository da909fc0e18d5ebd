"""How fingerprints and UUIDs travel to and from PostgreSQL: 16 bytes each, never as text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from struct import pack
from typing import Any

from psycopg import Connection
from psycopg.abc import Buffer
from psycopg.adapt import Dumper, Loader
from psycopg.pq import Format

from securegrid.index.port import Row
from securegrid.values.fingerprints import FINGERPRINT_BYTES, Mark

_UUID = 2950
_UUID_ARRAY = 2951
_SIZE = pack("!i", FINGERPRINT_BYTES)

COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + pack("!ii", 0, 0)
COPY_END = pack("!h", -1)
_ROW_BEGIN = pack("!h", 4) + _SIZE
"""Four columns, the first of 16 bytes: alike in all rows, so that sorting encoded rows sorts
them by their fingerprint."""

Tails = Mapping[Mark, bytes]


@dataclass(frozen=True, slots=True)
class Uuids:
    """16 bytes each; a parameter of type ``uuid[]``."""

    items: Sequence[bytes]


class _UuidsDumper(Dumper):
    format = Format.BINARY
    oid = _UUID_ARRAY

    def dump(self, obj: Uuids) -> Buffer:
        if not obj.items:
            return pack("!iiI", 0, 0, _UUID)
        return pack("!iiIii", 1, 0, _UUID, len(obj.items), 1) + _SIZE + _SIZE.join(obj.items)


class _UuidLoader(Loader):
    format = Format.BINARY

    def load(self, data: Buffer) -> bytes:
        return bytes(data)


def prepare(connection: Connection[Any]) -> None:
    """Let ``connection`` take ``Uuids`` and give the UUIDs of binary cursors as bytes."""
    connection.adapters.register_dumper(Uuids, _UuidsDumper)
    connection.adapters.register_loader("uuid", _UuidLoader)


def tails(version: int) -> Tails:
    """The columns behind the two UUIDs, which are the same for many rows of one event."""
    return {mark: pack("!iqih", 8, version, 2, mark) for mark in Mark}


def encoded(rows: Iterable[tuple[Row, Tails]]) -> bytes:
    """Rows sorted by fingerprint, as binary COPY takes them (PostgreSQL manual, COPY)."""
    lines = [
        _ROW_BEGIN + row.fingerprint + _SIZE + row.attribute + tails[row.mark]
        for row, tails in rows
    ]
    lines.sort()
    return b"".join([COPY_HEADER, *lines, COPY_END])
