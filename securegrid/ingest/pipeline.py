"""One import from files to a published MISP: read → aggregate → check → preview → publish."""

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from securegrid.ingest.model import EventDraft, Shape
from securegrid.ingest.preview import SAMPLES, Preview, Watched
from securegrid.ingest.publishing.journal import FILE, Import, Journal
from securegrid.ingest.publishing.outcomes import Progress, Published, Stage, Stopped, TakenBack
from securegrid.ingest.publishing.patience import LONGEST_S, Clock
from securegrid.ingest.publishing.publish import never, nothing, publish
from securegrid.ingest.publishing.undo import undo
from securegrid.ingest.quality.findings import Finding, Severity
from securegrid.ingest.quality.profile import Profile
from securegrid.ingest.quality.reporting import report
from securegrid.ingest.quality.scoring import Score
from securegrid.ingest.quality.warning_lists import WarningLists
from securegrid.ingest.readers.format import Format, ReadOptions
from securegrid.ingest.runs.database import lock, open_database, path_of
from securegrid.ingest.runs.drafts import RunDrafts
from securegrid.ingest.runs.reports import BadLines, ReadReport
from securegrid.ingest.runs.reports import Progress as ReadProgress
from securegrid.ingest.runs.run import Run
from securegrid.misp.connection import Connection

AnyProgress = ReadProgress | Progress
_NOTED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be read, and as what."""

    source: str
    """Names what is remembered of it and, with the alliance, its events' UUIDs: the same name for
    everything that belongs together (``docodoco.jp``, ``IPAlert``)."""
    files: tuple[str, ...]
    """Paths, or ``-`` for standard input."""
    format: Format[Any]
    options: ReadOptions
    shape: Shape
    workers: int = 0
    """Processes that read; 0: one for each core."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What data must have, and what it is compared with."""

    profile: Profile
    lists: WarningLists

    @staticmethod
    def load(profile: Path | None = None) -> "Rules":
        """The profile of a file (or the default one) and the installed warning lists.

        Raises ProfileRefused and ListsUnusable.
        """
        return Rules(Profile.load(profile), WarningLists.load())


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told of progress and of bad lines, and who may stop it."""

    tell: Callable[[AnyProgress], None] = nothing
    bad: Callable[[BadLines], None] = nothing
    stop: Callable[[], bool] = never


NOBODY = Told()


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: what was read, what was found in it, what was written.

    ``published`` is ``None`` where it was only looked at, or where there was nothing to write.
    """

    read: ReadReport
    preview: Preview
    score: Score
    published: Published | None = None


def look(
    job: Job,
    folder: Path,
    rules: Rules,
    *,
    told: Told = NOBODY,
    now: datetime | None = None,
    samples: int = SAMPLES,
) -> Imported:
    """Read and check as ``run_import`` would after what ``folder`` remembers, and keep nothing.

    Raises what ``Run.open`` and ``Run.read`` raise, and ``Stopped``.
    """
    with _copied(folder, job.source) as copied, Run.open(copied, job.source) as run:
        read = _read(run, job, told)
        drafts = run.drafts(job.shape, changed_only=True)
        preview, score = _check(drafts, rules, told, lambda _: None, now, samples)
        return Imported(read, preview, score)


def run_import(
    job: Job,
    folder: Path,
    rules: Rules,
    connection: Connection,
    journal: Journal,
    *,
    force: bool = False,
    told: Told = NOBODY,
    now: datetime | None = None,
    clock: Clock | None = None,
    patience_s: float = LONGEST_S,
) -> Imported:
    """Read what is new in the job's files, check it, write it to a MISP and publish it.

    ``folder`` remembers what was read; it belongs to one source or several, always the same, so
    that a later part of a day adds to the earlier one. ``journal`` remembers what was written: one
    for all that goes to a MISP. What breaks a rule is left out, unless ``force``. Interrupted,
    killed or failed anywhere, the same call goes on.

    Raises what ``Run.open``, ``Run.read`` and ``publish`` raise.
    """
    with Run.open(folder, job.source) as run:
        read = _read(run, job, told)
        drafts = run.drafts(job.shape, changed_only=journal.is_last(job.source, connection.url))
        of = journal.begin(job.source, connection.url, note=", ".join(job.files))
        refusals = _Refusals(journal, of, force=force)
        preview, score = _check(drafts, rules, told, refusals.note, now)
        of = refusals.settle()
        published = publish(
            drafts,
            connection,
            journal,
            of,
            acknowledged=_acknowledging(run, drafts, journal, of),
            tell=told.tell,
            stop=told.stop,
            clock=clock,
            patience_s=patience_s,
            events=preview.events,
        )
        if journal.forget_if_empty(of):
            return Imported(read, preview, score)
        return Imported(read, preview, score, published)


