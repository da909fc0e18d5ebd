"""What an owner lets a sync read and keep, and how hard it may ask."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from securegrid.misp.offers import has_left_out_tag, refuse_unusable_name

MAX_AT_A_TIME = 4
"""Requests at a time: more only queue at the server (measured), and each holds a batch."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What of a MISP is indexed; raises ``ValueError`` for a blank tag or type.

    A generation is filled under one set of rules: after a change it must be built anew, because
    what was left out before is not asked for again.
    """

    published_only: bool = False
    left_out_tags: tuple[str, ...] = ()
    """Of an attribute or its event; may begin or end in ``%`` as in MISP."""
    left_out_types: tuple[str, ...] = ()
    blocks: bool = False
    """Whether stored addresses may be found by the network they lie in (more rows)."""

    def __post_init__(self) -> None:
        for name in (*self.left_out_tags, *self.left_out_types):
            refuse_unusable_name(name)

    def leaves_out(self, tags: Iterable[str]) -> bool:
        """Whether something with these tags is left out."""
        return bool(self.left_out_tags) and has_left_out_tag(tags, self.left_out_tags)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of each day in which the MISP is not asked; past midnight when ``end`` is earlier."""

    start: time
    end: time
    zone: ZoneInfo

    def holds(self, now: datetime) -> bool:
        """Whether it is quiet at ``now`` (aware); ``start`` is in, ``end`` is not."""
        local = now.astimezone(self.zone).time()
        if self.start <= self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end


@dataclass(frozen=True, slots=True)
class Pace:
    """How hard a sync may ask one MISP; ``None`` is no limit. Raises ``ValueError``."""

    at_a_time: int = 1
    """Requests at a time, 1 to 4."""
    requests_per_minute: float | None = None
    attributes_per_minute: float | None = None
    quiet: tuple[Quiet, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.at_a_time <= MAX_AT_A_TIME:
            raise ValueError(f"between 1 and {MAX_AT_A_TIME} requests at a time")
        for rate in (self.requests_per_minute, self.attributes_per_minute):
            if rate is not None and not rate > 0:
                raise ValueError("a rate is above 0")

    def is_quiet(self, now: datetime) -> bool:
        """Whether the MISP must not be asked at ``now``."""
        return any(quiet.holds(now) for quiet in self.quiet)
