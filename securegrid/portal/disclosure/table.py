"""Tables as CSV that no spreadsheet mistakes for formulas."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
BYTE_ORDER_MARK = "\ufeff"
"""Spreadsheets take a CSV without it for the local encoding, which breaks Japanese."""


def defuse(cell: object) -> str:
    """The text of a cell; one that a spreadsheet would take for a formula gets a leading ``'``.

    OWASP, *CSV Injection*: cells beginning with ``=``, ``+``, ``-``, ``@``, tab or CR. Full-width
    forms of them are taken for formulas by Japanese spreadsheets, so they count as well.
    """
    text = "" if cell is None else str(cell)
    return "'" + text if text.startswith((*_DANGEROUS, *_FULL_WIDTH)) else text


_FULL_WIDTH = ("＝", "＋", "－", "＠")


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of a table, each ended by CR LF (RFC 4180), every cell defused."""
    yield BYTE_ORDER_MARK + _line(header)
    for row in rows:
        yield _line(row)


def _line(cells: Sequence[object]) -> str:
    out = StringIO()
    csv.writer(out).writerow([defuse(cell) for cell in cells])
    return out.getvalue()
