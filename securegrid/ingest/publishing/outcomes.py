"""What became of an import: counts, what the MISP did not take, how far it is."""

from enum import StrEnum

import msgspec

from securegrid.misp.failures import Reason


class ImportState(StrEnum):
    """Where an import stands."""

    OPEN = "open"
    """Not everything is acknowledged; the same command goes on with it."""
    DONE = "done"
    UNDOING = "undoing"
    """Being taken back; ``undo`` goes on with it."""
    UNDONE = "undone"


class EventState(StrEnum):
    """Where one event of an import stands."""

    BEGUN = "begun"
    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"
    """Acknowledged; the key may not publish."""
    FAILED = "failed"
    REFUSED = "refused"
    """It breaks a rule of the alliance's profile."""
    TAKEN_BACK = "taken_back"


class Stage(StrEnum):
    """What an import is doing once everything is read."""

    CHECKING = "checking"
    WRITING = "writing"
    WAITING = "waiting"
    """For a MISP that does not answer usefully just now."""
    TAKING_BACK = "taking_back"


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far it is, in events. ``of``: 0 where nobody knows how many there are."""

    stage: Stage
    done: int = 0
    of: int = 0
    attributes: int = 0
    reason: Reason | None = None
    pause_s: float = 0.0


class Dropped(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute or object that was sent, and that the MISP does not have."""

    event: str
    uuid: str
    type: str
    value: str
    told: tuple[str, ...] = ()
    """The MISP's own words where it gave any (trap 11: mostly it says nothing)."""


class Altered(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute that the MISP has otherwise than it was sent."""

    event: str
    uuid: str
    value: str
    """As the MISP has it."""


class FailedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that could not be written; the next import tries it again."""

    event: str
    info: str
    reason: Reason
    told: tuple[str, ...] = ()


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did; attributes within objects are counted as attributes."""

    events_made: int = 0
    events_extended: int = 0
    events_unchanged: int = 0
    events_refused: int = 0
    events_failed: int = 0
    events_unpublished: int = 0
    attributes_added: int = 0
    attributes_changed: int = 0
    objects_added: int = 0
    dropped: int = 0
    altered: int = 0
    refused: int = 0
    """Attributes left out because they break a rule."""
    deleted_there: int = 0
    """Attributes that somebody had deleted at the MISP; they stay so."""
    unacknowledged: int = 0
    """Attributes that were sent, or about to be, and of which the MISP has not yet said."""
    rewritten: int = 0
    """Attributes with characters that not every MISP can store."""


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What was written, compared with what the MISP says it has. Lists hold the first 100."""

    name: str
    """The import's name in the journal; ``undo`` takes it."""
    misp: str
    counts: Counts
    dropped: tuple[Dropped, ...] = ()
    altered: tuple[Altered, ...] = ()
    failed: tuple[FailedEvent, ...] = ()
    tags_missing: tuple[str, ...] = ()
    """Tags that the MISP did not take over: the key may not make them."""
    forced: bool = False

    @property
    def whole(self) -> bool:
        """Whether everything that was to be written is at the MISP, and published."""
        counts = self.counts
        held_back = counts.dropped + counts.refused + counts.events_refused
        unfinished = counts.events_failed + counts.events_unpublished
        return held_back + unfinished + len(self.tags_missing) == 0


class TakenBack(msgspec.Struct, frozen=True, kw_only=True):
    """What ``undo`` did."""

    name: str
    misp: str
    events_deleted: int = 0
    events_kept: int = 0
    """They were there before, or hold what others wrote."""
    attributes_deleted: int = 0
    objects_deleted: int = 0
    attributes_restored: int = 0
    left_to_later: int = 0
    """Attributes that a later import counted too: they are that one's now."""


class Stopped(Exception):  # noqa: N818 - somebody wished it
    """The import was asked to stop; what is not acknowledged stays in the journal."""
