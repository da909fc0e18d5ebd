"""Looking over what a MISP holds, in bounded memory: for its owner, the operator and ``lint``."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from securegrid.ingest.quality.checking import Checks, EventCheck
from securegrid.ingest.quality.findings import Finding
from securegrid.ingest.quality.misp_events import attribute_draft, head_draft
from securegrid.ingest.quality.profile import Profile
from securegrid.ingest.quality.reading import Piece, Reading, Sleep, Source
from securegrid.ingest.quality.scoring import Score, Tally
from securegrid.ingest.quality.warning_lists import WarningLists
from securegrid.misp.offers import has_left_out_tag, offers

MOST_ATTRIBUTES: Final = 1_000_000
"""So much is looked over, of the events changed last: some minutes."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a look is."""

    events_done: int
    events_total: int
    attributes_done: int


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look over a MISP found."""

    score: Score
    events_listed: int
    """Events that the MISP lists; more than ``score.events`` where not all were read."""
    vanished: int
    """Events that were gone when they were to be read."""
    complete: bool
    """Whether everything listed was looked over, not only what changed last."""


def _ignore(_progress: Progress) -> None:
    pass


async def look_over_misp(
    source: Source,
    profile: Profile,
    lists: WarningLists,
    *,
    now: datetime | None = None,
    most_attributes: int = MOST_ATTRIBUTES,
    published_only: bool = False,
    left_out_tags: Sequence[str] = (),
    left_out_types: Sequence[str] = (),
    tell: Callable[[Progress], None] = _ignore,
    sleep: Sleep = asyncio.sleep,
) -> Looked:
    """The score of what a MISP (``MispClient``) holds, the events changed last first.

    What an owner does not offer is not looked over: unpublished events, and what has or is of
    one of ``left_out_tags`` and ``left_out_types`` (see ``misp.offers``).

    Ends after the event with which ``most_attributes`` are reached. Rules look in a thread, so
    the event loop stays free; ``tell`` is called in the loop, after each page. Raises only
    MispFailure: a failed request is sent up to four times, waiting in between.
    """
    look = _Look(Checks.of(profile, lists, now or datetime.now(UTC)), Tally(profile))
    reading = Reading(source, published_only=published_only, sleep=sleep)
    lines = await reading.lines()
    complete = True
    left_out = 0
    async for piece in reading.pieces(lines):
        if has_left_out_tag(piece.head.tags(), left_out_tags):
            left_out += piece.last
        else:
            offered = _offered(piece, left_out_tags, left_out_types)
            await asyncio.to_thread(look.over, offered)
        tally = look.tally
        done = tally.events + reading.vanished + left_out
        tell(Progress(done, len(lines), tally.attributes))
        if piece.last and tally.attributes >= most_attributes and done < len(lines):
            complete = False
            break
    return Looked(look.tally.score(), len(lines), reading.vanished, complete)


def _offered(piece: Piece, left_out_tags: Sequence[str], left_out_types: Sequence[str]) -> Piece:
    """The piece without what the owner does not offer."""
    if not left_out_tags and not left_out_types:
        return piece
    kept = [
        attribute
        for attribute in piece.attributes
        if offers(
            attribute,
            published_only=False,
            left_out_tags=left_out_tags,
            left_out_types=left_out_types,
        )
    ]
    return replace(piece, attributes=kept)


class _Look:
    """One look; at most one event is open at a time."""

    def __init__(self, checks: Checks, tally: Tally) -> None:
        self._checks = checks
        self._open: EventCheck | None = None
        self.tally = tally

    def over(self, piece: Piece) -> None:
        """Look over the next piece."""
        if piece.first or self._open is None:
            self._open = self._checks.event(head_draft(piece.head))
            self._add(self._open.head())
        self.tally.attributes += len(piece.attributes)
        for attribute in piece.attributes:
            self._add(self._open.content(attribute_draft(attribute)))
        if piece.last:
            self._add(self._open.end())
            self._open = None
            self.tally.events += 1

    def _add(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.tally.add(finding)
