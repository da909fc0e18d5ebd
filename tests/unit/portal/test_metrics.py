"""Metrics: for whom, and without values."""

import pytest
from django.test import Client, RequestFactory
from pydantic import SecretStr

from securegrid.portal import metrics
from securegrid.portal.config import Config, Mode

OPEN = Config(mode=Mode.TEST)
TOKEN = Config(mode=Mode.TEST, metrics_token=SecretStr("a-long-metrics-token"))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_without_a_token_this_machine_may_read(rf: RequestFactory, address: str) -> None:
    assert metrics.may_read(rf.get("/metrics", REMOTE_ADDR=address), OPEN)


@pytest.mark.parametrize("address", ["192.0.2.7", "10.0.0.1", ""])
def test_without_a_token_no_other_machine_may(rf: RequestFactory, address: str) -> None:
    assert not metrics.may_read(rf.get("/metrics", REMOTE_ADDR=address), OPEN)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_a_proxy_on_this_machine_opens_it_to_nobody(rf: RequestFactory, header: str) -> None:
    assert not metrics.may_read(rf.get("/metrics", headers={header: "127.0.0.1"}), OPEN)


def test_with_a_token_only_its_holder_may_read(rf: RequestFactory) -> None:
    for given, may in (
        ({"Authorization": "Bearer a-long-metrics-token"}, True),
        ({"Authorization": "Bearer another"}, False),
        ({"Authorization": "a-long-metrics-token"}, False),
        ({"Authorization": "Bearer é"}, False),
        ({}, False),
    ):
        assert metrics.may_read(rf.get("/metrics", headers=given), TOKEN) is may


@pytest.mark.django_db
def test_the_page_tells_counts_by_misp_and_reason(client: Client) -> None:
    metrics.misp_served("0b5c-id", 4, 0.25, "timed_out")
    metrics.search_completed(1.5)
    client.get("/nothing/evil.example")
    answer = client.get("/metrics")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'securegrid_misp_requests_total{misp="0b5c-id"} 4.0' in text
    assert 'securegrid_misp_failures_total{misp="0b5c-id",reason="timed_out"} 1.0' in text
    assert "securegrid_searches_total " in text
    assert 'securegrid_search_seconds_bucket{le="1.0"}' in text
    assert "evil.example" not in text


@pytest.mark.django_db
def test_a_stranger_finds_nothing(client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 404


@pytest.mark.django_db
def test_an_invented_method_makes_no_new_series() -> None:
    metrics.http_answered("EVIL.EXAMPLE", "home", 405, 0.01)
    assert b"EVIL" not in metrics.generate_latest(metrics.REGISTRY)
