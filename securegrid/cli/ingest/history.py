"""``securegrid ingest imports`` and ``undo``: what was imported, and taking it back."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeAlias

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from securegrid.cli.clean import printable
from securegrid.cli.ingest.frame import telling_problems
from securegrid.cli.ingest.options import (
    Ca,
    Insecure,
    KeyFile,
    KeyStdin,
    connection_of,
    default_state,
    key_of,
)
from securegrid.cli.ingest.progress import Line, stopping
from securegrid.cli.ingest.telling import pretty, undone_in_words
from securegrid.cli.ingest.words import Says, say
from securegrid.cli.words import Language, user_language
from securegrid.ingest.pipeline import Told, journal_of, undo_import
from securegrid.ingest.publishing.journal import Import
from securegrid.ingest.publishing.outcomes import Counts
from securegrid.words import say as say_code

WIDE = 200
"""Columns of a table that goes into a file or a pipe."""

State: TypeAlias = Annotated[
    Path | None, typer.Option("--state", help="The folder where imports are remembered.")
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Tell it all as JSON.")]


def imports(state: State = None, as_json: AsJson = False) -> None:
    """List what was imported, the newest first."""
    folder, language = state or default_state(), user_language()
    with telling_problems(folder, "", "", Line(language)), journal_of(folder) as journal:
        found = journal.imports()
    if as_json:
        print(pretty([{"import": one, "counts": counts} for one, counts in found]))
    elif not found:
        print(say(Says.NO_IMPORTS, language, state=folder))
    else:
        _print(found, language)


def _print(found: list[tuple[Import, Counts]], language: Language) -> None:
    heads = (Says.IMPORT, Says.SOURCE, Says.BEGUN, Says.STATE, Says.EVENTS, Says.ATTRIBUTES)
    # The name is to be copied, so it is never broken.
    names = Column(say(Says.IMPORT, language), no_wrap=True)
    table = Table(names, *(say(head, language) for head in heads[1:]), "MISP")
    for one, counts in found:
        cells = (*_row(one, counts, language), one.misp)
        table.add_row(*(Text(printable(cell)) for cell in cells))
    width = None if sys.stdout.isatty() else WIDE
    Console(file=sys.stdout, width=width).print(table)


def _row(one: Import, counts: Counts, language: Language) -> list[str]:
    state = say_code(one.state, language.value)
    if one.forced:
        state += f", {say(Says.WITH_FORCE, language)}"
    events = counts.events_made + counts.events_extended
    attributes = counts.attributes_added + counts.attributes_changed
    begun = f"{datetime.fromtimestamp(one.begun, UTC):%Y-%m-%d %H:%M}"
    return [one.name, one.source, begun, state, f"{events:,}", f"{attributes:,}"]


def undo(
    name: Annotated[str, typer.Argument(metavar="IMPORT", help="See imports.")],
    key_stdin: KeyStdin = False,
    key_file: KeyFile = None,
    ca: Ca = None,
    insecure: Insecure = False,
    state: State = None,
    as_json: AsJson = False,
) -> None:
    """Delete from the MISP exactly what one import wrote."""
    folder, language = state or default_state(), user_language()
    line = Line(language)
    with telling_problems(folder, name, "", line), journal_of(folder) as journal:
        went_to = journal.find(name).misp
        connection = connection_of(
            went_to, key_of(key_file, from_stdin=key_stdin), ca, insecure=insecure
        )
        with telling_problems(folder, name, went_to, line), stopping() as stop:
            taken = undo_import(
                name, folder, connection, journal, told=Told(tell=line.tell, stop=stop)
            )
    line.clear()
    if as_json:
        print(pretty(taken))
    else:
        print("\n".join(undone_in_words(taken, language)))
