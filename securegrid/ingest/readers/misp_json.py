"""MISP's own JSON: one event or many, as its export, its API and PyMISP write them."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from securegrid.ingest.model import BadLine, Batch, Block
from securegrid.ingest.readers.format import Format, ReadOptions, UnknownFormatError
from securegrid.ingest.readers.misp_events import Reading
from securegrid.ingest.shapes.misp_event import MispEventShape

WANTED = "a MISP event as JSON"
_MARK = re.compile(rb'"(?:Event"\s*:\s*\{|(?:Attribute|Object)"\s*:\s*\[)')
"""What stands near the beginning of every event; logs as JSON lines have no such field."""
BOM = b"\xef\xbb\xbf"


class MispJsonReader(msgspec.Struct, frozen=True):
    """Reads the events of a file; what MISP would not have is kept as bad."""

    now: int

    def read(self, block: Block) -> Batch:
        """What ``block`` holds."""
        reading = Reading(self.now)
        events = list(events_in(json_of(block.data)))
        if not events:
            reading.bad(BadLine.NOT_THE_FORMAT, WANTED)
        for event in events:
            reading.event(event)
        return reading.batch()


def json_of(data: bytes) -> Any:
    """The JSON in ``data``; None when it is none, or too deep to be read."""
    try:
        return msgspec.json.decode(data.removeprefix(BOM))
    except (msgspec.DecodeError, RecursionError):
        return None


def events_in(told: Any) -> Iterator[dict[str, Any]]:
    """The events of ``{"Event": …}``, of a list of such, and of ``{"response": …}``."""
    if isinstance(told, list):
        for one in told:
            if isinstance(one, dict):
                yield from events_in(one)
    elif isinstance(told, dict):
        event = told.get("Event")
        if isinstance(event, dict):
            yield event
        elif "response" in told:
            yield from events_in(told["response"])
        elif "info" in told and ("Attribute" in told or "Object" in told):
            yield told


def make_reader(head: bytes, options: ReadOptions) -> MispJsonReader:
    """The reader of a file that begins with ``head``; raises ``UnknownFormatError``."""
    begins = head.removeprefix(BOM).lstrip()[:1]
    if head and (begins not in {b"{", b"["} or not _MARK.search(head)):
        raise UnknownFormatError(WANTED)
    return MispJsonReader(options.now)


MISP_JSON = Format("misp-json", ReadOptions, make_reader, MispEventShape, by_line=False)
