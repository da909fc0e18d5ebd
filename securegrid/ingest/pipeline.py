"""One import from files to a published MISP: read → aggregate → check → preview → publish."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from securegrid.ingest.model import Shape

if TYPE_CHECKING:
    from securegrid.ingest.readers import Format, Options  # type: ignore[import-not-found]


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be read, and as what."""

    source: str
    """Names what is remembered of it and, with the alliance, its events' UUIDs: the same name for
    everything that belongs together (``docodoco.jp``, ``IPAlert``)."""
    files: tuple[str, ...]
    """Paths, or ``-`` for standard input."""
    format: "Format"
    options: "Options"
    shape: Shape
