"""What must be done so that a generation holds what a MISP lists: pure comparison of stamps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from securegrid.index.port import EventStamp
from securegrid.misp.copying import EventLine

UNSETTLED = -1
"""The timestamp kept of an event that may change once more without its timestamp moving."""
UNEQUAL = -2
"""The timestamp kept of an event of which not as many attributes came as the MISP counts."""

_CLOCK_S = 2
"""Seconds by which the second of the list may be another than that of the edits in it."""


@dataclass(frozen=True, slots=True)
class Changes:
    """``read``: events to read (again), by id; ``gone``: UUIDs held that must not be any more."""

    read: tuple[EventLine, ...]
    gone: tuple[bytes, ...]
    listed: int
    """Events that belong into the generation."""


def compare(
    listed: Iterable[EventLine], held: Mapping[bytes, EventStamp], *, published_only: bool
) -> Changes:
    """Every event that is new, has another stamp (a timestamp may go backwards), or is gone;
    with ``published_only`` an event that is not published is gone."""
    wanted = {line.uuid.bytes: line for line in listed if line.published or not published_only}
    changed = (line for uuid, line in wanted.items() if held.get(uuid) != stamp_of(line))
    return Changes(
        read=tuple(sorted(changed, key=lambda line: line.id)),
        gone=tuple(uuid for uuid in held if uuid not in wanted),
        listed=len(wanted),
    )


def stamp_of(line: EventLine) -> EventStamp:
    """What is kept of an event that was read whole."""
    return EventStamp(line.timestamp, line.published)


@dataclass(frozen=True, slots=True)
class Moment:
    """When the list of events was made: ``at`` by the MISP's clock, within ``within_s`` before."""

    at: float
    within_s: float

    def may_change_unseen(self, line: EventLine) -> bool:
        """Whether an edit right after the list would leave the event's timestamp as it is.

        Timestamps are whole seconds, so a second edit in the same second does not show.
        """
        return self.at - self.within_s - _CLOCK_S <= line.timestamp <= self.at + _CLOCK_S


def settled(line: EventLine, held: EventStamp | None, moment: Moment, *, equal: bool) -> EventStamp:
    """The stamp to keep of an event that was read.

    ``equal``: as many attributes came as the MISP counts. Where not, the event changed meanwhile,
    and the next sync reads it again; if not then either, the MISP counts some that it does not
    give (to this key), and what came is all there is.
    """
    if moment.may_change_unseen(line):
        return EventStamp(UNSETTLED, line.published)
    if not equal and (held is None or held.timestamp != UNEQUAL):
        return EventStamp(UNEQUAL, line.published)
    return stamp_of(line)
