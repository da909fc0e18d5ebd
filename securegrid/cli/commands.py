"""The commands that speak to a portal or to nobody: search, extract and trial."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from securegrid.cli.answers import CellAnswer, SearchAnswer
from securegrid.cli.asking import ask, watching
from securegrid.cli.clean import printable
from securegrid.cli.client import Portal, PortalClient
from securegrid.cli.codes import in_words
from securegrid.cli.formats import Format, print_json, print_search
from securegrid.cli.inputs import (
    PORTAL_VARIABLE,
    TOKEN_VARIABLE,
    portal_of,
    read_text,
    refuse_two_from_stdin,
)
from securegrid.cli.problem import Problem
from securegrid.cli.trial import as_markdown_page, hits_csv, summary_csv, trial_of
from securegrid.cli.trial_page import as_page
from securegrid.cli.words import Language, Say, say, user_language
from securegrid.values.extract import extract
from securegrid.values.model import Reject

ALL_ANSWERED, SOME_DID_NOT_ANSWER = 0, 3
_NOTHING_TO_SEARCH = "no_values"
_REJECTED_TOLD = 20

PortalOption = Annotated[
    str, typer.Option("--portal", envvar=PORTAL_VARIABLE, help="The portal's address.")
]
TokenOption = Annotated[
    str,
    typer.Option(
        "--token",
        help=f"An API token; - reads it from standard input. Safer: {TOKEN_VARIABLE}.",
    ),
]
TokenFileOption = Annotated[
    Path | None, typer.Option("--token-file", help="A file that holds the token.")
]
CaOption = Annotated[Path | None, typer.Option("--ca", help="The portal's own CA, a PEM file.")]
DeadlineOption = Annotated[
    float | None,
    typer.Option("--deadline", min=1, max=120, help="Seconds for the whole search, 1 to 120."),
]
PrivateOption = Annotated[
    bool,
    typer.Option("--private", help="Only indexed MISPs: no value leaves the portal."),
]
RelatedOption = Annotated[
    bool,
    typer.Option("--related", help="Also what is related to a value (indexed MISPs)."),
]
InputArgument = Annotated[
    str,
    typer.Argument(metavar="FILE|-", help="A list, a CSV file or a text; - is standard input."),
]


def search(
    file: InputArgument = "-",
    portal: PortalOption = "",
    token: TokenOption = "",
    token_file: TokenFileOption = None,
    ca: CaOption = None,
    form: Annotated[
        Format, typer.Option("--format", help="How to write the result.")
    ] = Format.TABLE,
    label: Annotated[str, typer.Option("--label", help="What the history calls it.")] = "",
    deadline: DeadlineOption = None,
    private: PrivateOption = False,
    related: RelatedOption = False,
) -> None:
    """Ask every MISP of the alliance.

    Ends with 0 when all answered, 3 when some did not, 1 on error.
    """
    language = user_language()
    refuse_two_from_stdin(file, token)
    target = portal_of(portal, token, token_file, ca)
    text = read_text(file, language)
    question = _question(text, label, deadline, private, related)
    with _rejected_pieces_told(text, language):
        found, content, unanswered = _run(target, question, form, language)
    if form is Format.JSON:
        print_json(content)
    else:
        print_search(found, unanswered, form, language)
    raise typer.Exit(exit_code(found))


def trial(
    file: Annotated[str, typer.Argument(metavar="LIST.csv", help="Columns value, label, source.")],
    out: Annotated[Path, typer.Option("--out", help="The folder to write into.")],
    portal: PortalOption = "",
    token: TokenOption = "",
    token_file: TokenFileOption = None,
    ca: CaOption = None,
    label: Annotated[str, typer.Option("--label", help="What the history calls it.")] = "",
    deadline: DeadlineOption = None,
    private: PrivateOption = False,
) -> None:
    """Run a list as one search; write the trial's two tables as Markdown, CSV and HTML."""
    language = user_language()
    refuse_two_from_stdin(file, token)
    target = portal_of(portal, token, token_file, ca)
    text = read_text(file, language)
    with _rejected_pieces_told(text, language):
        question = _question(text, label or Path(file).stem, deadline, private)
        found, _, _ = _run(target, question, Format.JSON, language)
    written = write_trial(found, out, language)
    print(say(Say.WRITTEN, language, files=", ".join(str(path) for path in written)))
    raise typer.Exit(exit_code(found))


def write_trial(found: SearchAnswer, out: Path, language: Language) -> list[Path]:
    """Write a search as the trial's tables into ``out``; the files written."""
    told = trial_of(found)
    contents = {
        "trial.md": as_markdown_page(told, language),
        "trial.html": as_page(told, language),
        "summary.csv": summary_csv(told),
        "hits.csv": hits_csv(told),
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in contents.items():
            (out / name).write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise Problem(Say.NOT_WRITABLE, file=out, detail=error.strerror) from error
    return [out / name for name in contents]


@contextmanager
def _rejected_pieces_told(text: str, language: Language) -> Iterator[None]:
    """When nothing in ``text`` can be searched, say of each piece why; the portal cannot."""
    try:
        yield
    except Problem as problem:
        if problem.parts.get("code") == _NOTHING_TO_SEARCH:
            for piece in extract(text).rejected[:_REJECTED_TOLD]:
                reason = in_words(piece.reason, language, Reject)
                print(f"  {printable(piece.written)}: {reason}", file=sys.stderr)
        raise


def exit_code(found: SearchAnswer) -> int:
    """What a search's command ends with."""
    return ALL_ANSWERED if found.all_answered else SOME_DID_NOT_ANSWER


def _question(
    text: str,
    label: str,
    deadline: float | None,
    private: bool = False,
    related: bool = False,
) -> dict[str, object]:
    question: dict[str, object] = {"text": text, "label": label}
    # Only what is wanted: an older portal refuses a field that it does not know.
    question |= {"private": True} if private else {}
    question |= {"related": True} if related else {}
    return question if deadline is None else question | {"deadline_s": deadline}


Searched = tuple[SearchAnswer, bytes, list[CellAnswer]]


def _run(target: Portal, question: dict[str, object], form: Format, language: Language) -> Searched:
    try:
        return asyncio.run(_searched(target, question, form, language))
    except KeyboardInterrupt:
        raise Problem(Say.INTERRUPTED) from None


async def _searched(
    target: Portal, question: dict[str, object], form: Format, language: Language
) -> Searched:
    """The finished search, its JSON, and (for CSV) the cells without an answer."""
    if target.is_open_to_eavesdroppers:
        print(say(Say.PLAIN_HTTP, language, url=target.url), file=sys.stderr)
    async with PortalClient(target, language=language) as client:
        with watching(language) as watcher:
            found = await ask(client, question, watcher)
        content = await client.search_bytes(found.id) if form is Format.JSON else b""
        unanswered = await _unanswered(client, found) if form is Format.CSV else []
    return found, content, unanswered


async def _unanswered(client: PortalClient, found: SearchAnswer) -> list[CellAnswer]:
    states = {"not_answered": found.cells.not_answered, "not_asked": found.cells.not_asked}
    return [
        cell
        for state, count in states.items()
        if count
        for cell in await client.cells(found.id, state)
    ]
