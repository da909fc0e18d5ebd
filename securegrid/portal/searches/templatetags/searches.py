"""The cells of the grid: thousands of them on a page, each made once per look."""

from collections.abc import Iterable
from functools import lru_cache

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from securegrid.asn import Origin
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
    joined = "".join(_cell(cell, spoken) for cell in cells)
    return mark_safe(joined)  # noqa: S308 - each part was made by format_html


@lru_cache(maxsize=4096)
def _cell(cell: GridCell, spoken: str) -> SafeString:
    words = say(cell.state, spoken)
    if cell.state is CellState.HIT:
        return _hit(cell, words, spoken)
    if cell.state is CellState.MISS:
        return format_html(
            '<td class="sq-miss"><span class="visually-hidden">{}</span></td>', words
        )
    return format_html(
        '<td class="sq-{}" title="{}"><span>{}</span></td>',
        cell.state,
        _why(cell.reason, spoken),
        words,
    )


def _why(code: str | None, spoken: str) -> str:
    known = known_reason(code)
    return "" if known is None else f"{say(known, spoken)} — {advice(known, spoken)}"


def _hit(cell: GridCell, words: str, spoken: str) -> SafeString:
    shown = _hit_words(cell.count, words)
    if cell.coming:
        return _unconfirmed(shown, _("hit at the last sync; its details are being fetched"))
    if cell.reason is not None:
        without = _("hit at the last sync; details not available")
        return _unconfirmed(shown, f"{without}: {_why(cell.reason, spoken)}")
    if cell.related:
        return format_html(
            '<td class="sq-hit sq-related" title="{0}"><span>{1}'
            '<span class="visually-hidden"> ({0})</span></span></td>',
            _("related only, not equal"),
            shown,
        )
    return format_html('<td class="sq-hit"><span>{}</span></td>', shown)


def _unconfirmed(shown: SafeString, title: str) -> SafeString:
    return format_html(
        '<td class="sq-hit sq-bare" title="{0}"><span>{1}'
        '<span class="visually-hidden"> ({0})</span></span></td>',
        title,
        shown,
    )


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


_AGES = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


@register.filter
def age(seconds: float) -> str:
    """How old something is, in its largest fitting unit, rounded down."""
    for length, unit in _AGES:
        if seconds >= length:
            return _age(int(seconds // length), unit)
    return _("less than 1 min")


def _age(number: int, unit: str) -> str:
    words = {
        "day": ngettext("%(number)s day", "%(number)s days", number),
        "hour": _("%(number)s h"),
        "minute": _("%(number)s min"),
    }
    return words[unit] % {"number": number}


@register.filter
def network(origin: Origin) -> str:
    """A network: AS number, AS name and country, as far as they are known."""
    named = " ".join(filter(None, (f"AS{origin.asn}", origin.name)))
    return " · ".join(filter(None, (named, origin.country)))


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
