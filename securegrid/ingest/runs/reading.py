"""Reads files into a run's state: each from where it stopped, piece by piece."""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from securegrid.ingest.inputs.blocks import (
    OtherContentError,
    Piece,
    TooLargeError,
    open_blocks,
    whole,
)
from securegrid.ingest.inputs.known import beginning_of
from securegrid.ingest.inputs.source import Source, Stream
from securegrid.ingest.inputs.unpacking import DamagedError
from securegrid.ingest.model import Bad, BadLine, Block, Reader
from securegrid.ingest.readers.format import Format, ReadOptions, UnknownFormatError
from securegrid.ingest.runs.crew import Crew
from securegrid.ingest.runs.ledger import Known, Ledger
from securegrid.ingest.runs.reports import FileReport, FileState
from securegrid.ingest.runs.tally import Tally
from securegrid.ingest.runs.work import TASK_BYTES, do

Ending: TypeAlias = tuple[FileState, str]
"""How the reading of a file ended, and the detail of its report."""


class Reading:
    """One reading of several files."""

    def __init__(
        self,
        ledger: Ledger,
        format_: Format[Any],
        options: ReadOptions,
        crew: Crew[Piece],
        tally: Tally,
        stop: Callable[[], bool],
    ) -> None:
        self._ledger = ledger
        self._format = format_
        self._options = options
        self._crew = crew
        self._tally = tally
        self._stop = stop

    def file(self, source: Source) -> FileReport:
        """Read one file from where it stopped, as far as it is there and not told to stop."""
        self._tally.begin(source)
        return self._tally.end(*self._ending(source))

    def _ending(self, source: Source) -> Ending:
        try:
            return self._read(source)
        except FileNotFoundError:
            return FileState.NO_FILE, ""
        except OSError as error:
            return FileState.NOT_READABLE, error.strerror or ""
        except UnknownFormatError as error:
            return FileState.UNKNOWN_FORMAT, error.wanted
        except TooLargeError:
            return FileState.TOO_LARGE, ""
        except DamagedError:
            return FileState.DAMAGED, ""

    def _read(self, source: Source) -> Ending:
        """Try each file that began as this one does; none of them: it is a new one."""
        passed: set[int] = set()
        while True:
            with source.open() as stream:
                if not stream.head:
                    stream.read(1)  # raises when that is so because it is damaged
                    return FileState.EMPTY, ""
                try:
                    return self._stream(source, stream, passed)
                except OtherContentError as error:
                    if error.shorter:
                        return FileState.NOTHING_NEW, ""
                    if not stream.can_open_again:
                        return FileState.CHANGED, ""

    def _stream(self, source: Source, stream: Stream, passed: set[int]) -> Ending:
        reader = self._format.make_reader(stream.head, self._options)
        if not self._format.by_line:
            return self._whole(source, reader, whole(stream, self._options.encoding))
        return self._lines(source, stream, reader, passed)

    def _lines(self, source: Source, stream: Stream, reader: Reader, passed: set[int]) -> Ending:
        beginning = beginning_of(stream.head)
        known = next((k for k in self._ledger.known(stream.head) if k.id not in passed), None)
        file = known or self._ledger.begin(source.path, beginning)
        passed.add(file.id)
        pieces = open_blocks(stream, file.position, self._options.encoding)
        self._ledger.go_on(file.id, source.path, beginning)
        try:
            ended = self._pieces(file, stream, reader, pieces)
        except DamagedError:
            place = Bad(file.position.lines + self._tally.file_lines + 1, BadLine.DAMAGED, "")
            self._ledger.write_unfinished(file.id, [place])
            raise
        nothing = known is not None and not self._tally.file_lines
        return FileState.NOTHING_NEW if ended is FileState.READ and nothing else ended, ""

    def _pieces(
        self, file: Known, stream: Stream, reader: Reader, pieces: Iterator[Piece]
    ) -> FileState:
        if self._stop():
            return FileState.INTERRUPTED
        for result, last in self._crew.read(reader, _tasks(pieces)):
            self._tally.add(result, stream.consumed())
            if result.bad and not last.finished and stream.can_grow:
                self._ledger.write_unfinished(file.id, result.bad)
            else:
                self._ledger.write(file.id, result, last.end)
            if self._stop():
                return FileState.INTERRUPTED
        return FileState.READ

    def _whole(self, source: Source, reader: Reader, piece: Piece) -> Ending:
        """A format without lines: the file is read again as soon as anything in it is another."""
        data = piece.block.data
        beginning = beginning_of(data)
        if any(known.position == piece.end for known in self._ledger.known(data)):
            return FileState.NOTHING_NEW, ""
        if self._stop():
            return FileState.INTERRUPTED, ""
        result = do(reader, [piece.block])
        self._tally.add(result, len(data))
        self._ledger.write(self._ledger.begin(source.path, beginning).id, result, piece.end)
        return FileState.READ, ""


def _tasks(pieces: Iterator[Piece]) -> Iterator[tuple[list[Block], Piece]]:
    """Blocks in tasks of about TASK_BYTES, with the piece that ends each; what has no end yet is
    a task of its own."""
    blocks: list[Block] = []
    size = 0
    last: Piece | None = None
    for piece in pieces:
        if last is not None and (size >= TASK_BYTES or not piece.finished):
            yield blocks, last
            blocks, size = [], 0
        blocks.append(piece.block)
        size += len(piece.block.data)
        last = piece
    if last is not None:
        yield blocks, last
