"""Where a log comes from: a file, perhaps compressed, or standard input."""

import os
import stat
import sys
from pathlib import Path
from typing import IO, Final, Self

import msgspec

from securegrid.ingest.inputs.unpacking import GZIP, ZSTD, DamagedError, unpacked

STDIN: Final = "-"
HEAD: Final = 1 << 16
"""Bytes of the beginning, after decompression, by which a file is known and its format told."""

_MAGIC: Final = 4


class Source(msgspec.Struct, frozen=True):
    """A path, or ``-`` for standard input."""

    path: str

    @property
    def size(self) -> int | None:
        """Bytes as they lie on disk, compressed or not; None for what has no size beforehand."""
        if self.path == STDIN or not Path(self.path).is_file():
            return None
        return Path(self.path).stat().st_size

    def open(self) -> "Stream":
        """Its content; OSError as opening a file raises it."""
        return Stream(sys.stdin.buffer if self.path == STDIN else Path(self.path).open("rb"))


class Stream:
    """The decompressed bytes of a source, read once from the beginning to the end."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        first = raw.read(_MAGIC)
        regular = stat.S_ISREG(os.fstat(raw.fileno()).st_mode)
        self.compressed = first.startswith((GZIP, ZSTD))
        self.can_grow = regular and not self.compressed
        """Whether a program may still be writing to it."""
        self.can_open_again = regular
        """Whether opening the source again gives the same content."""
        self._pieces = unpacked(first, raw)
        self._waiting = bytearray()
        self._damaged = False
        self._fill(HEAD)
        self.head = bytes(self._waiting[:HEAD])

    def read(self, size: int) -> bytes:
        """The next bytes, ``size`` of them unless the content ends; empty at its end.

        Raises DamagedError, once everything before the damage was given, and OSError.
        """
        self._fill(size)
        if not self._waiting and self._damaged:
            raise DamagedError
        given = bytes(self._waiting[:size])
        del self._waiting[:size]
        return given

    def skip(self, size: int) -> None:
        """Pass over the next bytes; a plain file's are not read."""
        ahead = min(size, len(self._waiting))
        del self._waiting[:ahead]
        if self.can_grow and (left := size - ahead):
            self._raw.seek(left, os.SEEK_CUR)
            return
        while ahead < size and (passed := self.read(min(size - ahead, HEAD))):
            ahead += len(passed)

    def consumed(self) -> int:
        """Bytes read from the file as it lies on disk; 0 where that is unknown."""
        return self._raw.tell() if self.can_open_again else 0

    def _fill(self, size: int) -> None:
        try:
            while len(self._waiting) < size:
                self._waiting += next(self._pieces)
        except StopIteration:
            return
        except DamagedError:
            self._damaged = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._raw is not sys.stdin.buffer:
            self._raw.close()
