"""Tables of indicators: CSV, TSV and spreadsheets, one attribute per row and value."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Final

import msgspec

from securegrid.ingest.model import Bad, BadLine, Batch, Block, Counted, Key
from securegrid.ingest.readers.entries import Entry, Seen, add
from securegrid.ingest.readers.format import Format, ReadOptions, UnknownFormatError
from securegrid.ingest.readers.lines import shown
from securegrid.ingest.readers.table_columns import Layout, Pairs, Role, layout_of
from securegrid.ingest.readers.table_rows import (
    NoTableError,
    Row,
    is_spreadsheet,
    sheet_rows,
    text_rows,
)
from securegrid.ingest.readers.table_types import Typed, typed
from securegrid.ingest.readers.when import checked, day_of, unix_time
from securegrid.ingest.shapes.table import TableShape
from securegrid.misp.typetable import type_table

WANTED = "a table: CSV, TSV or XLSX with a column of values (name it: --column value=NAME)"
_LOOKED_AT: Final = 20
"""Rows of the beginning among which the header is looked for."""
_MOST_COLUMNS: Final = 1_000
_LONGEST_TEXT: Final = 1_000
_MOST_TAGS: Final = 64


class TableOptions(ReadOptions, frozen=True, kw_only=True):
    """``columns``: which column holds what; empty: what their names say. ``date`` and ``title``
    are those of rows without one; ``tags`` come to every event; empty ``delimiter`` and ``sheet``:
    what the file shows, and its first."""

    columns: Pairs = ()
    date: str = ""
    title: str = ""
    tags: tuple[str, ...] = ()
    delimiter: str = ""
    sheet: str = ""


class TableReader(msgspec.Struct, frozen=True):
    """Reads a whole table. Rows of one title and day are one event with the tags of them all."""

    options: TableOptions

    def read(self, block: Block) -> Batch:
        """What ``block`` holds."""
        reading = _Reading(self.options)
        try:
            reading.read(rows_of(block.data, block.encoding, self.options))
        except NoTableError as error:
            return Batch(1, {}, (Bad(1, BadLine.NOT_THE_FORMAT, shown(str(error))),))
        return Batch(reading.lines, reading.seen(), tuple(reading.bad), reading.passed_over)


def rows_of(data: bytes, encoding: str, options: TableOptions) -> Iterator[Row | int]:
    """The rows of the file; raises ``NoTableError``."""
    if is_spreadsheet(data):
        return sheet_rows(data, options.sheet)
    return text_rows(data, encoding, options.delimiter)


class _Reading:
    """One walk through a table."""

    def __init__(self, options: TableOptions) -> None:
        self.lines = self.passed_over = 0
        self.bad: list[Bad] = []
        self._options = options
        self._found: dict[tuple[str, str], list[tuple[Key, Counted]]] = {}
        self._tags: dict[tuple[str, str], dict[str, None]] = {}

    def read(self, rows: Iterator[Row | int]) -> None:
        layout, above, rest = _beginning(rows, self._options)
        for row in rest:
            self.lines += 1
            if isinstance(row, int):
                self.bad.append(Bad(row, BadLine.NOT_THE_FORMAT, ""))
            elif layout is None or self.lines <= above or not _has_text(row[1]):
                self.passed_over += 1
            else:
                self._row(row, layout)

    def _row(self, row: Row, layout: Layout) -> None:
        number, cells = row
        found = self._entries(cells, layout)
        if isinstance(found, BadLine):
            self.bad.append(Bad(number, found, shown(" ".join(cells))))
        else:
            event, items = found
            self._found.setdefault(event, []).extend(items)
            tags = chain(self._options.tags, _listed(_all(cells, layout, Role.TAGS)))
            self._tags.setdefault(event, {}).update(dict.fromkeys(tags))

    def _entries(
        self, cells: Sequence[str], layout: Layout
    ) -> tuple[tuple[str, str], list[tuple[Key, Counted]]] | BadLine:
        at = self._at(cells, layout)
        if isinstance(at, BadLine):
            return at
        items = [_item(one, cells, layout) for one in _values(cells, layout)]
        if not items:
            return BadLine.NO_VALUE
        seen = self._seen(cells, layout, at)
        title = _one(cells, layout, Role.TITLE) or self._options.title
        event = (day_of(at, self._options.zone), " ".join(title.split())[:_LONGEST_TEXT])
        return event, [(item, seen) for item in items]

    def _at(self, cells: Sequence[str], layout: Layout) -> int | BadLine:
        written = _one(cells, layout, Role.DATE) or _one(cells, layout, Role.FIRST_SEEN)
        zone, now = self._options.zone, self._options.now
        return checked(unix_time(written or self._options.date, zone), now)

    def _seen(self, cells: Sequence[str], layout: Layout, at: int) -> Counted:
        zone = self._options.zone
        first = unix_time(_one(cells, layout, Role.FIRST_SEEN), zone)
        last = unix_time(_one(cells, layout, Role.LAST_SEEN), zone)
        return Counted(at if first is None else first, at if last is None else last, 1)

    def seen(self) -> Seen:
        """What was found, each event with all its tags."""
        seen: Seen = {}
        for event, items in self._found.items():
            key = (*event, *sorted(self._tags[event])[:_MOST_TAGS])
            entries: list[Entry] = [(key, item, counted) for item, counted in items]
            add(seen, entries)
        return seen


def _beginning(
    rows: Iterator[Row | int], options: TableOptions
) -> tuple[Layout | None, int, Iterator[Row | int]]:
    """The layout, from the first row that tells one; how many rows stand above the first with
    values (titles, the header); and all rows from the beginning on."""
    looked: list[Row | int] = []
    for row in islice(rows, _LOOKED_AT):
        looked.append(row)
        if not isinstance(row, int) and _has_text(row[1]):
            found = layout_of(row[1][:_MOST_COLUMNS], options.columns, options.zone)
            if found is not None:
                layout, is_header = found
                return layout, len(looked) - (not is_header), chain(looked, rows)
    return None, 0, chain(looked, rows)


def _has_text(cells: Sequence[str]) -> bool:
    return any(cell.strip() for cell in cells)


def _values(cells: Sequence[str], layout: Layout) -> Iterator[Typed]:
    type_, category = _one(cells, layout, Role.TYPE), _one(cells, layout, Role.CATEGORY)
    flag = _one(cells, layout, Role.TO_IDS)
    for written in _all(cells, layout, Role.VALUE):
        if found := typed(written, type_, category, flag):
            yield found


def _item(one: Typed, cells: Sequence[str], layout: Layout) -> Key:
    tags = sorted(dict.fromkeys(_listed(_all(cells, layout, Role.ATTRIBUTE_TAGS))))[:_MOST_TAGS]
    flag = "to_ids" if one.to_ids else ""
    seen = "seen" if _one(cells, layout, Role.FIRST_SEEN) else ""
    about = (one.type, one.category, one.value)
    return *about, flag, seen, _comment(cells, layout), ",".join(tags)


def _comment(cells: Sequence[str], layout: Layout) -> str:
    """With a category that is none of MISP's, which says what the value is about."""
    told = list(_all(cells, layout, Role.COMMENT))
    category = _one(cells, layout, Role.CATEGORY)
    if category and category not in type_table().described.categories:
        told.insert(0, category)
    return "; ".join(told)[:_LONGEST_TEXT]


