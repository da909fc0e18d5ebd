"""Decompresses gzip and zstd piece by piece, so that no file can fill the memory."""

import zlib
from collections.abc import Callable, Iterator
from typing import IO, Final

import zstandard

GZIP: Final = b"\x1f\x8b"
ZSTD: Final = b"\x28\xb5\x2f\xfd"

_PIECE: Final = 1 << 18
# A byte of zstd can stand for 32 kB and its decoder knows no bound; this keeps a piece to 32 MB.
_ZSTD_PIECE: Final = 1 << 10
_GZIP_WRAPPED: Final = 31


class DamagedError(Exception):
    """A compressed file that breaks off, or is no such file behind its first bytes."""


def unpacked(first: bytes, raw: IO[bytes]) -> Iterator[bytes]:
    """The content of ``raw``, of which ``first`` (at least four bytes) was read already.

    What is not compressed comes as it is. Members and frames that follow one another are one
    content (RFC 1952 2.2, RFC 8878 3). Raises DamagedError behind what could be read.
    """
    if first.startswith(GZIP):
        return _gunzipped(_pieces(first, raw, _PIECE))
    if first.startswith(ZSTD):
        return _unzstded(_pieces(first, raw, _ZSTD_PIECE))
    return _pieces(first, raw, _PIECE)


def _pieces(first: bytes, raw: IO[bytes], size: int) -> Iterator[bytes]:
    for at in range(0, len(first), size):
        yield first[at : at + size]
    read: Callable[[int], bytes] = getattr(raw, "read1", raw.read)
    while piece := read(size):
        yield from (piece[at : at + size] for at in range(0, len(piece), size))


def _gunzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    member = zlib.decompressobj(_GZIP_WRAPPED)
    for piece in pieces:
        waiting = piece
        while waiting:
            if member.eof:
                # Tapes and some writers fill the last block with zeros.
                if not (waiting := waiting.lstrip(b"\0")):
                    break
                member = zlib.decompressobj(_GZIP_WRAPPED)
            yield _or_damaged(lambda d=waiting, m=member: m.decompress(d, _PIECE * 4))  # type: ignore[misc]
            waiting = member.unused_data or member.unconsumed_tail
    if not member.eof:
        raise DamagedError


def _unzstded(pieces: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = zstandard.ZstdDecompressor()
    frame = unpacker.decompressobj()
    for piece in pieces:
        waiting = piece
        while waiting:
            if frame.eof:
                frame = unpacker.decompressobj()
            yield _or_damaged(lambda d=waiting, f=frame: f.decompress(d))  # type: ignore[misc]
            waiting = frame.unused_data if frame.eof else b""
    if not frame.eof:
        raise DamagedError


def _or_damaged(step: Callable[[], bytes]) -> bytes:
    try:
        return step()
    except (zlib.error, zstandard.ZstdError) as error:
        raise DamagedError from error
