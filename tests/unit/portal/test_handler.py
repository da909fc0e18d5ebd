"""A request runs in one thread, whose database connection the next request finds again."""

import threading
from collections.abc import Iterator

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

from securegrid.portal.accounts.access import public
from securegrid.portal.handler import OneThreadHandler


def _told() -> str:
    connection.ensure_connection()
    return f"{threading.current_thread().name} {id(connection.connection)}"


@public
def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_told())


@public
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken on purpose")


async def asynchronous(request: HttpRequest) -> HttpResponse:
    return HttpResponse(await sync_to_async(_told)())


urlpatterns = [
    path("plain", plain),
    path("broken", broken),
    path("asynchronous", asynchronous),
]


async def _get(handler: OneThreadHandler, address: str) -> tuple[int, str]:
    scope = {"type": "http", "method": "GET", "path": address, "query_string": b"", "headers": []}
    asked = ApplicationCommunicator(handler, scope)
    await asked.send_input({"type": "http.request", "body": b""})
    begun = await asked.receive_output(10)
    body = b""
    while True:
        part = await asked.receive_output(10)
        body += part.get("body", b"")
        if not part.get("more_body"):
            return begun["status"], body.decode()


@pytest.fixture
def handler() -> Iterator[OneThreadHandler]:
    with override_settings(MIDDLEWARE=[]):
        made = OneThreadHandler()
    yield made
    made.close()


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.django_db(transaction=True)
async def test_a_request_finds_the_connection_of_one_before(
    handler: OneThreadHandler,
) -> None:
    # A thread is idle a moment after its answer is out: now and then a new one takes the next.
    answers = [await _get(handler, "/plain") for _ in range(10)]
    assert len(set(answers)) < len(answers)
    assert all(told.startswith("request") for _, told in answers)


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.django_db(transaction=True)
async def test_an_asynchronous_view_and_what_it_calls_work(handler: OneThreadHandler) -> None:
    status, told = await _get(handler, "/asynchronous")
    assert status == 200
    assert told


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.django_db(transaction=True)
async def test_a_failure_is_an_answer_and_leaves_the_thread_usable(
    handler: OneThreadHandler, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await _get(handler, "/broken"))[0] == 500
    assert (await _get(handler, "/plain"))[0] == 200
