"""That neither errors, their chains and tracebacks, nor logs hold the key or a value."""

import asyncio
import logging
import traceback
from collections.abc import Iterator

import pytest
from aiohttp import web

from securegrid.misp.client import MispClient
from securegrid.misp.failures import MispFailure
from tests.unit.misp.conftest import KEY, VALUE, Serve, connection, json_answer, query


async def _echo(request: web.Request) -> web.Response:
    """An error that repeats what it was sent, as MISP does (``Invalid ID `79` provided``)."""
    sent = (await request.text()).replace('"', "")
    return json_answer(f'{{"message": "{sent} {KEY}", "name": "x"}}', status=403)


async def _echo_in_200(request: web.Request) -> web.Response:
    return web.Response(text=await request.text(), content_type="text/html")


async def _echo_as_json(request: web.Request) -> web.Response:
    return json_answer(await request.text())


async def _hang(_request: web.Request) -> web.Response:
    await asyncio.sleep(5)
    return json_answer()


async def _drop(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return json_answer()


async def _odd_header(request: web.Request) -> web.Response:
    return json_answer(**{"X-Rate-Limit-Reset": VALUE, "Location": f"/{VALUE}"}, status=302)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _told(error: BaseException) -> str:
    """Everything that a logger could show of an error, with the locals of every frame."""
    parts = []
    for each in _chain(error):
        shown = traceback.TracebackException.from_exception(each, capture_locals=True)
        parts += [repr(each), str(each), str(vars(each)), *shown.format()]
    return "\n".join(parts)


@pytest.mark.parametrize(
    "answer",
    [_echo, _echo_in_200, _echo_as_json, _hang, _drop, _odd_header],
    ids=lambda f: f.__name__,
)
async def test_a_failure_tells_neither_key_nor_value(
    serve: Serve, caplog: pytest.LogCaptureFixture, answer
) -> None:
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    server = await serve(answer)
    async with MispClient(connection(server.url), request_timeout_s=0.2) as client:
        caught = await _caught(client)
    for secret in (KEY, VALUE):
        assert secret not in _told(caught)
        assert secret not in caplog.text


async def _caught(client: MispClient) -> MispFailure:
    try:
        await client.search(query(VALUE))
    except MispFailure as error:
        return error
    raise AssertionError("did not fail")


async def test_a_good_search_logs_neither_key_nor_value(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    server = await serve()
    async with MispClient(connection(server.url)) as client:
        await client.search(query(VALUE))
        assert KEY not in repr(client)
    assert KEY not in caplog.text
    assert VALUE not in caplog.text


async def test_no_value_is_in_an_address(serve: Serve, client_of) -> None:
    server = await serve()
    await client_of(server.url).search(query(VALUE))
    assert [each.target for each in server.seen] == ["/attributes/restSearch"]
    assert not any(VALUE in text for each in server.seen for text in each.headers.values())
