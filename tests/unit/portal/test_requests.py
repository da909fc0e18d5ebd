"""Each request has an id, and a line in the log that names its route only."""

import logging

import pytest
from django.test import AsyncClient, Client

VALUE = "evil.example"


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    found = [record for record in caplog.records if record.name == "securegrid.access"]
    return [record.msg for record in found if isinstance(record.msg, dict)]


@pytest.mark.django_db
def test_the_line_names_the_route_and_not_what_was_written(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        answer = client.get(f"/accounts/login/?next=/{VALUE}")
        client.get(f"/nothing/{VALUE}")
    first, second = lines(caplog)
    assert first["route"] == "accounts/login/"
    assert first["request_id"] == answer["X-Request-ID"]
    assert second["route"] == "unknown"
    assert second["status"] == 404
    assert VALUE not in caplog.text


@pytest.mark.django_db
def test_a_strangers_request_id_is_not_taken_over(client: Client) -> None:
    answer = client.get("/accounts/login/", headers={"X-Request-ID": "chosen-by-me"})
    assert len(answer["X-Request-ID"]) == 16
    assert answer["X-Request-ID"] != "chosen-by-me"


@pytest.mark.django_db(transaction=True)
async def test_requests_under_asgi_are_treated_the_same(async_client: AsyncClient) -> None:
    answer = await async_client.get("/accounts/login/")
    assert len(answer["X-Request-ID"]) == 16
