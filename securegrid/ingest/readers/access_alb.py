"""Access logs of AWS's Application Load Balancer (User Guide, Access log entries)."""

import re
from functools import lru_cache
from typing import Final

from securegrid.ingest.model import BadLine
from securegrid.ingest.readers.anonymous import Observer
from securegrid.ingest.readers.lines import Parsed
from securegrid.ingest.readers.when import unix_time

_TYPES: Final = "https?|h2|grpcs|wss?"
_LINE: Final = re.compile(
    rf"(?:{_TYPES}) (\d{{4}}-\S++) \S++ (\S++) \S++ (?:[-\d.]++ ){{3}}\S++ \S++ [-\d]++ [-\d]++ "
    r'"(?:[^"\\]|\\.)*+" "((?:[^"\\]|\\.)*+)" ',
    re.DOTALL,
)
_time: Final = lru_cache(4_096)(unix_time)


def parse(line: str, observer: Observer) -> Parsed:
    """What one line says; its time is in UTC, and the client's port stands behind the address."""
    found = _LINE.match(line)
    if found is None:
        return BadLine.NOT_THE_FORMAT
    return observer.sighting(_time(found[1], "UTC"), _client(found[2]), "", found[3])


def _client(written: str) -> str:
    address, _, port = written.rpartition(":")
    return address.strip("[]") if port.isdigit() else written
