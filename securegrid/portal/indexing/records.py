"""What the indexing room hands out: whether an index answers, who syncs it, how it stands."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from securegrid.index.rules import Quiet
from securegrid.portal.alliance.models import Misp


@dataclass(frozen=True, slots=True)
class Ready:
    """An index that answers: its generation, its key, and the beginning of its last sync."""

    generation: UUID
    key: bytes = field(repr=False)
    synced_at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to sync one MISP, held until ``until`` and renewed by every word of progress."""

    misp: Misp
    token: UUID
    generation: UUID
    key: bytes = field(repr=False)
    epoch: int
    filling: bool
    """Whether the generation is a new one, that answers only when it is complete."""
    started_at: datetime
    lease: timedelta


class ClaimLost(Exception):  # noqa: N818 - it says what happened
    """The sync has no right to go on: paused, destroyed, begun anew, or believed dead."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sync is; the totals are of what it has to read, 0 while unknown."""

    events_done: int = 0
    events_total: int = 0
    attributes_done: int = 0
    attributes_total: int = 0


@dataclass(frozen=True, slots=True)
class Changes:
    """What a complete sync changed: events read anew, and events no longer there."""

    replaced: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class Settings:
    """What an owner decides about its index; see the columns of ``MispIndex``."""

    interval_min: int
    max_age_h: int
    quiet: Quiet | None
    rate_per_s: int
    blocks: bool


class Standing(StrEnum):
    """What an index does for searches."""

    LIVE = "live"
    """The MISP is not indexed: it is asked itself."""
    READY = "ready"
    STALE = "stale"
    MISSING = "missing"
    """There is none, or its first sync is not complete."""


@dataclass(frozen=True, slots=True)
class Running:
    """A sync at work. ``rate_per_s``: attributes a second; ``remaining_s``: None while unknown."""

    filling: bool
    started_at: datetime
    progress: Progress
    rate_per_s: float
    remaining_s: float | None


@dataclass(frozen=True, slots=True)
class Overview:
    """How the index of one MISP stands, for pages, the API and commands."""

    misp: Misp
    standing: Standing
    settings: Settings
    epoch: int
    """The epoch of the key that answers; 0 before the first."""
    rows: int
    events: int
    bytes: int
    created_at: datetime | None
    synced_at: datetime | None
    age_s: float | None
    changed_at: datetime | None
    changes: Changes
    rotating: bool
    """Whether a next generation is being filled beside the one that answers."""
    running: Running | None
    paused_at: datetime | None
    due_at: datetime | None
    """When the next sync begins; None: at once."""
    failures: int
    last_error: str
    """The code of the reason why the last sync failed; empty when it did not."""
    last_error_at: datetime | None
