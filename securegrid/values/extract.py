"""Values out of anything a person pastes: a list, a table, or the text of a report."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from securegrid.values.gather import Gatherer
from securegrid.values.lines import Line, cell_values, is_comment, list_line
from securegrid.values.model import Extraction, Item, Reject, Rejected, Value
from securegrid.values.prose import pieces
from securegrid.values.tables import read_header, read_rows

__all__ = ["DEFAULT_LIMIT", "MAX_CHARACTERS", "Item", "extract", "extract_items"]

DEFAULT_LIMIT: Final = 10_000
MAX_CHARACTERS: Final = 20_000_000
"""Characters read of one text; a list of 200,000 values has some 5 million."""

_LINE: Final = re.compile(r"[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_SAMPLE: Final = 400
_LIST_SHARE: Final = 0.6
_SAMPLED_CHARACTERS: Final = 2_000
_SPACED: Final = re.compile(r"[\s\u3001-\u30ff\u3400-\u9fff]")
"""Several words, or a script that is written without blanks."""
_MARKUP: Final = re.compile(r"={1,6} \S|\|={2,}|-{4,}\s*$|\[options=")
"""Headings, tables and blocks of AsciiDoc."""


def extract(text: str, *, limit: int = DEFAULT_LIMIT) -> Extraction:
    """All values of ``text`` in order of first appearance, and what was rejected and why.

    A table with a header is read by its columns; a list line by line, where whatever is
    not understood is rejected; running text for the values in it, where only near misses
    are rejected. At most ``limit`` values are kept: how many more there were stands in a
    last Rejected (TOO_MANY). Beyond MAX_CHARACTERS nothing is read, which a Rejected
    (TOO_LONG, count: characters) says. Time grows with the length of the text.
    """
    gatherer = Gatherer(limit)
    unread = len(text) - _readable(text)
    text = text[: len(text) - unread]
    lines = _lines(text)
    header = read_header(next(_telling(text), ""))
    if header is not None and (header.columns > 1 or _is_list(text)):
        read_rows(header, islice(_telling_first(lines), 1, None), gatherer)
    elif _is_list(text):
        _read_list(lines, gatherer)
    else:
        _read_prose(lines, gatherer)
    return _judged(text, unread, gatherer)


def extract_items(items: Iterable[Item], *, limit: int = DEFAULT_LIMIT) -> Extraction:
    """Explicit values, each one whole or several side by side; limits as of ``extract``."""
    gatherer = Gatherer(limit)
    for item in items:
        found = cell_values(item.written, item.kind)
        if isinstance(found, Rejected):
            gatherer.reject(found.written, found.reason)
            continue
        for value, written in found:
            gatherer.take(value, written, item.note, item.label)
    return gatherer.extraction()


def _readable(text: str) -> int:
    """How many characters are read: all, or as many whole lines as fit."""
    if len(text) <= MAX_CHARACTERS:
        return len(text)
    return text.rfind("\n", 0, MAX_CHARACTERS) + 1 or MAX_CHARACTERS


def _lines(text: str) -> Iterator[str]:
    for match in _LINE.finditer(text):
        line = match[0].lstrip("\ufeff")
        if line and not line.isspace():
            yield line


def _telling(text: str) -> Iterator[str]:
    """Lines that tell what the text is: neither blank nor comment."""
    return (line for line in _lines(text) if not is_comment(line))


def _telling_first(lines: Iterator[str]) -> Iterator[str]:
    """All lines from the first that is no comment."""
    for line in lines:
        if not is_comment(line):
            yield line
            yield from lines


def _is_list(text: str) -> bool:
    """Most lines of the beginning are values or single words, and none is a report's markup."""
    sample = [line[:_SAMPLED_CHARACTERS] for line in islice(_telling(text), _SAMPLE)]
    if not sample or any(map(_MARKUP.match, sample)):
        return False
    return sum(map(_like_a_list, sample)) >= _LIST_SHARE * len(sample)


def _like_a_list(line: str) -> bool:
    """A value with or without a note, or one word that may have been meant as a value."""
    return _SPACED.search(line.strip()) is None or isinstance(list_line(line), Line)


def _read_list(lines: Iterable[str], gatherer: Gatherer) -> None:
    for line in lines:
        if is_comment(line):
            continue
        found = list_line(line)
        if isinstance(found, Line):
            for value, written in found.values:
                gatherer.take(value, written, found.note)
            for rejected in found.rejected:
                gatherer.reject(rejected.written, rejected.reason)
        elif found.reason is not Reject.UNKNOWN_KIND or not _found_within(line, gatherer):
            gatherer.reject(found.written, found.reason)


def _found_within(line: str, gatherer: Gatherer) -> bool:
    """Whether the line, read as running text, holds anything; takes it if so."""
    found = False
    for written, piece in pieces(line):
        found = True
        _keep(written, piece, gatherer)
    return found


def _read_prose(lines: Iterable[str], gatherer: Gatherer) -> None:
    for line in lines:
        for written, piece in pieces(line):
            _keep(written, piece, gatherer)


def _keep(written: str, piece: Value | Rejected, gatherer: Gatherer) -> None:
    if isinstance(piece, Value):
        gatherer.take(piece, written)
    else:
        gatherer.reject(written, piece.reason)


def _judged(text: str, unread: int, gatherer: Gatherer) -> Extraction:
    """Says also why there is nothing at all, and how much was not read."""
    if next(_lines(text), None) is None:
        gatherer.reject("", Reject.EMPTY)
    elif len(gatherer) == 0 and "\0" in text:
        gatherer.reject("", Reject.CONTROL_CHARACTERS)
    found = gatherer.extraction()
    if unread:
        left = Rejected("", Reject.TOO_LONG, unread)
        return Extraction(found.entries, (*found.rejected, left))
    return found
