"""Attributes written out while they come: CSV, JSON, a plain list; STIX in a module of its own."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from securegrid.cli.clean import defused, uncontrolled
from securegrid.cli.export.events import by_event, event_document, own_tags
from securegrid.misp.records import Attribute, Tag, whole

COLUMNS = (
    *("event_date", "event_org", "event_info", "event_tags", "event_uuid"),
    *("type", "category", "value", "to_ids", "comment", "first_seen", "last_seen"),
    *("attribute_tags", "object_relation", "timestamp", "uuid"),
)


class Writer(Protocol):
    """One form. ``begin``, then ``page`` for each page, then ``end``, one after the other."""

    not_written: int
    """Attributes that the form cannot hold."""

    def begin(self) -> str:
        """What stands before the first attribute."""
        ...

    def page(self, attributes: Sequence[Attribute]) -> str:
        """These attributes."""
        ...

    def end(self) -> str:
        """What stands after the last."""
        ...


class CsvWriter:
    """A header and one line for each attribute (RFC 4180); no cell is a formula."""

    not_written = 0

    def begin(self) -> str:
        """The header."""
        return _lines([COLUMNS])

    def page(self, attributes: Sequence[Attribute]) -> str:
        """One line each."""
        return _lines([_harmless(cell) for cell in _cells(one)] for one in attributes)

    def end(self) -> str:
        """Nothing."""
        return ""


def _harmless(cell: str) -> str:
    # Nearly every cell is printable, and then there is nothing to look for.
    return defused(cell if cell.isprintable() else uncontrolled(cell))


def _lines(rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def _cells(one: Attribute) -> tuple[str, ...]:
    event = one.event
    about = ("", "", "", "", "")
    if event is not None:
        org = event.orgc.name if event.orgc else ""
        about = (event.date or "", org, event.info, _names(event.tags), event.uuid)
    seen = (one.first_seen or "", one.last_seen or "")
    to_ids, comment = ("1" if one.to_ids else "0"), one.comment or ""
    relation, at = one.object_relation or "", str(whole(one.timestamp) or "")
    what = (one.type, one.category, one.value, to_ids, comment)
    return (*about, *what, *seen, _names(own_tags(one)), relation, at, one.uuid)


def _names(tags: Iterable[Tag]) -> str:
    return "; ".join(tag.name for tag in tags)


class JsonWriter:
    """The answer of ``events/restSearch``, as one document: events with their attributes."""

    not_written = 0

    def __init__(self) -> None:
        self._separator = "\n"

    def begin(self) -> str:
        """The document's beginning."""
        return '{"response": ['

    def page(self, attributes: Sequence[Attribute]) -> str:
        """One line for each event."""
        told = [self._line(event_document(*one)) for one in by_event(attributes)]
        return "".join(told)

    def _line(self, event: dict[str, object]) -> str:
        before, self._separator = self._separator, ",\n"
        return before + msgspec.json.encode({"Event": event}).decode()

    def end(self) -> str:
        """Its end."""
        return "\n]}\n"


class TextWriter:
    """The values alone, one on each line; doubles stay (``sort -u`` removes them)."""

    not_written = 0

    def begin(self) -> str:
        """Nothing."""
        return ""

    def page(self, attributes: Sequence[Attribute]) -> str:
        """One line each."""
        return "".join(f"{_one_line(one.value)}\n" for one in attributes)

    def end(self) -> str:
        """Nothing."""
        return ""


def _one_line(value: str) -> str:
    if value.isprintable():
        return value
    return " ".join(uncontrolled(value).split())
