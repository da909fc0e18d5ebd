"""A search written out: as a table, JSON, CSV or Markdown."""

import csv
import io
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from securegrid.cli.answers import CellAnswer, SearchAnswer
from securegrid.cli.clean import defused, markdown, printable, uncontrolled
from securegrid.cli.codes import in_words
from securegrid.cli.tables import (
    SEARCH_COLUMNS,
    Held,
    held,
    mode_words,
    origin_words,
    search_lines,
    seconds,
    state_words,
    summary_line,
)
from securegrid.cli.words import Language, Say, say
from securegrid.federation.outcomes import Why
from securegrid.misp.failures import Reason
from securegrid.values.model import Kind, Reject, Relation

Rows = Sequence[Sequence[str]]
_TITLES_ON_A_TERMINAL = 3


class Format(StrEnum):
    """How a result is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MD = "md"


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """CSV text (RFC 4180) in which no cell is a formula or commands a terminal."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([defused(uncontrolled(cell)) for cell in row] for row in rows)
    return out.getvalue()


def as_markdown(columns: Sequence[str], rows: Rows) -> str:
    """A Markdown table; every cell is literal text."""
    lines = [columns, ["---"] * len(columns)]
    lines += [[markdown(cell) for cell in row] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def print_table(columns: Sequence[str], rows: Rows, *, title: str = "") -> None:
    """A table on standard output, as wide as the terminal."""
    table = Table(title=title or None, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")  # an indicator cut short is of no use
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    Console().print(table)


def write(text: str) -> None:
    """Text to standard output in UTF-8, whatever the terminal says it understands."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def print_json(content: bytes) -> None:
    """The portal's JSON, indented. JSON escapes control characters by itself."""
    write(msgspec.json.format(content, indent=2).decode() + "\n")


def print_search(
    search: SearchAnswer, unanswered: list[CellAnswer], form: Format, language: Language
) -> None:
    """A search as table, CSV or Markdown."""
    if form is Format.CSV:
        write(as_csv(SEARCH_COLUMNS, search_lines(search, unanswered)))
    elif form is Format.MD:
        write(_search_markdown(search, language))
    else:
        _print_search_tables(search, language)


def _print_search_tables(search: SearchAnswer, language: Language) -> None:
    print_table(*misp_table(search, language))
    hits = held(search.hits)
    if hits:
        columns, rows = _hit_table(hits, search, language, _TITLES_ON_A_TERMINAL)
        print_table(columns, rows, title=say(Say.HITS, language))
    if search.rejected:
        print_table(*rejected_table(search, language), title=say(Say.REJECTED, language))
    Console().print(Text(summary_line(search, language)))


def _search_markdown(search: SearchAnswer, language: Language) -> str:
    parts = [f"{summary_line(search, language)}\n", as_markdown(*misp_table(search, language))]
    hits = held(search.hits)
    if hits:
        parts.append(as_markdown(*_hit_table(hits, search, language, len(search.hits))))
    return "\n".join(parts)


def misp_table(search: SearchAnswer, language: Language) -> tuple[list[str], Rows]:
    """Each MISP's part: how many values hit, in what time, and its state."""
    columns = (Say.MISP, Say.MEMBER, Say.MODE, Say.VALUES_HIT, Say.ANSWER_TIME, Say.STATE)
    rows = [
        [
            m.name,
            m.member,
            mode_words(m, language),
            str(m.values_hit),
            seconds(m.elapsed_ms),
            state_words(m, language),
        ]
        for m in search.misps
    ]
    return [say(column, language) for column in columns], rows


def _hit_table(
    hits: list[Held], search: SearchAnswer, language: Language, most_titles: int
) -> tuple[list[str], Rows]:
    asked = {value.value: value for value in search.values}
    network = {one.value: origin_words(asked[one.value].origin) for one in hits}
    shows_relation = any(one.relations != ("equal",) for one in hits)
    relation = (Say.RELATION,) if shows_relation else ()
    shows_network = any(network.values())
    networks = (Say.NETWORK,) if shows_network else ()
    columns = (Say.VALUE, Say.KIND, *networks, Say.MISP, *relation, Say.COUNT, Say.EVENTS)
    rows = [
        [
            one.value,
            in_words(asked[one.value].kind, language, Kind),
            *([network[one.value]] if shows_network else []),
            one.misp,
            *([_relation_words(one, language)] if shows_relation else []),
            count_words(one.count, language),
            _first_titles(one, most_titles, language),
        ]
        for one in hits
    ]
    return [say(column, language) for column in columns], rows


def _relation_words(one: Held, language: Language) -> str:
    return "\n".join(in_words(code, language, Relation) for code in one.relations)


def _first_titles(one: Held, most: int, language: Language) -> str:
    if one.reason is not None:
        reason = in_words(one.reason, language, Reason, Why)
        return say(Say.NO_DETAILS, language, reason=reason)
    told = titles(one)
    more = [f"… +{len(told) - most}"] if len(told) > most else []
    return "\n".join((*told[:most], *more))


def count_words(count: int | None, language: Language) -> str:
    """A count, or "yes" where the owner tells only that there is a hit."""
    return say(Say.COUNT_HIDDEN, language) if count is None else str(count)


def titles(one: Held) -> list[str]:
    """Event titles with their counts, as the talk's table writes them: ``title(2)``."""
    return [title if count is None else f"{title}({count})" for title, count in one.titles]


def rejected_table(search: SearchAnswer, language: Language) -> tuple[list[str], Rows]:
    """What was not understood, and why."""
    columns = [say(Say.AS_WRITTEN, language), say(Say.REASON, language)]
    return columns, [
        [piece.written, in_words(piece.reason, language, Reject)] for piece in search.rejected
    ]
