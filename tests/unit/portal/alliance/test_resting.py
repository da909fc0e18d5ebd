"""The stored breaker, and the one probe that wakes a MISP."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from securegrid.federation.breaker import Rest
from securegrid.misp.failures import Reason
from securegrid.portal.alliance import services
from securegrid.portal.alliance.models import Misp

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def reload(misp: Misp) -> Misp:
    return Misp.objects.get(pk=misp.pk)


@pytest.mark.django_db
def test_a_rest_is_kept_and_read_back(misp: Misp) -> None:
    assert services.rest_of(misp) == Rest()
    rest = Rest(failures=3, until=NOW + MINUTE, reason=Reason.TIMED_OUT)
    services.store_rest(misp, rest)
    assert services.rest_of(reload(misp)) == rest
    services.store_rest(misp, Rest())
    assert services.rest_of(reload(misp)) == Rest()


@pytest.mark.django_db
def test_storing_a_rest_changes_nothing_else(misp: Misp) -> None:
    stale = reload(misp)
    services.change_misp(misp, name="Renamed", visibility="exists")
    services.store_rest(stale, Rest(failures=1, reason=Reason.TIMED_OUT))
    assert (reload(misp).name, reload(misp).visibility) == ("Renamed", "exists")


@pytest.mark.django_db
def test_there_is_no_probe_while_a_misp_rests_or_never_rested(misp: Misp) -> None:
    assert not services.claim_probe(misp, NOW)
    services.store_rest(misp, Rest(3, NOW + MINUTE, Reason.TIMED_OUT))
    assert not services.claim_probe(misp, NOW)
    assert services.claim_probe(misp, NOW + MINUTE)


@pytest.mark.django_db
def test_one_probe_at_a_time_until_it_reports_or_is_given_up(misp: Misp) -> None:
    rest = Rest(3, NOW, Reason.TIMED_OUT)
    services.store_rest(misp, rest)
    assert services.claim_probe(misp, NOW)
    assert not services.claim_probe(misp, NOW + timedelta(seconds=149))
    assert services.claim_probe(misp, NOW + timedelta(seconds=150))
    services.store_rest(misp, rest)
    assert services.claim_probe(misp, NOW + timedelta(seconds=151))


@pytest.mark.django_db(transaction=True)
def test_of_many_claims_at_once_one_wins(misp: Misp) -> None:
    services.store_rest(misp, Rest(3, NOW, Reason.TIMED_OUT))
    won: list[bool] = []
    start = threading.Barrier(8)

    def claim() -> None:
        start.wait()
        try:
            won.append(services.claim_probe(misp, NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 7 + [True]