def _all(cells: Sequence[str], layout: Layout, role: Role) -> Iterator[str]:
    for one, index in layout:
        if one is role and index < len(cells) and (text := cells[index].strip()):
            yield text


def _one(cells: Sequence[str], layout: Layout, role: Role) -> str:
    return next(_all(cells, layout, role), "")


def _listed(cells: Iterator[str]) -> Iterator[str]:
    """Several tags stand in one cell with commas between."""
    return (tag for cell in cells for one in cell.split(",") if (tag := " ".join(one.split())))


def make_reader(head: bytes, options: ReadOptions) -> TableReader:
    """The reader of a file that begins with ``head``; raises ``UnknownFormatError``."""
    own = options if isinstance(options, TableOptions) else _with_defaults(options)
    if head and not is_spreadsheet(head) and not _is_table(head, own):
        raise UnknownFormatError(WANTED)
    return TableReader(own)


def _with_defaults(options: ReadOptions) -> TableOptions:
    return TableOptions(now=options.now, zone=options.zone, encoding=options.encoding)


def _is_table(head: bytes, options: TableOptions) -> bool:
    whole = head[: head.rfind(b"\n") + 1] or head
    layout, _, rows = _beginning(rows_of(whole, options.encoding, options), options)
    return layout is not None or not any(
        isinstance(row, tuple) and _has_text(row[1]) for row in rows
    )


TABLE = Format("table", TableOptions, make_reader, TableShape, by_line=False)
