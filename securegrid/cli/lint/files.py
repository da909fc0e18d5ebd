"""Drafts out of a file, to be looked over: MISP's events as JSON, STIX, or a table."""

import sys
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from securegrid.cli.lint.words import LintProblem, Says
from securegrid.cli.problem import Problem
from securegrid.cli.words import Say
from securegrid.ingest.inputs.source import Source
from securegrid.ingest.inputs.unpacking import DamagedError
from securegrid.ingest.model import BadLine, Batch, Block, Content, Drafts, EventDraft, Shape
from securegrid.ingest.quality.misp_events import Held, NotEvents, read_events
from securegrid.ingest.readers.format import ReadOptions, UnknownFormatError
from securegrid.ingest.readers.stix import STIX
from securegrid.ingest.readers.table import TABLE, TableOptions
from securegrid.ingest.shapes.options import ShapeOptions

MAX_MB = 500
_STANDARD_INPUT = "-"
_HEAD = 65_536
_PIECE = 1 << 20
_JSON = (b"{", b"[")


def drafts_of(file: str) -> tuple[Drafts, int]:
    """The events of ``file`` (``-``: standard input; perhaps gzip or zstd), and how many of its
    lines were not understood. Raises ``Problem``."""
    content = _content(file)
    if not content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_JSON):
        return _table(file, content)
    if (stix := _stix(file, content)) is not None:
        return stix
    try:
        return read_events(content), 0
    except NotEvents as wrong:
        raise LintProblem(Says.NOT_EVENTS, file=file, detail=wrong) from None


def _table(file: str, content: bytes) -> tuple[Drafts, int]:
    """As ``securegrid ingest table`` would write it."""
    options = TableOptions(now=int(time.time()))
    try:
        batch = TABLE.make_reader(content[:_HEAD], options).read(Block(content, 1))
    except UnknownFormatError as unknown:
        raise LintProblem(Says.NOT_EVENTS, file=file, detail=unknown.wanted) from None
    if not batch.seen:
        raise LintProblem(Says.NOT_EVENTS, file=file, detail=_why(batch))
    return _held(batch, TABLE.shape(_shaping(file))), len(batch.bad)


def _stix(file: str, content: bytes) -> tuple[Drafts, int] | None:
    """A STIX 2.1 bundle; ``None`` when it is none."""
    try:
        reader = STIX.make_reader(content[:_HEAD], ReadOptions(now=int(time.time())))
    except UnknownFormatError:
        return None
    batch = reader.read(Block(content, 1))
    return _held(batch, STIX.shape(_shaping(file))), len(batch.bad)


def _why(batch: Batch) -> str:
    return batch.bad[0].reason.value if batch.bad else BadLine.NO_VALUE.value


def _shaping(file: str) -> ShapeOptions:
    name = "stdin" if file == _STANDARD_INPUT else Path(file).stem
    return ShapeOptions(alliance="lint", source=name)


def _held(batch: Batch, shape: Shape) -> Held:
    return Held(_events(batch, shape))


def _events(batch: Batch, shape: Shape) -> Iterator[tuple[EventDraft, tuple[Content, ...]]]:
    """The events as the shape makes them of what was counted."""
    seen = sorted(batch.seen.items(), key=lambda one: one[0])
    for event, its in groupby(seen, key=lambda one: one[0][0]):
        items = [(item, counted) for (_, item), counted in its]
        yield shape.head(event), tuple(shape.contents(event, items))


def _content(file: str) -> bytes:
    if file == _STANDARD_INPUT:
        return _limited(iter(lambda: sys.stdin.buffer.read(_PIECE), b""))
    try:
        with Source(file).open() as stream:
            return _limited(iter(lambda: stream.read(_PIECE), b""))
    except FileNotFoundError as error:
        raise Problem(Say.NO_FILE, file=file) from error
    except OSError as error:
        raise Problem(Say.NOT_READABLE, file=file, detail=error.strerror) from error
    except DamagedError as error:
        raise LintProblem(Says.DAMAGED, file=file) from error


def _limited(pieces: Iterator[bytes]) -> bytes:
    content = bytearray()
    for piece in pieces:
        content += piece
        if len(content) > MAX_MB * 1_000_000:
            raise Problem(Say.INPUT_TOO_LARGE, limit=MAX_MB)
    return bytes(content)
