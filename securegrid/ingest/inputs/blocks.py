"""Cuts a stream into blocks of whole lines, and says after each where to go on."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

import msgspec

from securegrid.ingest.inputs.source import Stream
from securegrid.ingest.model import Block

MAX_LINE: Final = 1 << 20
"""Bytes of a line that is still read (1 MiB); of a longer one, one byte more is handed on."""
BLOCK: Final = 1 << 19
"""Bytes of a block, more or less: one that is larger than MAX_LINE holds a very long line."""
MAX_WHOLE: Final = 256 << 20
"""Bytes of a file that is read as a whole."""

_TAIL: Final = 4096


class OtherContentError(Exception):
    """What stands before a position is not what was read there. ``shorter``: nothing is, the
    content ends before it."""

    def __init__(self, *, shorter: bool) -> None:
        super().__init__("shorter" if shorter else "other content")
        self.shorter = shorter


class TooLargeError(Exception):
    """A file that has to be read as a whole has more than ``MAX_WHOLE`` bytes."""


class Position(msgspec.Struct, frozen=True):
    """Where reading goes on: bytes after decompression, lines before, and what stands there.

    ``in_line``: the last line had no end yet and was counted all the same; what follows on it
    is passed over.
    """

    offset: int = 0
    lines: int = 0
    tail: bytes = b""
    in_line: bool = False


class Piece(msgspec.Struct, frozen=True):
    """A block, and the position behind it. ``finished``: its last line has an end."""

    block: Block
    end: Position
    finished: bool = True


def open_blocks(
    stream: Stream, start: Position, encoding: str = "utf-8", size: int = BLOCK
) -> Iterator[Piece]:
    """Blocks of whole lines from ``start`` on, about ``size`` bytes each.

    A line of more than MAX_LINE bytes comes alone, cut just behind them. Raises OtherContentError
    before the first block, DamagedError behind what could be read, OSError.
    """
    return _Cutter(stream, start, encoding, size).pieces()


def whole(stream: Stream, encoding: str = "utf-8") -> Piece:
    """The whole content as one block; raises TooLargeError, DamagedError, OSError."""
    data = stream.read(MAX_WHOLE + 1)
    if len(data) > MAX_WHOLE:
        raise TooLargeError
    stream.read(1)  # raises what was wrong behind the last byte
    end = Position(len(data), data.count(b"\n"), _digest(data[-_TAIL:]))
    return Piece(Block(data, 1, encoding), end)


class _Cutter:
    """One walk through a stream."""

    def __init__(self, stream: Stream, start: Position, encoding: str, size: int) -> None:
        self._stream = stream
        self._encoding = encoding
        self._size = size
        self._offset = start.offset
        self._lines = start.lines
        self._last = _go_to(stream, start)
        self._in_line = start.in_line

    def pieces(self) -> Iterator[Piece]:
        carry = self._behind_the_line() if self._in_line else b""
        while data := self._stream.read(self._size):
            data = carry + data
            cut = data.rfind(b"\n") + 1
            if cut:
                yield self._piece(data[:cut])
            carry = data[cut:]
            if len(carry) > MAX_LINE:
                yield self._too_long(carry)
                carry = self._behind_the_line()
        # A damaged file raises above: its last line is not to be trusted.
        if carry:
            yield self._piece(carry, finished=False)

    def _too_long(self, line: bytes) -> Piece:
        """The beginning of a line that is not read; the stream stands within the line."""
        block = Block(line[: MAX_LINE + 1] + b"\n", self._lines + 1, self._encoding)
        self._lines += 1
        self._passed(line)
        return Piece(block, self._end(in_line=True))

    def _behind_the_line(self) -> bytes:
        """Pass over the rest of a line; gives what was read behind its end."""
        while data := self._stream.read(self._size):
            cut = data.find(b"\n") + 1
            if cut:
                self._passed(data[:cut])
                return data[cut:]
            self._passed(data)
        return b""

    def _piece(self, data: bytes, *, finished: bool = True) -> Piece:
        block = Block(data, self._lines + 1, self._encoding)
        self._lines += data.count(b"\n") + (not finished)
        self._passed(data)
        return Piece(block, self._end(in_line=not finished), finished)

    def _passed(self, data: bytes) -> None:
        self._offset += len(data)
        self._last = (self._last + data)[-_TAIL:] if len(data) < _TAIL else data[-_TAIL:]

    def _end(self, *, in_line: bool) -> Position:
        return Position(self._offset, self._lines, _digest(self._last), in_line)


def _go_to(stream: Stream, start: Position) -> bytes:
    """Skip to the position; gives the bytes before it when they are those of then."""
    stream.skip(max(0, start.offset - _TAIL))
    before = stream.read(min(_TAIL, start.offset))
    if start.offset and _digest(before) != start.tail:
        raise OtherContentError(shorter=len(before) < min(_TAIL, start.offset))
    return before


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()
