"""One import from files to a published MISP: read → aggregate → check → preview → publish."""

from dataclasses import dataclass
from typing import Any

from securegrid.ingest.model import Shape
from securegrid.ingest.readers.format import Format, ReadOptions


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be read, and as what."""

    source: str
    """Names what is remembered of it and, with the alliance, its events' UUIDs: the same name for
    everything that belongs together (``docodoco.jp``, ``IPAlert``)."""
    files: tuple[str, ...]
    """Paths, or ``-`` for standard input."""
    format: Format[Any]
    options: ReadOptions
    shape: Shape