def undo_import(
    name: str,
    folder: Path,
    connection: Connection,
    journal: Journal,
    *,
    told: Told = NOBODY,
    clock: Clock | None = None,
    patience_s: float = LONGEST_S,
) -> TakenBack:
    """Delete exactly what an import wrote, and forget what was read of its source: the next
    import reads its files from their beginnings, so that what was taken back does not come again
    with a later part of the day.

    Raises what ``undo`` and ``Run.open`` raise.
    """
    source = journal.find(name).source
    with Run.open(folder, source) as run:
        taken = undo(
            journal,
            name,
            connection,
            tell=told.tell,
            stop=told.stop,
            clock=clock,
            patience_s=patience_s,
        )
        run.forget()
    return taken


def journal_of(folder: Path) -> Journal:
    """The journal that lies in a state folder."""
    return Journal(folder / FILE)


def _read(run: Run, job: Job, told: Told) -> ReadReport:
    read = run.read(
        job.files, job.format, job.options, workers=job.workers, tell=told.tell, stop=told.stop
    )
    for lines in run.bad_lines():
        told.bad(lines)
    if read.interrupted:
        raise Stopped
    return read


def _check(
    drafts: RunDrafts,
    rules: Rules,
    told: Told,
    each: Callable[[Finding], None],
    now: datetime | None,
    samples: int = SAMPLES,
) -> tuple[Preview, Score]:
    def going_on(events: int, attributes: int) -> None:
        told.tell(Progress(stage=Stage.CHECKING, done=events, attributes=attributes))
        if told.stop():
            raise Stopped

    watched = Watched(drafts, going_on, samples)
    score = report(watched, rules.profile, rules.lists, now=now, each=each)
    return watched.preview(), score


class _Refusals:
    """Notes in the journal what must not be written."""

    def __init__(self, journal: Journal, of: Import, *, force: bool) -> None:
        self._journal = journal
        self._of = of
        self._force = force
        self._errors = 0
        self._waiting: list[tuple[str, str]] = []

    def note(self, finding: Finding) -> None:
        if finding.severity is not Severity.ERROR:
            return
        self._errors += 1
        if not self._force:
            self._waiting.append((finding.event, finding.attribute or finding.event))
            if len(self._waiting) >= _NOTED_AT_ONCE:
                self._write()

    def settle(self) -> Import:
        self._write()
        if self._force and self._errors:
            return self._journal.forced(self._of)
        return self._of

    def _write(self) -> None:
        self._journal.refuse(self._of, self._waiting)
        self._waiting.clear()


def _acknowledging(
    run: Run, drafts: RunDrafts, journal: Journal, of: Import
) -> Callable[[EventDraft], None]:
    """An event of which something was refused is not done: mended rules let it through later."""

    def acknowledge(draft: EventDraft) -> None:
        if not journal.refused(of, draft.uuid):
            run.acknowledge(draft.uuid, drafts.version(draft.uuid))

    return acknowledge


@contextmanager
def _copied(folder: Path, source: str) -> Iterator[Path]:
    """A folder with a copy of what is remembered of the source, gone afterwards."""
    path = path_of(folder, source)
    with tempfile.TemporaryDirectory(prefix="securegrid-look-") as temporary:
        copied = Path(temporary)
        if path.exists():
            copy_path = path_of(copied, source)
            with (
                lock(path),
                closing(open_database(path)) as original,
                closing(sqlite3.connect(copy_path)) as copy,
            ):
                original.backup(copy)
        yield copied
