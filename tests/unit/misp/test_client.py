"""What the client sends, what it makes of good answers, and what it keeps between them."""

import asyncio
import gzip
import json
import threading

import pytest
from aiohttp import web

from securegrid import __version__
from securegrid.misp.client import MispClient
from securegrid.misp.failures import MispFailure, Reason
from tests.unit.misp.conftest import KEY, NO_HITS, Serve, json_answer, query

ONE_HIT = json.dumps(
    {
        "response": {
            "Attribute": [
                {
                    "id": "62",
                    "event_id": "3",
                    "category": "Network activity",
                    "type": "ip-src",
                    "to_ids": True,
                    "uuid": "834f9f65-dbbc-4043-874d-4a896f37218c",
                    "timestamp": "1795423906",
                    "comment": "",
                    "value": "219.167.13.11",
                    "Event": {"id": "3", "uuid": "049f", "info": "アクセス", "published": False},
                }
            ]
        }
    }
)


async def test_a_search_sends_one_post_with_the_raw_key(serve: Serve, client_of) -> None:
    server = await serve()
    assert await client_of(server.url).search(query("219.167.13.11")) == ()
    (seen,) = server.seen
    assert (seen.method, seen.target) == ("POST", "/attributes/restSearch")
    assert seen.headers["Authorization"] == KEY
    assert seen.headers["User-Agent"] == f"SecureGRID-Portal/{__version__}"
    assert seen.headers["Content-Type"] == "application/json"
    assert seen.headers["Accept"] == "application/json"
    assert json.loads(seen.body)["value"] == ["219.167.13.11"]


async def test_a_hit_comes_as_a_typed_record(serve: Serve, client_of) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return json_answer(ONE_HIT)

    server = await serve(answer)
    (found,) = await client_of(server.url).search(query())
    assert found.value == "219.167.13.11"
    assert found.to_ids is True
    assert found.event is not None
    assert found.event.info == "アクセス"


async def test_version_and_me(serve: Serve, client_of) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.path == "/misp/servers/getVersion":
            return json_answer('{"version": "2.5.1", "perm_sync": "1"}')
        return json_answer(
            '{"User": {"id": 1, "org_id": "1", "email": "a@b.test"},'
            '"Role": {"name": "r", "perm_auth": true, "perm_add": false, "perm_sighting": 1},'
            '"UserSetting": [], "Organisation": {"name": "LAC", "uuid": "u"}}'
        )

    server = await serve(answer)
    client = client_of(server.url + "/misp/")
    version, me = await client.version(), await client.me()
    assert (version.version, version.perm_sync) == ("2.5.1", True)
    assert me.role.granted == ("perm_auth", "perm_sighting")
    assert me.organisation.name == "LAC"
    assert [each.method for each in server.seen] == ["GET", "GET"]


async def test_one_connection_serves_many_requests_and_no_cookie_is_kept(
    serve: Serve, client_of
) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return json_answer(**{"Set-Cookie": "CAKEPHP=abc; path=/; HttpOnly"})

    server = await serve(answer)
    # By name: a cookie of a bare address would be dropped anyway.
    client = client_of(server.url.replace("127.0.0.1", "localhost"))
    for _ in range(5):
        await client.search(query())
    assert len(server.connections) == 1
    assert not any("Cookie" in each.headers for each in server.seen)


async def test_errors_do_not_cost_the_connection(serve: Serve, client_of) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return json_answer('{"message": "x"}', status=500)

    server = await serve(answer)
    client = client_of(server.url)
    for _ in range(3):
        with pytest.raises(MispFailure):
            await client.search(query())
    assert len(server.connections) == 1


async def test_never_more_connections_than_allowed(serve: Serve, client_of) -> None:
    async def answer(_request: web.Request) -> web.Response:
        await asyncio.sleep(0.02)
        return json_answer()

    server = await serve(answer)
    client = client_of(server.url, max_connections=2)
    await asyncio.gather(*(client.search(query(f"h{each}.example")) for each in range(8)))
    assert len(server.seen) == 8
    assert len(server.connections) == 2


async def test_compressed_answers_are_read(serve: Serve, client_of) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(
            body=gzip.compress(ONE_HIT.encode()),
            content_type="application/json",
            headers={"Content-Encoding": "gzip"},
        )

    server = await serve(answer)
    assert len(await client_of(server.url).search(query())) == 1
    assert server.seen[0].headers["Accept-Encoding"] == "gzip, deflate"


async def test_no_proxy_of_the_environment_is_used(
    serve: Serve, client_of, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = await serve()
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    server = await serve()
    await client_of(server.url).search(query())
    assert (len(proxy.seen), len(server.seen)) == (0, 1)


async def test_a_connection_closed_while_idle_is_asked_once_more(serve_raw, client_of) -> None:
    """The server closes the kept connection just as the second request arrives."""
    answers = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal answers
        await reader.readuntil(b"\r\n\r\n")
        answers += 1
        body = NO_HITS.encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        writer.write(head.encode() + b"\r\n\r\n" + body)
        await writer.drain()
        await reader.readuntil(b"\r\n\r\n")

    client = client_of(await serve_raw(talk))
    assert await client.search(query()) == ()
    assert await client.search(query()) == ()
    assert answers == 2


async def test_a_fresh_connection_that_is_lost_is_not_asked_again(serve_raw, client_of) -> None:
    asked = 0

    async def talk(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await reader.readuntil(b"\r\n\r\n")

    client = client_of(await serve_raw(talk))
    with pytest.raises(MispFailure) as caught:
        await client.search(query())
    assert caught.value.reason is Reason.CONNECTION_LOST
    assert asked == 1


async def test_after_closing_it_fails_as_everything_else_does(serve: Serve, client_of) -> None:
    server = await serve()
    client: MispClient = client_of(server.url)
    await client.search(query())
    await client.close()
    with pytest.raises(MispFailure) as caught:
        await client.search(query())
    assert caught.value.reason is Reason.CONNECTION_LOST


async def test_cancelling_is_not_a_failure(serve: Serve, client_of) -> None:
    async def answer(_request: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return json_answer()

    server = await serve(answer)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await client_of(server.url).search(query())


async def test_the_client_is_a_context_that_closes(serve: Serve, client_of) -> None:
    server = await serve()
    async with client_of(server.url) as client:
        await client.search(query())
    with pytest.raises(MispFailure):
        await client.version()


async def test_closing_leaves_no_thread_behind(serve: Serve, client_of) -> None:
    server = await serve()
    before = threading.active_count()
    client = client_of(server.url.replace("127.0.0.1", "localhost"))
    await client.search(query())
    await client.close()
    await asyncio.sleep(0.05)
    assert threading.active_count() <= before
