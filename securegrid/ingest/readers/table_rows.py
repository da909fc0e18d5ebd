"""The rows of a table as texts, whatever file holds it: CSV, TSV, a spreadsheet."""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from python_calamine import CalamineWorkbook

from securegrid.ingest.readers.lines import decoded

Row = tuple[int, Sequence[str]]
"""Its number, from 1, and its cells."""

ZIP = b"PK\x03\x04"
OLD_SPREADSHEET = b"\xd0\xcf\x11\xe0"
MOST_UNPACKED = 512 << 20
"""Bytes that a spreadsheet may become when it is unpacked."""
DELIMITERS = "\t,;|"
_LOOKED_AT = 1 << 16
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class NoTableError(Exception):
    """What is no table, or one that cannot be opened."""


def is_spreadsheet(head: bytes) -> bool:
    """Whether a file that begins so is a spreadsheet (XLSX, XLSM, XLSB, XLS, ODS)."""
    return head.startswith((ZIP, OLD_SPREADSHEET))


def text_rows(data: bytes, encoding: str, delimiter: str = "") -> Iterator[Row | int]:
    """The rows of a CSV or TSV; the bare number of a row that is none (a field without an end).

    ``delimiter``: empty to find it out.
    """
    text = text_of(data, encoding)
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter or delimiter_of(text[:_LOOKED_AT]))
    number = 0
    while True:
        number += 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield number


def text_of(data: bytes, encoding: str) -> str:
    """The text of a file, by its byte order mark, else by what fits."""
    for mark, name in _MARKS.items():
        if data.startswith(mark):
            return data.decode(name, "replace")
    return decoded(data, encoding)


def delimiter_of(text: str) -> str:
    """What stands most often between cells in the first lines; a tab wins."""
    first = text.split("\n", 5)[:5]
    if first and "\t" in first[0]:
        return "\t"
    return max(",;|", key=lambda one: sum(line.count(one) for line in first))


def sheet_rows(data: bytes, sheet: str = "") -> Iterator[Row]:
    """The rows of a sheet, by default the first; raises ``NoTableError``."""
    _look_inside(data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        rows = book.get_sheet_by_name(sheet or book.sheet_names[0]).to_python()
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # its panics are no ordinary exceptions
        raise NoTableError(str(error)) from None
    for number, cells in enumerate(rows, 1):
        yield number, [_cell(one) for one in cells]


def _look_inside(data: bytes) -> None:
    """A small file can unpack to more than the memory holds."""
    if not data.startswith(ZIP):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(one.file_size for one in packed.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise NoTableError(str(error)) from None
    if size > MOST_UNPACKED:
        raise NoTableError("too large when unpacked")


def _cell(value: object) -> str:
    """A cell as it would be written in a CSV: whole numbers without ``.0``, times as ISO 8601."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return "" if value is None else str(value)
