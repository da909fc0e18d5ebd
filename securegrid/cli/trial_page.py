"""The talk's two tables as one HTML page that needs nothing else: light, dark and on paper."""

from collections.abc import Sequence
from html import escape

from securegrid.cli.clean import printable
from securegrid.cli.formats import Rows
from securegrid.cli.trial import (
    HitRow,
    Trial,
    events,
    headline,
    hit_table,
    order_and_day,
    summary_table,
)
from securegrid.cli.words import Language, Say, say

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --faint: #667; }
@media (prefers-color-scheme: dark) { :root { --faint: #aab; } }
body { font: 15px/1.5 system-ui, "Noto Sans JP", "Hiragino Sans", "Yu Gothic UI", sans-serif;
  margin: 2rem auto; max-width: 110rem; padding: 0 1.25rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0 .75rem; color: var(--faint); }
p.warning { color: inherit; border-left: 4px solid #d97706; padding: .4rem .8rem; }
div.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { border: 1px solid var(--line); padding: .3rem .6rem; text-align: left;
  vertical-align: top; white-space: pre-line; overflow-wrap: anywhere; }
th { background: var(--soft); overflow-wrap: normal; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; }
td.value { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .85rem;
  min-width: 9rem; }
td.network { min-width: 9rem; }
td.short { white-space: nowrap; } td.long { min-width: 18rem; } td.zero { color: var(--faint); }
@media print {
  @page { size: A4 landscape; margin: 12mm; }
  :root { color-scheme: light; } body { margin: 0; max-width: none; font-size: 9pt; }
  div.wide { overflow: visible; } table { font-size: 7.5pt; }
  thead { display: table-header-group; } tr { break-inside: avoid; }
  td.long, td.network, td.value { min-width: 0; } td.value { font-size: 7pt; }
}
"""
_NO_RESOURCES = "default-src 'none'; style-src 'unsafe-inline'"
"""The page's own promise that it loads nothing from anywhere."""


def as_page(trial: Trial, language: Language) -> str:
    """Both tables as a self-contained HTML document."""
    title, asked = headline(trial, language)
    return (
        f'<!doctype html>\n<html lang="{language.value}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_NO_RESOURCES}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{_text(title)}</h1>\n<p>{_text(asked)}</p>\n{_warning(trial, language)}"
        f"<h2>{say(Say.TRIAL_PER_MISP, language)}</h2>\n"
        f"{_summary(trial, language)}"
        f"<h2>{say(Say.TRIAL_HITS, language)}</h2>\n{_hits(trial, language)}</body>\n</html>\n"
    )


def _warning(trial: Trial, language: Language) -> str:
    if trial.search.all_answered:
        return ""
    return f'<p class="warning">{say(Say.TRIAL_INCOMPLETE, language)}</p>\n'


def _summary(trial: Trial, language: Language) -> str:
    columns, rows = summary_table(trial, language)
    shown = [[_text(cell) for cell in row] for row in rows]
    return _table(
        columns, shown, ("short", "short", "short", "number", "number", "number", "short")
    )


def _hits(trial: Trial, language: Language) -> str:
    if not trial.rows:
        return f"<p>{say(Say.TRIAL_NO_HITS, language)}</p>\n"
    columns, rows = hit_table(trial, language)
    shown = [
        [*(_text(cell) for cell in row[:-1]), _events(of)]
        for row, of in zip(rows, trial.rows, strict=True)
    ]
    counts = ["number"] * len(trial.misps)
    looks = ("number", "value", "short", "long", *counts, "network", "long")
    table = _table(columns, shown, looks)
    return f"<p>{order_and_day(trial, language)}</p>\n{table}"


def _events(row: HitRow) -> str:
    """The event titles of each MISP under its name."""
    return "\n".join(
        "\n".join((f"<b>{_text(misp)}</b>", *(_text(title) for title in titles)))
        for misp, titles in events(row)
    )


def _table(columns: Sequence[str], rows: Rows, looks: Sequence[str]) -> str:
    """A table of cells that are HTML already; ``looks`` is the class of each column."""
    head = "".join(
        f'<th scope="col" class="{look}">{_text(column)}</th>'
        for column, look in zip(columns, looks, strict=True)
    )
    body = "".join(f"<tr>{_cells(row, looks)}</tr>\n" for row in rows)
    return (
        f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}</tbody>\n</table></div>\n"
    )


def _cells(row: Sequence[str], looks: Sequence[str]) -> str:
    return "".join(
        f'<td class="{look}{" zero" if look == "number" and cell == "0" else ""}">{cell}</td>'
        for cell, look in zip(row, looks, strict=True)
    )


def _text(text: str) -> str:
    return escape(printable(text))
