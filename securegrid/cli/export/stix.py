"""Attributes as one STIX 2.1 bundle, event by event through misp-stix, written while they come."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID, uuid4, uuid5

import msgspec
from misp_stix_converter import MISPtoSTIX21Parser

from securegrid.misp.records import Attribute, EventSummary

_SHARED = frozenset({"identity", "marking-definition"})
"""Objects that several events have in common; each is written once."""
_NOISY = ("pymisp", "misp_stix_converter")
"""They log what they cannot convert, with its value, to standard error."""
_UNKNOWN = EventSummary(id=0, uuid="", info="")


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
        by_event: dict[str, list[Attribute]] = {}
        for one in attributes:
            by_event.setdefault(str(one.event_id), []).append(one)
        objects = [text for of in by_event.values() for text in self._objects(of)]
        text = ",\n".join(objects)
        before = ",\n" if self._begun and text else "\n" * bool(text)
        self._begun = self._begun or bool(text)
        return before + text

    def end(self) -> str:
        """Its end."""
        return "\n]}\n"

    def _objects(self, attributes: Sequence[Attribute]) -> Iterator[str]:
        event = attributes[0].event or _UNKNOWN
        document = _event_document(event, self._piece_of(event), attributes)
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


def _event_document(
    event: EventSummary, uuid: str, attributes: Sequence[Attribute]
) -> dict[str, object]:
    document: dict[str, object] = msgspec.to_builtins(event)
    plain = [_attribute_document(one) for one in attributes]
    at = event.timestamp or max((str(one.timestamp) for one in attributes), default="0")
    return document | {"uuid": uuid, "timestamp": str(at), "Attribute": plain}


def _attribute_document(one: Attribute) -> dict[str, object]:
    document: dict[str, object] = msgspec.to_builtins(one)
    document.pop("Event", None)
    return document | {"timestamp": str(one.timestamp), "comment": one.comment or ""}


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
