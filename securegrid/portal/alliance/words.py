"""The state of a MISP as pages show it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from securegrid.portal.alliance.models import Misp
from securegrid.portal.alliance.resting import rest_of
from securegrid.words import say


class Standing(StrEnum):
    """Whether a MISP is asked."""

    ON = "on"
    OFF = "off"
    RESTING = "resting"
    SUSPENDED = "suspended"
    NO_KEY = "no_key"


@dataclass(frozen=True, slots=True)
class MispState:
    """A standing; while it rests, until when and why (in the user's language)."""

    standing: Standing
    until: datetime | None = None
    why: str = ""


def state_of(misp: Misp, now: datetime, language: str) -> MispState:
    """Why ``misp`` is asked or not, the most lasting cause first."""
    if misp.member.suspended_at is not None:
        return MispState(Standing.SUSPENDED)
    if not misp.sealed_key:
        return MispState(Standing.NO_KEY)
    if not misp.enabled:
        return MispState(Standing.OFF)
    rest = rest_of(misp)
    if rest.is_resting(now):
        why = "" if rest.reason is None else say(rest.reason, language)
        return MispState(Standing.RESTING, rest.until, why)
    return MispState(Standing.ON)
