"""The command itself: what to export, from which MISP, in which form."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from securegrid.cli.codes import in_words
from securegrid.cli.export.words import ExportProblem, Says, say
from securegrid.cli.export.writers import CsvWriter, JsonWriter, TextWriter, Writer
from securegrid.cli.ingest.options import Ca, Insecure, KeyFile, KeyStdin, connection_of, key_of
from securegrid.cli.words import Language, user_language
from securegrid.misp.client import MispClient
from securegrid.misp.connection import Connection
from securegrid.misp.exporting import FilterIgnored, NoFilter, Wanted, export_pages
from securegrid.misp.failures import MispFailure, Reason
from securegrid.misp.query import MAX_VALUES, unsafe
from securegrid.values.model import Value
from securegrid.values.normalise import normalise

READER_GONE = 1
REQUEST_TIMEOUT_S = 120.0
"""Far pages take a MISP seconds (6.5 s for the last of 5 million rows)."""


class ExportFormat(StrEnum):
    """How attributes are written."""

    CSV = "csv"
    JSON = "json"
    STIX2 = "stix2"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class _Counted:
    written: int
    left_out: int
    not_in_form: int


def export(
    misp: Annotated[str, typer.Argument(metavar="MISP", help="The address of the MISP.")],
    since: Annotated[str, typer.Option("--from", help="Events of this day or later.")] = "",
    until: Annotated[str, typer.Option("--to", help="Events of this day or earlier.")] = "",
    types: Annotated[list[str] | None, typer.Option("--type", help="Of this type.")] = None,
    categories: Annotated[
        list[str] | None, typer.Option("--category", help="Of this category.")
    ] = None,
    tags: Annotated[
        list[str] | None, typer.Option("--tag", help="With this tag, or in an event with it.")
    ] = None,
    values: Annotated[
        list[str] | None, typer.Option("--value", help="Equal to this value, or half of it.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--everything", help="Without any filter: all that the key may see.")
    ] = False,
    form: Annotated[
        ExportFormat, typer.Option("--format", help="How to write it.")
    ] = ExportFormat.CSV,
    out: Annotated[
        Path | None, typer.Option("--out", help="A file to write; otherwise standard output.")
    ] = None,
    key_stdin: KeyStdin = False,
    key_file: KeyFile = None,
    ca: Ca = None,
    insecure: Insecure = False,
) -> None:
    """Read attributes out of a MISP, as many as there are, in bounded memory.

    Ends with 0 when all were written, 1 on an error, 130 when stopped.
    """
    filters = (tuple(types or ()), tuple(categories or ()), tuple(tags or ()), tuple(values or ()))
    wanted = _wanted(_day(since), _day(until), *filters, everything=everything)
    connection = connection_of(misp, key_of(key_file, from_stdin=key_stdin), ca, insecure=insecure)
    language = user_language()
    with _opened(out) as file:
        counted = _run(connection, wanted, _writer(form), file)
    _tell(counted, language)


def _wanted(
    since: date | None,
    until: date | None,
    types: tuple[str, ...],
    categories: tuple[str, ...],
    tags: tuple[str, ...],
    values: tuple[str, ...],
    *,
    everything: bool,
) -> Wanted:
    spelled = tuple(dict.fromkeys(one for value in values for one in _spellings(value)))
    named = {"--type": types, "--category": categories, "--tag": tags, "--value": spelled}
    for option, entries in named.items():
        _check(option, entries)
    try:
        return Wanted(since, until, types, categories, tags, spelled, everything)
    except NoFilter:
        raise ExportProblem(Says.NO_FILTER) from None
    except ValueError:
        raise ExportProblem(Says.DAYS) from None


def _check(option: str, entries: tuple[str, ...]) -> None:
    if len(entries) > MAX_VALUES:
        raise ExportProblem(Says.TOO_MANY, limit=MAX_VALUES)
    for entry in entries:
        reason = unsafe(entry)
        if reason is not None:
            raise ExportProblem(Says.UNSAFE, option=option, reason=reason.value)


def _spellings(written: str) -> tuple[str, ...]:
    """Under which forms MISPs hold it: defanged ones are understood; other text is as it is."""
    found = normalise(written)
    return found.spellings if isinstance(found, Value) else (written,)


def _day(written: str) -> date | None:
    if not written:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise ExportProblem(Says.NO_DAY, written=written) from None


def _writer(form: ExportFormat) -> Writer:
    if form is ExportFormat.STIX2:
        # Half a second to import, for this form alone.
        from securegrid.cli.export.stix import StixWriter

        return StixWriter()
    plain: dict[ExportFormat, Callable[[], Writer]] = {
        ExportFormat.CSV: CsvWriter,
        ExportFormat.JSON: JsonWriter,
        ExportFormat.TEXT: TextWriter,
    }
    return plain[form]()


@contextlib.contextmanager
def _opened(out: Path | None) -> Iterator[BinaryIO]:
    """Standard output, or a file that has its name only when it is whole."""
    if out is None:
        with _standard_output() as file:
            yield file
        return
    beside = out.with_name(f"{out.name}.part")
    try:
        with beside.open("wb") as file:
            yield file
        beside.replace(out)
    except OSError as error:
        raise ExportProblem(Says.NOT_WRITABLE, file=out, detail=error.strerror) from error


@contextlib.contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    """Ends the command quietly when nobody reads on (``| head``)."""
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Python would complain once more when it closes standard output at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(READER_GONE) from None


def _run(connection: Connection, wanted: Wanted, writer: Writer, file: BinaryIO) -> _Counted:
    try:
        return asyncio.run(_exported(connection, wanted, writer, file))
    except KeyboardInterrupt:
        raise ExportProblem(Says.STOPPED) from None
    except FilterIgnored:
        raise ExportProblem(Says.IGNORED) from None
    except MispFailure as failed:
        reason = in_words(failed.reason, user_language(), Reason)
        raise ExportProblem(Says.FAILED, reason=reason) from None


async def _exported(
    connection: Connection, wanted: Wanted, writer: Writer, file: BinaryIO
) -> _Counted:
    came = left_out = 0
    async with MispClient(connection, request_timeout_s=REQUEST_TIMEOUT_S) as client:
        _put(file, writer.begin())
        async for page in export_pages(client, wanted):
            _put(file, writer.page(page.attributes))
            came, left_out = came + len(page.attributes), left_out + page.left_out
        _put(file, writer.end())
    return _Counted(came - writer.not_written, left_out, writer.not_written)


def _put(file: BinaryIO, text: str) -> None:
    file.write(text.encode("utf-8", "replace"))


def _tell(counted: _Counted, language: Language) -> None:
    told = [say(Says.DONE, language, count=f"{counted.written:,}")]
    if counted.left_out:
        told.append(say(Says.LEFT_OUT, language, count=f"{counted.left_out:,}"))
    if counted.not_in_form:
        told.append(say(Says.NOT_IN_STIX, language, count=f"{counted.not_in_form:,}"))
    print("\n".join(told), file=sys.stderr)
