"""The indexes among the metrics: rows, age and failures per MISP, whoever syncs them."""

from datetime import timedelta

import pytest
from django.db import connection
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from securegrid.index.trouble import Trouble
from securegrid.portal.alliance.models import Misp
from securegrid.portal.indexing import services
from securegrid.portal.jobs.gauges import IndexGauges
from securegrid.portal.metrics import REGISTRY
from tests.conftest import MakeMisp
from tests.unit.portal.indexing.conftest import NOW, claimed, synced

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def indexed(make_misp: MakeMisp) -> Misp:
    """A MISP whose index was never filled."""
    return make_misp(mode="indexed")


def measured(misp: Misp, name: str) -> float | None:
    """One gauge of one MISP, an hour after ``NOW``."""
    registry = CollectorRegistry()
    registry.register(IndexGauges(lambda: NOW + HOUR))
    return registry.get_sample_value(f"securegrid_index_{name}", {"misp": str(misp.public_id)})


def test_a_filled_index_tells_rows_and_age(indexed: Misp) -> None:
    synced(indexed)
    assert measured(indexed, "rows") == measured(indexed, "events") == 1
    assert measured(indexed, "age_seconds") == 3600
    assert measured(indexed, "bytes")
    assert measured(indexed, "sync_failures") == measured(indexed, "syncing") == 0


def test_an_index_that_was_never_filled_has_no_age(indexed: Misp) -> None:
    assert measured(indexed, "age_seconds") is measured(indexed, "rows") is None
    assert measured(indexed, "sync_failures") == 0


def test_failures_in_a_row_are_counted(indexed: Misp) -> None:
    for hour in (-2, -1):
        claim = claimed(indexed, NOW + hour * HOUR)
        services.fail_sync(claim, NOW + hour * HOUR, Trouble.STORE_FAILED)
    assert measured(indexed, "sync_failures") == 2


def test_a_sync_at_work_shows_and_a_dead_one_does_not(indexed: Misp) -> None:
    claimed(indexed, NOW + HOUR)
    assert measured(indexed, "syncing") == 1
    services.pause(indexed, NOW + HOUR)
    services.resume(indexed, NOW)
    claimed(indexed, NOW)
    assert measured(indexed, "syncing") == 0


def test_a_live_misp_has_no_series(misp: Misp) -> None:
    assert measured(misp, "sync_failures") is None


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_costs_these_series_only() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE indexing_mispindex RENAME TO away")
    try:
        with capture_logs() as lines:
            assert next(iter(IndexGauges().collect())).samples == []
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO indexing_mispindex")
    assert [line["event"] for line in lines] == ["the indexes cannot be measured"]


def test_the_portal_shows_them() -> None:
    assert "securegrid_index_age_seconds" in {metric.name for metric in REGISTRY.collect()}
