"""Tables with a header: which column holds values, and what the others say of them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from securegrid.values.gather import Gatherer
from securegrid.values.lines import cell_values, split_cells
from securegrid.values.model import Kind, Reject, Rejected, Value
from securegrid.values.naming import holds_values, kind_of, plain_name
from securegrid.values.normalise import normalise

_VALUE_WORDS: Final = (
    "value values ioc iocs indicator indicators indicatorvalue observable artifact data "
    "値 検索値 指標 インジケータ インジケーター"
)
_KIND_WORDS: Final = "kind type valuetype indicatortype ioctype datatype 種別 種類 タイプ 型"
_LABEL_WORDS: Final = (
    "label labels category tag tags group class classification ラベル 分類 区分 タグ カテゴリ"
)
_NOTE_WORDS: Final = (
    "note notes source sources comment comments description desc remark remarks reference "
    "references 備考 出典 説明 コメント メモ 情報源 参照 理由"
)
_VALUE_NAMES: Final = frozenset(_VALUE_WORDS.split())
_KIND_NAMES: Final = frozenset(_KIND_WORDS.split())
_LABEL_NAMES: Final = frozenset(_LABEL_WORDS.split())
_NOTE_NAMES: Final = frozenset(_NOTE_WORDS.split())
_DELIMITERS: Final = ("\t", ",", ";", "|")
_MOST_COLUMNS: Final = 200
_LONGEST_HEADER: Final = 10_000
_LONGEST_RECORD: Final = 20_000
_MOST_LINES: Final = 50
_QUOTE: Final = re.compile('"')


@dataclass(frozen=True, slots=True)
class Header:
    """The roles of a table's columns, by their numbers."""

    delimiter: str
    columns: int
    values: tuple[tuple[int, Kind | None], ...]
    kind: int | None
    labels: tuple[int, ...]
    notes: tuple[int, ...]


def read_header(line: str) -> Header | None:
    """The header that this line is; ``None`` when it names no column of values."""
    if len(line) > _LONGEST_HEADER or not line.strip():
        return None
    for delimiter in _DELIMITERS:
        if delimiter in line:
            names = [name.strip() for name in split_cells(line, delimiter)]
            return _header(delimiter, names)
    return _header(",", [line.strip().strip('"')])


def read_rows(header: Header, lines: Iterable[str], gatherer: Gatherer) -> None:
    """Each row's values with their notes and labels; a cell that is no value is rejected."""
    for record in _records(lines):
        cells = split_cells(record, header.delimiter)
        if any(map(str.strip, cells)) and not record.lstrip().startswith("#"):
            _read_row(header, cells, gatherer)


def _header(delimiter: str, names: list[str]) -> Header | None:
    if len(names) > _MOST_COLUMNS or any(isinstance(normalise(n), Value) for n in names):
        return None
    plain = [plain_name(name) for name in names]
    named = [(i, None) for i, name in enumerate(plain) if name in _VALUE_NAMES]
    typed = [(i, kind_of(name)) for i, name in enumerate(plain) if holds_values(name)]
    if not named and not typed:
        return None
    return Header(
        delimiter,
        len(names),
        tuple(named[:1] or typed),
        next((i for i, name in enumerate(plain) if name in _KIND_NAMES), None),
        tuple(i for i, name in enumerate(plain) if name in _LABEL_NAMES),
        tuple(i for i, name in enumerate(plain) if name in _NOTE_NAMES),
    )


def _read_row(header: Header, cells: list[str], gatherer: Gatherer) -> None:
    note = "; ".join(filter(None, (_cell(cells, i) for i in header.notes)))
    label = ", ".join(filter(None, (_cell(cells, i) for i in header.labels)))
    stated = kind_of(_cell(cells, header.kind)) if header.kind is not None else None
    taken = 0
    for column, kind in header.values:
        if not (cell := _cell(cells, column)):
            continue
        taken += 1
        found = cell_values(cell, stated or kind)
        if isinstance(found, Rejected):
            gatherer.reject(found.written, found.reason)
            continue
        for value, written in found:
            gatherer.take(value, written, note, label)
    if not taken:
        gatherer.reject(header.delimiter.join(cells), Reject.EMPTY)


def _cell(cells: list[str], column: int) -> str:
    return cells[column].strip() if column < len(cells) else ""


def _records(lines: Iterable[str]) -> Iterator[str]:
    """Lines joined where a quoted cell goes over several; a quote left open ends with its line."""
    waiting: list[str] = []
    room = _LONGEST_RECORD
    for line in lines:
        ends = line.count('"') % 2 == (1 if waiting else 0)
        waiting.append(line)
        room -= len(line)
        if ends:
            yield "\n".join(waiting)
        elif len(waiting) >= _MOST_LINES or room < 0:
            yield from _unquoted(waiting)
        else:
            continue
        waiting, room = [], _LONGEST_RECORD
    yield from _unquoted(waiting)


def _unquoted(lines: list[str]) -> Iterator[str]:
    return (_QUOTE.sub("", line) for line in lines)
