"""One line of a list: values with what is noted beside them."""

import csv
import re
from dataclasses import dataclass
from typing import Final

from securegrid.values.model import Kind, Reject, Rejected, Value
from securegrid.values.normalise import MAX_WRITTEN, normalise

_BULLET: Final = re.compile(r"\s*(?:(?:[-*+•・▪●○◦■□▶※]|[0-9]{1,5}[.)])\s+)")
_COMMENT: Final = re.compile(r"\s*(?:#|//|;|<!--)")
_NOTE: Final = re.compile(r"(?<=\S)\s++(?:#|//|;|--|<!--|←|<-)\s*")
_BETWEEN: Final = re.compile(r"[\s,;|、]+")
_DELIMITERS: Final = ("\t", ",", ";", "|", "、")

NEAR_MISSES: Final = frozenset(
    {
        Reject.INVALID_ADDRESS,
        Reject.INVALID_NETWORK,
        Reject.INVALID_URL,
        Reject.INVALID_EMAIL,
        Reject.INVALID_CHECKSUM,
        Reject.TOO_LONG,
    }
)
"""Reasons that say: this was meant as a value."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one line of a list holds; ``note`` belongs to each of its values."""

    values: tuple[tuple[Value, str], ...]
    rejected: tuple[Rejected, ...] = ()
    note: str = ""


def is_comment(line: str) -> bool:
    """Whether the line only comments (``#``, ``//``, ``;``)."""
    return _COMMENT.match(line) is not None


def list_line(line: str) -> Line | Rejected:
    """A line as a list holds it: a value, several, or a value and a note.

    Rejected, with the reason of the whole line, when no value begins or fills it.
    """
    body = _without_bullet(line)
    whole = normalise(body)
    if isinstance(whole, Value):
        return Line(((whole, body),))
    if len(body) <= MAX_WRITTEN and (noted := _with_note(body)):
        return noted
    return _with_delimiters(body) or _with_blanks(body) or whole


def cell_values(cell: str, hint: Kind | None) -> tuple[tuple[Value, str], ...] | Rejected:
    """The values of one cell of a table: one, or several when every part is one."""
    whole = normalise(cell, hint=None if hint is Kind.FILENAME and "\n" in cell else hint)
    if isinstance(whole, Value):
        return ((whole, cell),)
    parts = _BETWEEN.split(cell) if len(cell) <= MAX_WRITTEN else []
    values: list[tuple[Value, str]] = []
    for part in filter(None, parts):
        value = normalise(part, hint=hint)
        if isinstance(value, Rejected):
            return whole
        values.append((value, part))
    return tuple(values) or whole


def split_cells(line: str, delimiter: str) -> list[str]:
    """The cells of one record; quotes as in RFC 4180, and forgiven where they are wrong."""
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:  # a field longer than the reader takes
        return line.split(delimiter)


def _without_bullet(line: str) -> str:
    match = _BULLET.match(line)
    return (line[match.end() :] if match else line).strip()


def _with_note(body: str) -> Line | None:
    """``AS64500 # the hoster``."""
    head, *rest = _NOTE.split(body, maxsplit=1)
    value = normalise(head) if rest else None
    return Line(((value, head),), note=rest[0]) if isinstance(value, Value) else None


def _with_delimiters(body: str) -> Line | None:
    for delimiter in _DELIMITERS:
        if delimiter not in body:
            continue
        cells = split_cells(body, delimiter)
        if line := _from_cells([cell for cell in map(str.strip, cells) if cell]):
            return line
    return None


def _from_cells(cells: list[str]) -> Line | None:
    values: list[tuple[Value, str]] = []
    rejected: list[Rejected] = []
    notes: list[str] = []
    for cell in cells:
        found = cell_values(cell, None)
        if not isinstance(found, Rejected):
            values += found
        elif found.reason in NEAR_MISSES:
            rejected.append(found)
        else:
            notes.append(cell)
    return Line(tuple(values), tuple(rejected), ", ".join(notes)) if values else None


def _with_blanks(body: str) -> Line | None:
    """``0.0.0.0 evil.example`` or ``evil.example seen by us``; prose does not begin so."""
    if len(body) > MAX_WRITTEN * 10:
        return None
    parts = body.split()
    if len(parts) < 2 or not isinstance(normalise(parts[0]), Value):
        return None
    line = _from_cells(parts)
    if line is None or (line.note and len(line.values) > 1):
        return None
    return Line(line.values, line.rejected, line.note.replace(", ", " "))
