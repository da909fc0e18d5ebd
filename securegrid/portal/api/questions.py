"""From a request's text and values to an extraction."""

from collections.abc import Sequence

from securegrid.portal.api.errors import ApiError, Code
from securegrid.portal.api.schemas import ExtractIn, ItemIn
from securegrid.portal.config import config
from securegrid.portal.searches.refusals import Problem, SearchRefused
from securegrid.values.extract import Item, extract, extract_items
from securegrid.values.model import Entry, Extraction

MOST_ITEMS = 200_000
"""Explicit values beyond this are not even looked at."""


def understand(asked: ExtractIn) -> Extraction:
    """What the text and the values of a request hold. Raises ApiError and SearchRefused.

    The values come first, then what the text adds to them.
    """
    limit = config().max_values
    text, items = _text(asked), _items(asked)
    parts = []
    if items:
        parts.append(extract_items(items, limit=limit))
    if text:
        parts.append(extract(text, limit=limit))
    return together(parts)


def _text(asked: ExtractIn) -> str:
    text = asked.text or ""
    if "\0" in text:
        raise ApiError(Code.NOT_TEXT, "text")
    limit = config().max_text_bytes
    if len(text) > limit or len(text.encode()) > limit:
        raise SearchRefused(Problem.TEXT_TOO_LONG, "text", limit=limit)
    return text


def _items(asked: ExtractIn) -> list[Item]:
    values = asked.values or []
    if len(values) > MOST_ITEMS:
        raise SearchRefused(Problem.TOO_MANY_VALUES, "values", limit=config().max_values)
    if "\0" in "".join(map(_text_of, values)):
        raise ApiError(Code.NOT_TEXT, "values")
    return [_item(value) for value in values]


def _text_of(value: str | ItemIn) -> str:
    return value if isinstance(value, str) else value.value + value.note + value.label


def _item(value: str | ItemIn) -> Item:
    return Item(value) if isinstance(value, str) else Item(value.value, value.note, value.label)


def together(parts: Sequence[Extraction]) -> Extraction:
    """Several extractions as one: a value keeps its first place, note and label."""
    if len(parts) == 1:
        return parts[0]
    entries: dict[str, Entry] = {}
    for entry in (entry for part in parts for entry in part.entries):
        known = entries.get(entry.value.text)
        entries[entry.value.text] = entry if known is None else _merged(known, entry)
    rejected = tuple(piece for part in parts for piece in part.rejected)
    return Extraction(tuple(entries.values()), rejected)


def _merged(known: Entry, more: Entry) -> Entry:
    return Entry(
        known.value,
        tuple(dict.fromkeys(known.written + more.written)),
        known.note or more.note,
        known.label or more.label,
    )
