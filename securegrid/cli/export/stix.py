"""Attributes as one STIX 2.1 bundle, event by event through misp-stix, written while they come."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID, uuid4, uuid5

from misp_stix_converter import MISPtoSTIX21Parser

from securegrid.cli.export.events import by_event, event_document
from securegrid.misp.records import Attribute, EventSummary

_SHARED = frozenset({"identity", "marking-definition"})
"""Objects that several events have in common; each is written once."""
_NOISY = ("pymisp", "misp_stix_converter")
"""They log what they cannot convert, with its value, to standard error."""


class StixWriter:
    """One grouping (or report) for each event with its indicators and observed data.

    An event that comes back on a later page, because it is large or was added to later, gives a
    further grouping with an id of its own, so that no id stands twice.
    """

    def __init__(self) -> None:
        self.not_written = 0
        self._begun = False
        self._pieces: Counter[str] = Counter()
        self._shared: set[str] = set()

    def begin(self) -> str:
        """The bundle's beginning."""
        return f'{{"type": "bundle", "id": "bundle--{uuid4()}", "objects": ['

    def page(self, attributes: Sequence[Attribute]) -> str:
        """Their objects, one on each line."""
        text = ",\n".join(one for of in by_event(attributes) for one in self._objects(*of))
        before = ",\n" if self._begun and text else "\n" * bool(text)
        self._begun = self._begun or bool(text)
        return before + text

    def end(self) -> str:
        """Its end."""
        return "\n]}\n"

    def _objects(self, event: EventSummary, attributes: Sequence[Attribute]) -> Iterator[str]:
        document = event_document(event, attributes) | {"uuid": self._piece_of(event)}
        parser = MISPtoSTIX21Parser()
        with _silenced():
            parser.parse_misp_event(document)
        made = parser.stix_objects
        known = {str(one["id"]).rpartition("--")[2] for one in made}
        self.not_written += sum(one.uuid not in known for one in attributes)
        for one in made:
            if one["type"] not in _SHARED or one["id"] not in self._shared:
                self._shared |= {one["id"]} if one["type"] in _SHARED else set()
                yield one.serialize(ensure_ascii=False)

    def _piece_of(self, event: EventSummary) -> str:
        """The UUID of the event, and of each further piece of it another that follows from it."""
        number = self._pieces[event.uuid]
        self._pieces[event.uuid] += 1
        return event.uuid if number == 0 else str(uuid5(UUID(event.uuid), str(number)))


@contextmanager
def _silenced() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in _NOISY]
    levels = [one.level for one in loggers]
    for one in loggers:
        one.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)
