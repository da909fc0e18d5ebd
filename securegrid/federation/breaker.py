"""When a MISP that keeps failing rests, and for how long: pure transitions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from securegrid.misp.failures import MispFailure, Reason

FAILURES_BEFORE_REST = 3
"""Searches in a row that a MISP may fail before it rests, when the failure may pass by itself."""

FIRST_PAUSE_S = 30.0
LONGEST_PAUSE_S = 15 * 60.0
FIRST_PERMANENT_PAUSE_S = 5 * 60.0
LONGEST_PERMANENT_PAUSE_S = 60 * 60.0
JITTER = 0.2
"""A pause grows by up to this share: MISPs that fell together do not wake together."""

_ABOUT_THE_QUESTION = frozenset({Reason.REQUEST_REFUSED})
"""Permanent for this one question; the MISP may well answer the next."""

_DOUBLINGS = 16
"""Enough to reach every cap; bounds the power so that no count of failures overflows."""


@dataclass(frozen=True, slots=True)
class Rest:
    """The breaker of one MISP, as it is stored and shown.

    ``failures`` counts failed searches in a row. ``until`` is set exactly when the MISP
    rests, or rested and has not been probed since; ``reason`` is then its last failure.
    """

    failures: int = 0
    until: datetime | None = None
    reason: Reason | None = None

    def is_resting(self, now: datetime) -> bool:
        """Whether nobody may ask this MISP at ``now``."""
        return self.until is not None and now < self.until

    def needs_probe(self, now: datetime) -> bool:
        """Whether the pause is over, so that one search (and no second) may try the MISP."""
        return self.until is not None and now >= self.until

    def after(self, failure: MispFailure | None, now: datetime, random: Random) -> "Rest":
        """The breaker after one more search: healed by an answer, else nearer to a longer pause.

        A permanent failure rests at once, and longer; one that says when to retry rests at
        once and at least that long, but never beyond an hour; others rest from the third
        failed search in a row. Each further failure doubles the pause, up to its cap.
        """
        if failure is None:
            return NO_REST
        failures = self.failures + 1
        pause_s = _pause_s(failure, failures)
        if pause_s is None:
            return Rest(failures, None, failure.reason)
        stretched_s = pause_s * (1 + JITTER * random.random())
        return Rest(failures, now + timedelta(seconds=stretched_s), failure.reason)


NO_REST = Rest()
"""The breaker of a MISP that answers."""


def _pause_s(failure: MispFailure, failures: int) -> float | None:
    if failure.permanent and failure.reason not in _ABOUT_THE_QUESTION:
        own = _grown(FIRST_PERMANENT_PAUSE_S, LONGEST_PERMANENT_PAUSE_S, failures - 1)
    elif failures >= FAILURES_BEFORE_REST:
        own = _grown(FIRST_PAUSE_S, LONGEST_PAUSE_S, failures - FAILURES_BEFORE_REST)
    elif failure.retry_after_s is None:
        return None
    else:
        own = 0.0
    # The cap keeps a hostile or broken header from silencing a MISP for good.
    return max(own, min(failure.retry_after_s or 0.0, LONGEST_PERMANENT_PAUSE_S))


def _grown(first_s: float, longest_s: float, doublings: int) -> float:
    return min(longest_s, first_s * 2.0 ** min(doublings, _DOUBLINGS))
