"""The cells of the grid: thousands of them on a page, each made once per look."""

from collections.abc import Iterable
from functools import lru_cache

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from securegrid.federation.outcomes import CellState
from securegrid.portal.searches.pages.looks import known_reason, language
from securegrid.portal.searches.shapes import GridCell
from securegrid.values.model import Kind
from securegrid.words import advice, say

register = template.Library()


@register.simple_tag
def grid_cells(cells: Iterable[GridCell]) -> SafeString:
    """The ``td`` of a row; state by shape, colour and word, the reason on pointing."""
    spoken = language()
    joined = "".join(_cell(cell.state, cell.reason, cell.count, spoken) for cell in cells)
    return mark_safe(joined)  # noqa: S308 - each part was made by format_html


@lru_cache(maxsize=4096)
def _cell(state: CellState, reason: str | None, count: int | None, spoken: str) -> SafeString:
    words = say(state, spoken)
    if state is CellState.HIT:
        return format_html('<td class="sq-hit"><span>{}</span></td>', _hit_words(count, words))
    if state is CellState.MISS:
        return format_html(
            '<td class="sq-miss"><span class="visually-hidden">{}</span></td>', words
        )
    known = known_reason(reason)
    why = "" if known is None else f"{say(known, spoken)} — {advice(known, spoken)}"
    return format_html('<td class="sq-{}" title="{}"><span>{}</span></td>', state, why, words)


def _hit_words(count: int | None, words: str) -> SafeString:
    if count is None:
        return format_html("{}", words)
    hidden = ngettext("hit", "hits", count)
    return format_html('{} <span class="visually-hidden">{}</span>', count, hidden)


@register.simple_tag
def kind_name(kind: Kind) -> str:
    """What a kind is called."""
    return say(kind, language())


@register.simple_tag
def state_name(code: str) -> str:
    """What the state of a cell is called."""
    return say(CellState(code), language())


@register.simple_tag
def quantity(number: int) -> str:
    """A whole number with separators, as both languages write it."""
    return f"{number:,}"


@register.filter
def thousands(number: int) -> str:
    """The same inside of a text."""
    return f"{number:,}"


@register.filter
def seen(moment: str | None) -> str:
    """A moment to the minute, in the zone in which its MISP holds it; a dash for none."""
    return moment[:16].replace("T", " ") if moment else "–"


@register.simple_tag
def hidden_fields(name: str, values: Iterable[object]) -> SafeString:
    """Hidden inputs of one name (there may be thousands)."""
    return format_html_join(
        "\n", '<input type="hidden" name="{}" value="{}">', ((name, value) for value in values)
    )
