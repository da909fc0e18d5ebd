"""What the imports room hands out: the right to work on one, how far it is, how it ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from securegrid.misp.failures import Reason
from securegrid.portal.imports.models import Import, State
from securegrid.portal.imports.preview import Preview

LEASE = timedelta(minutes=2)
"""A worker that was not heard of for so long is dead."""
AUTO = "auto"
"""The format of a file that is still to be looked at."""


class Fault(StrEnum):
    """Why an import failed by itself; a MISP's failures have their own reasons."""

    FORMAT_NOT_KNOWN = "format_not_known"
    """No reader knows the file."""
    NOTHING_UNDERSTOOD = "nothing_understood"
    """It has lines, and none of them is of the format."""
    NOTHING_FOUND = "nothing_found"
    """It was understood, and holds nothing that becomes data."""
    TOO_LONG = "too_long"
    """Reading it took too long: far more comes out of it than was uploaded."""
    FILE_GONE = "file_gone"
    NOTHING_NEW = "nothing_new"
    """All of it was imported before, from this source."""
    KEY_GONE = "key_gone"
    """The MISP has no usable key in the portal (any more)."""
    UNEXPECTED = "unexpected"


class ClaimLost(Exception):  # noqa: N818 - it says what happened
    """The worker has no right to go on: stopped by a person, or believed dead."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on one import, held until it is not renewed for ``lease``."""

    imported: Import
    token: UUID
    step: State
    lease: timedelta


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work is: bytes read, or attributes written. ``total`` 0: not known."""

    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a file; ``fault``: why it cannot be published."""

    fault: Fault | None
    format: str
    lines: int
    bad_lines: int
    passed_over: int
    events: int
    attributes: int
    errors: int
    warnings: int
    preview: Preview


@dataclass(frozen=True, slots=True)
class Writing:
    """What came of publishing.

    ``dropped``: attributes that the MISP did not take; ``refused``: what was left out because it
    breaks a rule; ``unpublished``: events that the key may write and not publish; ``failed``: why
    an event could not be written, while others were.
    """

    has_written: bool = False
    events: int = 0
    attributes: int = 0
    dropped: int = 0
    refused: int = 0
    unpublished: int = 0
    failed: Reason | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """Work that goes on."""

    step: State
    started_at: datetime
    progress: Progress
    rate_per_s: float
    remaining_s: float | None
