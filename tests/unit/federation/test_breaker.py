"""The breaker: when a MISP rests, how long, and how it heals."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from securegrid.federation.breaker import (
    FAILURES_BEFORE_REST,
    FIRST_PAUSE_S,
    FIRST_PERMANENT_PAUSE_S,
    JITTER,
    LONGEST_PAUSE_S,
    LONGEST_PERMANENT_PAUSE_S,
    NO_REST,
    Rest,
)
from securegrid.misp.failures import MispFailure, Reason

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PASSING = MispFailure(Reason.UNREACHABLE, permanent=False)
PERMANENT = MispFailure(Reason.KEY_REJECTED, permanent=True)


def after(failures: list[MispFailure | None], seed: int = 1) -> Rest:
    random, rest = Random(seed), NO_REST
    for failure in failures:
        rest = rest.after(failure, NOW, random)
    return rest


def pause_s(rest: Rest) -> float:
    assert rest.until is not None
    return (rest.until - NOW).total_seconds()


def within_jitter(first_s: float, rest: Rest) -> bool:
    return first_s <= pause_s(rest) <= first_s * (1 + JITTER)


def test_a_few_failures_do_not_rest_but_are_counted() -> None:
    rest = after([PASSING] * (FAILURES_BEFORE_REST - 1))
    assert rest == Rest(FAILURES_BEFORE_REST - 1, None, Reason.UNREACHABLE)
    assert not rest.is_resting(NOW)
    assert not rest.needs_probe(NOW)


def test_repeated_failure_rests_with_growing_pauses_up_to_a_cap() -> None:
    pauses = [after([PASSING] * count) for count in range(FAILURES_BEFORE_REST, 20)]
    expected = [min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**step) for step in range(len(pauses))]
    assert all(map(within_jitter, expected, pauses))
    assert within_jitter(LONGEST_PAUSE_S, pauses[-1])


def test_a_permanent_failure_rests_at_once_and_longer() -> None:
    assert within_jitter(FIRST_PERMANENT_PAUSE_S, after([PERMANENT]))
    assert within_jitter(2 * FIRST_PERMANENT_PAUSE_S, after([PERMANENT] * 2))
    assert within_jitter(LONGEST_PERMANENT_PAUSE_S, after([PERMANENT] * 50))


def test_a_refused_question_does_not_rest_the_misp_as_a_rejected_key_does() -> None:
    refused = MispFailure(Reason.REQUEST_REFUSED, permanent=True)
    assert after([refused]).until is None
    assert within_jitter(FIRST_PAUSE_S, after([refused] * FAILURES_BEFORE_REST))


def test_a_named_time_rests_at_once_and_is_never_undercut() -> None:
    limited = MispFailure(Reason.RATE_LIMITED, permanent=False, retry_after_s=700.0)
    assert within_jitter(700.0, after([limited]))
    assert within_jitter(700.0, after([limited] * FAILURES_BEFORE_REST))
    assert within_jitter(900.0, after([limited] * 20))


def test_a_named_time_cannot_silence_a_misp_for_good() -> None:
    endless = MispFailure(Reason.UNAVAILABLE, permanent=False, retry_after_s=1e12)
    assert within_jitter(LONGEST_PERMANENT_PAUSE_S, after([endless]))


def test_an_answer_heals() -> None:
    assert after([PASSING] * 9 + [None]) == NO_REST
    assert after([PERMANENT, None, PASSING]).failures == 1


def test_resting_ends_with_a_probe_not_with_a_rush() -> None:
    rest = after([PERMANENT])
    end = rest.until
    assert end is not None
    before = end - timedelta(seconds=1)
    assert (rest.is_resting(before), rest.needs_probe(before)) == (True, False)
    assert (rest.is_resting(end), rest.needs_probe(end)) == (False, True)


@pytest.mark.parametrize("failure", [PASSING, PERMANENT])
def test_the_same_randomness_gives_the_same_pause(failure: MispFailure) -> None:
    assert after([failure] * 5, seed=7) == after([failure] * 5, seed=7)
    assert pause_s(after([failure] * 5, seed=7)) != pause_s(after([failure] * 5, seed=8))
