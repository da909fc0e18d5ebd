"""``securegrid extract``: what a text holds that can be searched, without asking anybody."""

from typing import Annotated

import msgspec
import typer

from securegrid.cli.formats import Format, as_csv, as_markdown, print_table, write
from securegrid.cli.inputs import read_text
from securegrid.cli.problem import Problem
from securegrid.cli.words import Language, Say, say, user_language
from securegrid.values.extract import extract as extracted
from securegrid.values.model import Extraction
from securegrid.words import say as say_code

_LIMIT = 200_000


def extract(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A list, CSV or text.")] = "-",
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TABLE,
) -> None:
    """Show the values that a list, a CSV file or a text holds. Nothing leaves this machine."""
    language = user_language()
    found = extracted(read_text(file, language), limit=_LIMIT)
    if not found.entries and not found.rejected:
        raise Problem(Say.NOTHING_FOUND)
    _WRITERS[form](found, language)


def _table(found: Extraction, language: Language) -> None:
    columns = (Say.VALUE, Say.KIND, Say.AS_WRITTEN, Say.LABEL, Say.SOURCE)
    print_table([say(column, language) for column in columns], _rows(found, language))
    if found.rejected:
        heads = [say(Say.AS_WRITTEN, language), say(Say.REASON, language)]
        rows = [[piece.written, say_code(piece.reason, language)] for piece in found.rejected]
        print_table(heads, rows, title=say(Say.REJECTED, language))


def _markdown(found: Extraction, language: Language) -> None:
    columns = (Say.VALUE, Say.KIND, Say.AS_WRITTEN, Say.LABEL, Say.SOURCE)
    write(as_markdown([say(column, language) for column in columns], _rows(found, language)))


def _rows(found: Extraction, language: Language) -> list[list[str]]:
    return [
        [e.value.text, say_code(e.value.kind, language), ", ".join(e.written), e.label, e.note]
        for e in found.entries
    ]


def _csv(found: Extraction, _: Language) -> None:
    columns = ("value", "kind", "label", "source", "written")
    rows = (
        [e.value.text, e.value.kind.value, e.label, e.note, " ".join(e.written)]
        for e in found.entries
    )
    write(as_csv(columns, rows))


def _json(found: Extraction, _: Language) -> None:
    document = {
        "values": [
            {
                "value": e.value.text,
                "kind": e.value.kind,
                "written": e.written,
                "note": e.note,
                "label": e.label,
            }
            for e in found.entries
        ],
        "rejected": [{"written": r.written, "reason": r.reason} for r in found.rejected],
    }
    write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")


_WRITERS = {Format.TABLE: _table, Format.JSON: _json, Format.CSV: _csv, Format.MD: _markdown}
