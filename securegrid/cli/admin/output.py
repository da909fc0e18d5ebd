"""What admin commands read and write: secrets in, tables or JSON out."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeAlias

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from securegrid.cli.admin.portal import AdminError
from securegrid.cli.clean import printable

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Write JSON.")]

Cell: TypeAlias = "str | int | float | bool | datetime | Sequence[str] | None"
Row: TypeAlias = Mapping[str, Cell]

WIDE = 200
"""Columns of a table that goes into a file or a pipe."""


def show(rows: Sequence[Row], columns: Sequence[str], as_json: bool) -> None:
    """Write ``rows`` to standard output: as JSON whole, as a table the named ``columns``."""
    if as_json:
        print(json.dumps([_plain(row) for row in rows], ensure_ascii=False, indent=2))
        return
    table = Table(*columns)
    for row in rows:
        table.add_row(*(Text(_words(row[column])) for column in columns))
    width = None if sys.stdout.isatty() else WIDE
    Console(file=sys.stdout, width=width).print(table)


def secret_from_stdin(what: str) -> str:
    """The first line of standard input; raises ``AdminError`` when it is empty."""
    secret = sys.stdin.readline().rstrip("\r\n")
    if not secret:
        raise AdminError(f"the {what} is expected on standard input, and nothing came")
    return secret


def text_of(path: Path, option: str) -> str:
    """The text of a PEM file; raises a usage error naming ``option``."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise typer.BadParameter("cannot be read as text", param_hint=option) from None


def told(message: str) -> None:
    """One line on standard output saying what was done."""
    print(printable(message))


def _plain(row: Row) -> dict[str, object]:
    return {
        name: cell.isoformat() if isinstance(cell, datetime) else cell for name, cell in row.items()
    }


def _words(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M} UTC"
    if isinstance(cell, str | int | float):
        return printable(str(cell))
    return printable(", ".join(cell))
