"""Health: answer times and failures over time, and old samples that go."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from securegrid.misp.failures import Reason
from securegrid.portal.alliance import health
from securegrid.portal.alliance.models import HealthSample, Misp
from tests.conftest import MakeMisp

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def sample(misp: Misp, at: datetime, ms: float, reason: Reason | None = None) -> None:
    health.record_health(misp, at=at, elapsed_ms=ms, requests=2, reason=reason)


@pytest.mark.parametrize(
    ("times", "p50", "p95"),
    [
        ([], None, None),
        ([7.0], 7.0, 7.0),
        ([3.0, 1.0, 2.0], 2.0, 3.0),
        ([float(ms) for ms in range(1, 101)], 50.0, 95.0),
    ],
)
def test_percentiles_are_times_that_really_happened(
    times: list[float], p50: float | None, p95: float | None
) -> None:
    assert health.percentile(times, 50) == p50
    assert health.percentile(times, 95) == p95


def test_a_series_has_each_bucket_and_each_sample_once(misp: Misp) -> None:
    since = NOW - 4 * HOUR
    sample(misp, since, 100)
    sample(misp, since + HOUR, 200)
    sample(misp, since + HOUR * 1.5, 900, Reason.TIMED_OUT)
    sample(misp, NOW, 300)
    sample(misp, since - timedelta(seconds=1), 999)
    buckets = health.series(misp, since, NOW, 4)
    assert [(b.answered, b.failed, b.p50_ms) for b in buckets] == [
        (1, 0, 100.0),
        (1, 1, 200.0),
        (0, 0, None),
        (1, 0, 300.0),
    ]
    assert buckets[0].start == since
    assert buckets[-1].end == NOW
    assert all(left.end == right.start for left, right in pairwise(buckets))


@pytest.mark.parametrize(("buckets", "hours"), [(0, 1), (501, 1), (4, 0), (4, -1)])
def test_a_senseless_series_is_a_mistake(misp: Misp, buckets: int, hours: int) -> None:
    with pytest.raises(ValueError, match="buckets"):
        health.series(misp, NOW, NOW + hours * HOUR, buckets)


def test_a_failures_time_does_not_count_as_an_answer_time(misp: Misp) -> None:
    sample(misp, NOW - HOUR, 100)
    sample(misp, NOW, 15_000, Reason.TIMED_OUT)
    sample(misp, NOW, 15_000, Reason.TIMED_OUT)
    (found,) = health.summary([misp], NOW - 2 * HOUR, NOW)
    assert (found.answered, found.failed, found.p95_ms) == (1, 2, 100.0)
    assert found.reasons == {Reason.TIMED_OUT: 2}
    assert found.error_rate == pytest.approx(2 / 3)
    assert (found.last_at, found.last_answered_at) == (NOW, NOW - HOUR)
    assert found.requests == 6


def test_each_misp_has_its_summary_even_without_samples(make_misp: MakeMisp) -> None:
    first, second = make_misp(), make_misp()
    sample(first, NOW, 50)
    found = health.summary([second, first], NOW - HOUR, NOW)
    assert [one.misp for one in found] == [second, first]
    assert (found[0].error_rate, found[0].p50_ms) == (None, None)
    assert found[1].p50_ms == 50.0


def test_samples_are_forgotten_after_ninety_days(misp: Misp) -> None:
    for days in (89, 90, 91, 200):
        sample(misp, NOW - timedelta(days=days), 1)
    assert health.prune(NOW) == 2
    assert HealthSample.objects.count() == 2


def test_pruning_happens_by_itself_now_and_then(
    misp: Misp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PRUNED_EVERY", 1)
    sample(misp, NOW - timedelta(days=200), 1)
    sample(misp, NOW, 1)
    assert HealthSample.objects.count() == 1
