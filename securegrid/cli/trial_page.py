"""The talk's two tables as one HTML page that needs nothing else: light, dark and on paper."""

from collections.abc import Sequence
from html import escape

from securegrid.cli.clean import printable
from securegrid.cli.formats import Rows
from securegrid.cli.trial import Trial, headline, hit_table, summary_table
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
th { background: var(--soft); white-space: nowrap; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.value { font-family: ui-monospace, "Noto Sans Mono CJK JP", monospace; min-width: 9rem; }
td.long { min-width: 18rem; } td.zero { color: var(--faint); }
@media print {
  @page { size: A4 landscape; margin: 12mm; }
  :root { color-scheme: light; } body { margin: 0; max-width: none; font-size: 9pt; }
  div.wide { overflow: visible; } table { font-size: 7.5pt; }
  thead { display: table-header-group; } tr { break-inside: avoid; }
  td.long, td.value { min-width: 0; }
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
        f"{_table(*summary_table(trial, language), numbers={2, 3, 4})}"
        f"<h2>{say(Say.TRIAL_HITS, language)}</h2>\n{_hits(trial, language)}</body>\n</html>\n"
    )


def _warning(trial: Trial, language: Language) -> str:
    if trial.search.all_answered:
        return ""
    return f'<p class="warning">{say(Say.TRIAL_INCOMPLETE, language)}</p>\n'


def _hits(trial: Trial, language: Language) -> str:
    if not trial.rows:
        return f"<p>{say(Say.TRIAL_NO_HITS, language)}</p>\n"
    first_count = 4
    numbers = {0, *range(first_count, first_count + len(trial.misps))}
    columns, rows = hit_table(trial, language)
    long = {3, len(columns) - 1}
    table = _table(columns, rows, numbers=numbers, long=long, value=1)
    return f"<p>{say(Say.TRIAL_ORDER, language)}</p>\n{table}"


def _table(
    columns: Sequence[str],
    rows: Rows,
    *,
    numbers: set[int],
    long: frozenset[int] | set[int] = frozenset(),
    value: int = -1,
) -> str:
    def cell(place: int, text: str) -> str:
        classes = ["number"] if place in numbers else []
        classes += ["zero"] if place in numbers and text == "0" else []
        classes += ["long"] if place in long else []
        classes += ["value"] if place == value else []
        given = f' class="{" ".join(classes)}"' if classes else ""
        return f"<td{given}>{_lines(text)}</td>"

    head = "".join(f'<th scope="col">{_text(column)}</th>' for column in columns)
    body = "".join(
        f"<tr>{''.join(cell(place, text) for place, text in enumerate(row))}</tr>\n" for row in rows
    )
    return (
        f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}</tbody>\n</table></div>\n"
    )


def _lines(text: str) -> str:
    return "\n".join(_text(line) for line in text.split("\n"))


def _text(text: str) -> str:
    return escape(printable(text))
