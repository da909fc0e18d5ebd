"""How MISPs served: samples in, answer times and failures over time out; old samples go."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from securegrid.misp.failures import Reason
from securegrid.portal import metrics
from securegrid.portal.alliance.models import HealthSample, Misp

KEPT = timedelta(days=90)
PRUNED_EVERY = 500
"""Samples between two prunings."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """One span of time of one MISP; times are milliseconds, None where nothing answered."""

    start: datetime
    end: datetime
    answered: int
    failed: int
    p50_ms: float | None
    p95_ms: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """A MISP over the whole span."""

    misp: Misp
    answered: int = 0
    failed: int = 0
    p50_ms: float | None = None
    p95_ms: float | None = None
    requests: int = 0
    reasons: Mapping[Reason, int] = field(default_factory=dict)
    last_at: datetime | None = None
    last_answered_at: datetime | None = None

    @property
    def error_rate(self) -> float | None:
        """Share of searches and tests that failed, 0 to 1; None without any."""
        total = self.answered + self.failed
        return self.failed / total if total else None


@dataclass(frozen=True, slots=True)
class _Sample:
    misp: int
    at: datetime
    elapsed_ms: float
    requests: int
    reason: str


def record_health(
    misp: Misp, *, at: datetime, elapsed_ms: float, requests: int, reason: Reason | None
) -> None:
    """Keep how ``misp`` served one search or test; ``reason`` is None when it answered."""
    code = "" if reason is None else reason.value
    sample = HealthSample.objects.create(
        misp=misp, at=at, elapsed_ms=elapsed_ms, requests=requests, reason=code
    )
    metrics.misp_served(str(misp.public_id), requests, elapsed_ms / 1000, code)
    if sample.pk % PRUNED_EVERY == 0:
        prune(at)


def series(misp: Misp, since: datetime, until: datetime, buckets: int) -> tuple[Bucket, ...]:
    """The span cut into ``buckets`` (1 to 500) equal parts, empty ones included."""
    if not 1 <= buckets <= 500 or until <= since:
        raise ValueError("1 to 500 buckets over a span that does not end before it begins")
    width = (until - since) / buckets
    parts: list[list[_Sample]] = [[] for _ in range(buckets)]
    for sample in _samples([misp], since, until):
        parts[min(buckets - 1, int((sample.at - since) / width))].append(sample)
    return tuple(
        _bucket(since + width * index, since + width * (index + 1), part)
        for index, part in enumerate(parts)
    )


def summary(misps: Iterable[Misp], since: datetime, until: datetime) -> tuple[Summary, ...]:
    """One summary per MISP, in the given order (one query for all)."""
    wanted = list(misps)
    by_misp: dict[int, list[_Sample]] = {misp.pk: [] for misp in wanted}
    for sample in _samples(wanted, since, until):
        by_misp[sample.misp].append(sample)
    return tuple(_summary(misp, by_misp[misp.pk]) for misp in wanted)


def prune(now: datetime) -> int:
    """Forget samples older than 90 days; how many went."""
    gone, _ = HealthSample.objects.filter(at__lt=now - KEPT).delete()
    return gone


def percentile(times_ms: Sequence[float], percent: float) -> float | None:
    """The nearest-rank percentile of ``times_ms`` (in any order); None of nothing."""
    if not times_ms:
        return None
    rank = max(1, math.ceil(len(times_ms) * percent / 100))
    return sorted(times_ms)[rank - 1]


def _samples(misps: Iterable[Misp], since: datetime, until: datetime) -> list[_Sample]:
    rows = HealthSample.objects.filter(misp__in=misps, at__gte=since, at__lte=until)
    columns = ("misp_id", "at", "elapsed_ms", "requests", "reason")
    return [_Sample(*row) for row in rows.order_by("at").values_list(*columns)]


def _bucket(start: datetime, end: datetime, samples: Sequence[_Sample]) -> Bucket:
    times = [sample.elapsed_ms for sample in samples if not sample.reason]
    return Bucket(
        start=start,
        end=end,
        answered=len(times),
        failed=len(samples) - len(times),
        p50_ms=percentile(times, 50),
        p95_ms=percentile(times, 95),
    )


def _summary(misp: Misp, samples: Sequence[_Sample]) -> Summary:
    answered = [sample for sample in samples if not sample.reason]
    times = [sample.elapsed_ms for sample in answered]
    reasons = Counter(Reason(sample.reason) for sample in samples if sample.reason)
    return Summary(
        misp=misp,
        answered=len(answered),
        failed=len(samples) - len(answered),
        p50_ms=percentile(times, 50),
        p95_ms=percentile(times, 95),
        requests=sum(sample.requests for sample in samples),
        reasons=dict(reasons),
        last_at=samples[-1].at if samples else None,
        last_answered_at=answered[-1].at if answered else None,
    )
