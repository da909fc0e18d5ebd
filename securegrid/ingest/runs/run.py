"""One source's run: reads files, hands out the drafts of events, remembers what was sent."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from os import cpu_count
from pathlib import Path
from typing import IO, Any, Self

from securegrid.ingest.inputs.blocks import Piece
from securegrid.ingest.inputs.source import Source
from securegrid.ingest.model import Shape
from securegrid.ingest.readers.format import Format, ReadOptions
from securegrid.ingest.runs.crew import Crew
from securegrid.ingest.runs.database import lock, open_database, path_of, transaction
from securegrid.ingest.runs.drafts import RunDrafts
from securegrid.ingest.runs.folding import fold
from securegrid.ingest.runs.ledger import Ledger
from securegrid.ingest.runs.reading import Reading
from securegrid.ingest.runs.reports import BadLines, FileState, Progress, ReadReport
from securegrid.ingest.runs.tally import Tally


class OtherFormatError(Exception):
    """The source was read as another format before; ``format`` names that."""

    def __init__(self, format_: str) -> None:
        super().__init__(format_)
        self.format = format_


class Run:
    """The state of one source on disk. Whatever stops a process, the next goes on from there."""

    def __init__(self, database: sqlite3.Connection, held: IO[bytes]) -> None:
        self._database = database
        self._held = held
        self._ledger = Ledger(database)

    @classmethod
    def open(cls, folder: Path, source: str) -> "Run":
        """The run of ``source`` in ``folder``, begun if there is none.

        Raises BusyError while another process (or another Run) has it, OtherVersionError, OSError.
        """
        folder.mkdir(parents=True, exist_ok=True)
        path = path_of(folder, source)
        held = lock(path)
        try:
            return cls(open_database(path), held)
        except BaseException:
            held.close()
            raise

    def read(
        self,
        files: Sequence[str],
        format_: Format[Any],
        options: ReadOptions,
        *,
        workers: int = 0,
        tell: Callable[[Progress], None] = lambda progress: None,
        stop: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> ReadReport:
        """Read what is new in ``files`` (paths, ``-`` for standard input), one after another.

        ``workers``: processes that read, 0 for one per core; 1 reads in this process. ``stop`` is
        asked between pieces. What a file is like never raises: its report says it. Raises
        OtherFormatError, ReaderFault, and sqlite3.Error (a full disk).
        """
        self._be_of(format_.name)
        sources = [Source(path) for path in files]
        tally = Tally(sources, tell, clock)
        with Crew[Piece](workers or cpu_count() or 1) as crew:
            reading = Reading(self._ledger, format_, options, crew, tally, stop)
            reports = [reading.file(source) for source in sources]
            interrupted = any(one.state is FileState.INTERRUPTED for one in reports)
            if not interrupted:
                tally.counting()
                fold(self._database, crew.merge)
        return tally.report(interrupted=interrupted)

    def drafts(self, shape: Shape, *, changed_only: bool = False) -> RunDrafts:
        """The events of everything read so far; with ``changed_only`` those not acknowledged in
        their present version."""
        fold(self._database)
        return RunDrafts(self._database, shape, changed_only=changed_only)

    def acknowledge(self, event_uuid: str, version: int) -> None:
        """The MISP has this event as ``version`` was (``RunDrafts.version``)."""
        self._database.execute(
            "UPDATE events SET acknowledged = max(acknowledged, ?) WHERE uuid = ?",
            (version, event_uuid),
        )

    def bad_lines(self) -> Iterator[BadLines]:
        """The bad lines of every file that has any."""
        for file, name, count in list(self._ledger.bad_counts()):
            yield BadLines(name, count, self._ledger.bad(file))

    def forget(self) -> None:
        """Forget everything, so that the same files are read again from their beginnings."""
        with transaction(self._database):
            for table in ("about", "files", "bad_counts", "bad", "segments", "items", "events"):
                self._database.execute(f"DELETE FROM {table}")  # noqa: S608 - constants

    def close(self) -> None:
        """Let others have it."""
        self._database.close()
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _be_of(self, format_: str) -> None:
        query = "SELECT value FROM about WHERE name = 'format'"
        found = self._database.execute(query).fetchone()
        if found and found[0] != format_:
            raise OtherFormatError(found[0])
        self._database.execute("INSERT OR REPLACE INTO about VALUES ('format', ?)", (format_,))
