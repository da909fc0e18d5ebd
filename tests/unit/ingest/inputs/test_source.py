"""Plain, gzip, zstd and standard input give the same bytes; damage is told behind what is good."""

import gzip
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from securegrid.ingest.inputs.source import HEAD, Source
from securegrid.ingest.inputs.unpacking import DamagedError, unpacked

CONTENT = b"".join(b"line %d\n" % number for number in range(40_000))
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "gzip of two members": lambda data: gzip.compress(data[:99]) + gzip.compress(data[99:]),
    "gzip with zeros behind": lambda data: gzip.compress(data) + bytes(512),
    "zstd": zstandard.compress,
    "zstd of two frames": lambda d: zstandard.compress(d[:99]) + zstandard.compress(d[99:]),
}


def put(folder: Path, data: bytes) -> Source:
    path = folder / "log"
    path.write_bytes(data)
    return Source(str(path))


@pytest.mark.parametrize("packer", PACKERS)
def test_all_kinds_of_files_give_their_content(tmp_path: Path, packer: str) -> None:
    with put(tmp_path, PACKERS[packer](CONTENT)).open() as stream:
        assert stream.head == CONTENT[:HEAD]
        assert b"".join(iter(lambda: stream.read(10_001), b"")) == CONTENT


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("size", [0, 5, HEAD, len(CONTENT) - 1, len(CONTENT)])
def test_what_is_skipped_is_not_given(tmp_path: Path, packer: str, size: int) -> None:
    with put(tmp_path, PACKERS[packer](CONTENT)).open() as stream:
        stream.skip(size)
        assert stream.read(100) == CONTENT[size : size + 100]


@pytest.mark.parametrize("packer", [name for name in PACKERS if name != "plain"])
def test_a_file_that_breaks_off_gives_what_was_before_and_says_so(
    tmp_path: Path, packer: str
) -> None:
    packed = PACKERS[packer](CONTENT).rstrip(b"\0")
    with put(tmp_path, packed[:-20]).open() as stream, pytest.raises(DamagedError):
        list(iter(lambda: stream.read(10_000), b""))
    with put(tmp_path, packed[:-20]).open() as stream:
        assert CONTENT.startswith(stream.head)
        assert stream.head


def test_what_follows_a_gzip_and_is_none_is_damage() -> None:
    raw = io.BytesIO(gzip.compress(b"good\n") + b"no gzip at all")
    pieces = unpacked(raw.read(4), raw)
    assert next(pieces) == b""  # the first four bytes alone
    with pytest.raises(DamagedError):
        list(pieces)


def test_a_bomb_comes_in_pieces() -> None:
    bomb = io.BytesIO(zstandard.compress(bytes(64 << 20), 19))
    sizes = [len(piece) for piece in unpacked(bomb.read(4), bomb)]
    assert sum(sizes) == 64 << 20
    bomb = io.BytesIO(gzip.compress(bytes(64 << 20)))
    assert max(len(piece) for piece in unpacked(bomb.read(4), bomb)) <= 1 << 20


def test_standard_input_is_read_and_known_as_such() -> None:
    program = (
        "from securegrid.ingest.inputs.source import Source\n"
        "s = Source('-').open()\n"
        "print(len(s.read(10**6)), s.can_grow, s.can_open_again, Source('-').size)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=gzip.compress(CONTENT), capture_output=True
    )
    assert done.stdout.split() == [str(len(CONTENT)).encode(), b"False", b"False", b"None"]
