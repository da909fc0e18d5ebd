"""Blocks are whole lines, and any position leads to the same lines as reading on would."""

from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from securegrid.ingest.inputs import blocks
from securegrid.ingest.inputs.blocks import (
    MAX_LINE,
    OtherContentError,
    Piece,
    Position,
    TooLargeError,
    open_blocks,
    whole,
)
from securegrid.ingest.inputs.source import Source

LINES = b"".join(b"line %d\n" % number for number in range(3_000))


def pieces_of(path: Path, start: Position | None = None, size: int = 1_000) -> list[Piece]:
    with Source(str(path)).open() as stream:
        return list(open_blocks(stream, start or Position(), size=size))


def joined(pieces: list[Piece]) -> bytes:
    return b"".join(piece.block.data for piece in pieces)


@pytest.mark.parametrize("pack", [bytes, zstandard.compress])
def test_reading_goes_on_from_every_position(tmp_path: Path, pack: Callable[..., bytes]) -> None:
    path = tmp_path / "log"
    path.write_bytes(pack(LINES))
    pieces = pieces_of(path)
    assert joined(pieces) == LINES
    for number in range(0, len(pieces), 7):
        rest = pieces_of(path, pieces[number].end)
        assert joined(rest) == joined(pieces[number + 1 :])


def test_lines_are_numbered_over_all_blocks(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(LINES)
    for piece in pieces_of(path):
        assert piece.block.data.startswith(b"line %d\n" % (piece.block.first_line - 1))
        assert piece.block.data.endswith(b"\n")


def test_a_grown_file_gives_what_is_new_alone(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(LINES)
    end = pieces_of(path)[-1].end
    with path.open("ab") as file:
        file.write(b"new\n")
    (new,) = pieces_of(path, end)
    assert (new.block.data, new.block.first_line) == (b"new\n", 3_001)


def test_a_last_line_without_an_end_is_counted_once_when_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"whole\nhal")
    *_, last = pieces_of(path)
    assert (last.block.data, last.finished, last.end.lines) == (b"hal", False, 2)
    path.write_bytes(b"whole\nhalf\nnext\n")
    (rest,) = pieces_of(path, last.end)
    assert (rest.block.data, rest.block.first_line) == (b"next\n", 3)


@pytest.mark.parametrize("behind", [b"", b"\nafter\n", b"\nafter"])
def test_a_line_of_megabytes_comes_alone_and_cut(tmp_path: Path, behind: bytes) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"before\n" + b"x" * (3 * MAX_LINE) + behind)
    before, long, *after = pieces_of(path, size=1 << 19)
    assert before.block.data == b"before\n"
    assert long.block.data == b"x" * (MAX_LINE + 1) + b"\n"
    assert joined(after) == behind[1:]
    assert joined(pieces_of(path, long.end, size=1 << 19)) == behind[1:]


def test_a_line_of_one_megabyte_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x" * MAX_LINE + b"\n")
    assert joined(pieces_of(path, size=1 << 19)) == path.read_bytes()


@pytest.mark.parametrize(
    ("content", "shorter"), [(LINES.replace(b"9", b"8"), False), (LINES[:500], True)]
)
def test_other_content_before_a_position_is_noticed(
    tmp_path: Path, content: bytes, shorter: bool
) -> None:
    path = tmp_path / "log"
    path.write_bytes(LINES)
    end = pieces_of(path)[-1].end
    path.write_bytes(content)
    with pytest.raises(OtherContentError) as raised:
        pieces_of(path, end)
    assert raised.value.shorter is shorter


def test_a_whole_file_is_one_block_unless_it_is_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "table"
    path.write_bytes(LINES)
    with Source(str(path)).open() as stream:
        assert whole(stream).block.data == LINES
    monkeypatch.setattr(blocks, "MAX_WHOLE", len(LINES) - 1)
    with Source(str(path)).open() as stream, pytest.raises(TooLargeError):
        whole(stream)


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=300), size=st.integers(1, 80), data=st.data())
def test_no_byte_is_lost_or_doubled_wherever_it_stops(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, size: int, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("log") / "log"
    path.write_bytes(content)
    pieces = pieces_of(path, size=size)
    assert joined(pieces) == content
    if pieces:
        at = data.draw(st.integers(0, len(pieces) - 1))
        assert joined(pieces[: at + 1]) + joined(pieces_of(path, pieces[at].end)) == content
