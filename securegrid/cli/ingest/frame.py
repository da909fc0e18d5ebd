"""What every ``securegrid ingest`` command stands in: options, progress, problems, exit code.

A command names its own arguments and options and takes the common ones in one piece::

    @with_common
    def honeypot(files: Files, common: Common) -> None:
        carry_out(common, Job(...))
"""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NoReturn

import msgspec
import typer

from securegrid.cli.ingest.options import Common, Files, connection_of, with_common
from securegrid.cli.ingest.progress import Line, stopping
from securegrid.cli.ingest.telling import as_json, in_words
from securegrid.cli.ingest.words import IngestProblem, Says, say
from securegrid.cli.words import Language, user_language
from securegrid.ingest.pipeline import Imported, Job, Rules, Told, journal_of, look, run_import
from securegrid.ingest.publishing.journal import UnknownImport, UnusableJournal
from securegrid.ingest.publishing.outcomes import Stopped
from securegrid.ingest.quality.profile import ProfileRefused
from securegrid.ingest.quality.warning_lists import ListsUnusable
from securegrid.ingest.runs.crew import ReaderFault
from securegrid.ingest.runs.database import BusyError, OtherVersionError
from securegrid.ingest.runs.reports import BadLines, FileState
from securegrid.ingest.runs.run import OtherFormatError
from securegrid.misp.failures import MispFailure
from securegrid.words import say as say_code

__all__ = [
    "Common",
    "Files",
    "carry_out",
    "connection_of",
    "exit_code",
    "telling_problems",
    "with_common",
]

WHOLE, PARTLY, STOPPED = 0, 3, 130
_UNREAD = frozenset(
    {
        FileState.NO_FILE,
        FileState.NOT_READABLE,
        FileState.UNKNOWN_FORMAT,
        FileState.DAMAGED,
        FileState.TOO_LARGE,
        FileState.CHANGED,
    }
)


def carry_out(common: Common, job: Job) -> NoReturn:
    """Do the whole import and tell of it; the end of every reader's command.

    Ends with 0 when all was written, 3 when something was refused by a rule, dropped by the MISP
    or not readable, 1 on an error (what is not acknowledged stays in the journal), 130 when
    stopped.
    """
    language = user_language()
    line = Line(language)
    with telling_problems(common.state_folder, job.source, common.misp, line):
        imported = _import(common, job, line)
    line.clear()
    if common.as_json:
        print(as_json(imported))
    else:
        for text in in_words(imported, language, dry_run=common.dry_run):
            print(text)
        if common.report is not None:
            print(say(Says.SEE_REPORT, language, file=common.report))
    raise typer.Exit(exit_code(imported))


def exit_code(imported: Imported) -> int:
    """What the command ends with."""
    is_read = not any(one.state in _UNREAD for one in imported.read.files)
    is_written = imported.published is None or imported.published.whole
    return WHOLE if is_read and is_written else PARTLY


def _import(common: Common, job: Job, line: Line) -> Imported:
    rules = Rules.load(common.profile)
    with _report(common.report) as bad, stopping() as stop:
        told = Told(line.tell, bad, stop)
        if common.dry_run:
            return look(job, common.state_folder, rules, told=told)
        connection = common.connection(list(job.files))
        with journal_of(common.state_folder) as journal:
            return run_import(
                job,
                common.state_folder,
                rules,
                connection,
                journal,
                force=common.force,
                told=told,
            )


@contextmanager
def telling_problems(state: Path, source: str, misp: str, line: Line) -> Iterator[None]:
    """Turn what the pipeline raises into problems that people can be told about."""
    try:
        yield
    except (Stopped, KeyboardInterrupt):
        line.clear()
        print(say(Says.STOPPED, user_language()), file=sys.stderr)
        raise typer.Exit(STOPPED) from None
    except Exception as error:
        line.clear()
        problem = _problem(error, state, source, misp, user_language())
        if problem is None:
            raise
        raise problem from error


def _problem(
    error: Exception, state: Path, source: str, misp: str, language: Language
) -> IngestProblem | None:
    match error:
        case MispFailure():
            reason = say_code(error.reason, language.value)
            return IngestProblem(Says.MISP_FAILED, misp=misp, reason=reason)
        case BusyError():
            return IngestProblem(Says.BUSY, source=source)
        case OtherFormatError():
            return IngestProblem(Says.OTHER_FORMAT, source=source, format=error.format)
        case OtherVersionError():
            return IngestProblem(Says.OTHER_VERSION, state=state)
        case ReaderFault():
            return IngestProblem(Says.READER_FAULT, detail=error)
        case ProfileRefused():
            return IngestProblem(Says.NO_PROFILE, detail=error)
        case ListsUnusable():
            return IngestProblem(Says.NO_LISTS, detail=error)
        case UnusableJournal():
            return IngestProblem(Says.BAD_JOURNAL, state=state)
        case UnknownImport():
            return IngestProblem(Says.NO_IMPORT, name=error)
        case sqlite3.Error() | OSError():
            return IngestProblem(Says.STATE_FAILED, state=state, detail=error)
    return None


class _Writing:
    """Writes bad lines, one JSON object a line."""

    def __init__(self, out: IO[bytes] | None) -> None:
        self._out = out

    def __call__(self, lines: BadLines) -> None:
        if self._out is None:
            return
        for bad in lines.kept:
            told = {"file": lines.file, "line": bad.number, "reason": bad.reason, "head": bad.head}
            self._out.write(msgspec.json.encode(told) + b"\n")
        self._out.flush()


@contextmanager
def _report(path: Path | None) -> Iterator[_Writing]:
    if path is None:
        yield _Writing(None)
        return
    try:
        out = path.open("wb")
    except OSError as error:
        raise IngestProblem(Says.NOT_WRITABLE, file=path, detail=error.strerror) from error
    with out:
        yield _Writing(out)
