"""Every MISP's index among the metrics, read from the database when somebody looks."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import structlog
from django.db import DatabaseError
from django.utils import timezone
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from securegrid.portal.indexing.models import MispIndex

log = structlog.get_logger(__name__)

_MEANINGS = {
    "rows": "Fingerprints in the index of a MISP.",
    "events": "Events in the index of a MISP.",
    "bytes": "Bytes that the index of a MISP takes in its store.",
    "age_seconds": "Seconds since the beginning of the last complete sync.",
    "sync_failures": "Syncs in a row that failed; 0 after one that did not.",
    "syncing": "1 while a sync is at work.",
}


class IndexGauges(Collector):
    """One series per MISP (by public id). The workers are other processes: the database knows."""

    def __init__(self, clock: Callable[[], datetime] = timezone.now) -> None:
        self._clock = clock

    def describe(self) -> Iterable[Metric]:
        """The names, without asking the database."""
        return _families().values()

    def collect(self) -> Iterator[Metric]:
        """The gauges as they are now; none when the database cannot be asked."""
        families, now = _families(), self._clock()
        try:
            for index in MispIndex.objects.select_related("misp", "current"):
                _add(families, index, now)
        except DatabaseError:
            log.warning("the indexes cannot be measured")
        yield from families.values()


def _families() -> dict[str, GaugeMetricFamily]:
    return {
        name: GaugeMetricFamily(f"securegrid_index_{name}", meaning, labels=["misp"])
        for name, meaning in _MEANINGS.items()
    }


def _add(families: dict[str, GaugeMetricFamily], index: MispIndex, now: datetime) -> None:
    labels, held = [str(index.misp.public_id)], index.current
    families["sync_failures"].add_metric(labels, index.failures)
    at_work = index.claimed_until is not None and index.claimed_until > now
    families["syncing"].add_metric(labels, int(at_work))
    if held is None:
        return
    families["rows"].add_metric(labels, held.rows)
    families["events"].add_metric(labels, held.events)
    families["bytes"].add_metric(labels, held.bytes)
    if held.synced_at is not None:
        age = max(0.0, (now - held.synced_at).total_seconds())
        families["age_seconds"].add_metric(labels, age)
