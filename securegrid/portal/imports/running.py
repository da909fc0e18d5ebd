"""One import through the pipeline: looked at, written to its MISP, taken back."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from securegrid.ingest.pipeline import (
    AnyProgress,
    Imported,
    Job,
    Rules,
    Told,
    journal_of,
    look,
    run_import,
    undo_import,
)
from securegrid.ingest.publishing.journal import Import as JournalImport
from securegrid.ingest.publishing.journal import Journal
from securegrid.ingest.publishing.outcomes import Counts, ImportState, Published, Stage, Stopped
from securegrid.ingest.readers.format import Format
from securegrid.ingest.readers.registry import registry
from securegrid.ingest.runs.reports import BadLines, FileState, ReadReport
from securegrid.ingest.runs.reports import Progress as ReadProgress
from securegrid.ingest.shapes.options import ShapeOptions
from securegrid.misp.connection import Connection
from securegrid.portal.alliance.models import Misp
from securegrid.portal.alliance.services import connection_of, the_alliance
from securegrid.portal.imports import files
from securegrid.portal.imports.detecting import detected, options_of
from securegrid.portal.imports.looked import Badly, preview_of_look
from securegrid.portal.imports.models import Import
from securegrid.portal.imports.preview import MOST_EVENTS
from securegrid.portal.imports.records import AUTO, Fault, Reading, Writing
from securegrid.portal.imports.sealed import key_of
from securegrid.portal.quality.rules import profile, warning_lists
from securegrid.portal.refusals import Problem, Refused
from securegrid.portal.sealing import SealError

MOST_SECONDS = 1_800.0
"""A small file may hold very much when it is unpacked."""
PATIENCE_S = 20.0
"""So long a worker waits for a MISP; then the import waits for its next turn instead."""

_FAULTS = {
    FileState.NOTHING_NEW: Fault.NOTHING_NEW,
    FileState.NO_FILE: Fault.FILE_GONE,
    FileState.NOT_READABLE: Fault.FILE_GONE,
    FileState.UNKNOWN_FORMAT: Fault.FORMAT_NOT_KNOWN,
    FileState.EMPTY: Fault.NOTHING_UNDERSTOOD,
    FileState.TOO_LARGE: Fault.TOO_LONG,
}


class CannotRead(Exception):  # noqa: N818 - it says what happened
    """The file cannot be read; ``why`` says so in a word."""

    def __init__(self, why: Fault) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass
class Work:
    """Working on one import. ``hear`` is told how far it is: bytes read, or events written;
    ``stop`` is asked. Every method raises ``Stopped`` when it was to stop."""

    imported: Import
    now: datetime
    hear: Callable[[int, int], None]
    stop: Callable[[], bool]
    patience_s: float = PATIENCE_S
    timer: Callable[[], float] = time.monotonic
    began: float = field(init=False)
    bad: Badly = field(default_factory=Badly)

    def __post_init__(self) -> None:
        self.began = self.timer()

    def read(self, misp: Misp | None) -> Reading:
        """What the file would become in ``misp``, after what was imported there before.

        Raises ``CannotRead``, and ``BusyError`` (of runs) while that goes on.
        """
        job = self._job(self._format())
        try:
            with files.state_of(misp) as folder:
                looked = look(
                    job, folder, _rules(), told=self._told(self._is_over), now=self.now,
                    samples=MOST_EVENTS,
                )  # fmt: skip
        except Stopped:
            if self.stop():
                raise
            raise CannotRead(Fault.TOO_LONG) from None
        return self._reading(job, looked)

    def publish(self, misp: Misp, connection: Connection) -> Writing:
        """Write it to ``misp``. Raises ``CannotRead``, ``MispFailure``, ``BusyError`` (of runs)."""
        job = self._job(self._format())
        with files.state_of(misp) as folder, closing(journal_of(folder)) as journal:
            did = run_import(
                job, folder, _rules(), connection, journal, force=self.imported.is_forced,
                told=self._told(self.stop), now=self.now, patience_s=self.patience_s,
            )  # fmt: skip
            return _writing(self._journalled(journal, connection), did.published)

    def undo(self, misp: Misp, connection: Connection) -> None:
        """Delete from ``misp`` what it wrote. Raises ``MispFailure``, ``BusyError`` (of runs)."""
        with files.state_of(misp) as folder, closing(journal_of(folder)) as journal:
            found = self._journalled(journal, connection)
            if found is not None:
                undo_import(
                    found[0].name, folder, connection, journal, told=self._told(self.stop),
                    patience_s=self.patience_s,
                )  # fmt: skip

    def has_begun(self, misp: Misp, connection: Connection) -> bool:
        """Whether something of it may be in ``misp``."""
        with files.state_of(misp) as folder, closing(journal_of(folder)) as journal:
            return self._journalled(journal, connection) is not None

    def _journalled(
        self, journal: Journal, connection: Connection
    ) -> tuple[JournalImport, Counts] | None:
        """What the journal knows of it, known by the file that it was read from: also where the
        process died before the portal heard of the end."""
        ours = (
            (one, counts)
            for one, counts in journal.imports()
            if str(self.imported.public_id) in one.note
            and one.misp == connection.url
            and one.state is not ImportState.UNDONE
        )
        return next(ours, None)

    def _format(self) -> Format[Any]:
        """The chosen format, or the one that the file seems to be of."""
        chosen, path = self.imported.format, files.upload_of(self.imported.public_id)
        if not path.exists():
            raise CannotRead(Fault.FILE_GONE)
        found = (
            detected(str(path), self._now_s, self.imported.options)
            if chosen == AUTO
            else registry.get(chosen)
        )
        if found is None:
            raise CannotRead(Fault.FORMAT_NOT_KNOWN)
        self.imported.format = found.name
        return found

    def _job(self, format_: Format[Any]) -> Job:
        shape = ShapeOptions(
            alliance=the_alliance().name,
            source=self.imported.source,
            tags=(str(self.imported.options["tlp"]),),
        )
        return Job(
            source=self._source,
            files=(str(files.upload_of(self.imported.public_id)),),
            format=format_,
            options=options_of(format_, self._now_s, self.imported.options),
            shape=format_.shape(shape),
            workers=1,
        )

    @property
    def _source(self) -> str:
        """What is remembered together: one source read in one way."""
        return f"{self.imported.source} ({self.imported.format})"

    @property
    def _now_s(self) -> int:
        return int(self.now.timestamp())

    def _told(self, stop: Callable[[], bool]) -> Told:
        return Told(self._tell, self._keep_bad, stop)

    def _tell(self, progress: AnyProgress) -> None:
        if isinstance(progress, ReadProgress):
            self.hear(progress.bytes_read, progress.bytes_all or 0)
        elif progress.stage in {Stage.WRITING, Stage.TAKING_BACK}:
            self.hear(progress.done, progress.of)

    def _keep_bad(self, lines: BadLines) -> None:
        self.bad.keep(lines.kept)

    def _is_over(self) -> bool:
        return self.stop() or self.timer() - self.began > MOST_SECONDS

    def _reading(self, job: Job, looked: Imported) -> Reading:
        read, score = looked.read, looked.score
        return Reading(
            fault=_fault_of(read, score.events),
            format=job.format.name,
            lines=read.lines,
            bad_lines=sum(read.bad.values()),
            passed_over=sum(one.passed_over for one in read.files),
            events=score.events,
            attributes=score.attributes,
            errors=score.errors,
            warnings=score.warnings,
            preview=preview_of_look(looked, self.bad),
        )


def connection_for(imported: Import) -> Connection:
    """The MISP, with the key for this import where one was given. Raises ``Refused``."""
    if imported.misp is None:
        raise Refused(Problem.MISP_NOT_OWN, "misp")
    connection = connection_of(imported.misp)
    try:
        key = key_of(imported)
    except SealError:
        raise Refused(Problem.KEY_MISSING, "key") from None
    return replace(connection, key=key) if key else connection


def _rules() -> Rules:
    return Rules(profile(), warning_lists())


def _fault_of(read: ReadReport, events: int) -> Fault | None:
    (file,) = read.files
    known = _FAULTS.get(file.state)
    if known is not None or events:
        return known
    understood = read.lines > sum(read.bad.values())
    return Fault.NOTHING_FOUND if understood else Fault.NOTHING_UNDERSTOOD


def _writing(known: tuple[JournalImport, Counts] | None, told: Published | None) -> Writing:
    if known is None:
        return Writing()
    counts = known[1]
    return Writing(
        has_written=True,
        events=counts.events_made + counts.events_extended,
        attributes=counts.attributes_added + counts.attributes_changed,
        dropped=counts.dropped,
        refused=counts.refused + counts.events_refused,
        unpublished=counts.events_unpublished,
        failed=told.failed[0].reason if told is not None and told.failed else None,
    )
