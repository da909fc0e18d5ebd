"""Every way a server or the network can misbehave, on real sockets, and what comes of it."""

import asyncio
import gzip
import socket
import time
import tracemalloc
from typing import Any

import pytest
from aiohttp import web

from securegrid.misp.addresses import AddressPolicy
from securegrid.misp.client import MispClient
from securegrid.misp.failures import MispFailure, Reason
from tests.unit.misp.conftest import NO_HITS, Serve, json_answer, query

MIB = 1024 * 1024


async def failing(client: MispClient) -> MispFailure:
    with pytest.raises(MispFailure) as caught:
        await client.search(query())
    return caught.value


def raw_answer(body: bytes, *headers: str, status: str = "200 OK", length: int = -1) -> bytes:
    size = len(body) if length < 0 else length
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {size}"]
    return "\r\n".join([*lines, *headers]).encode() + b"\r\n\r\n" + body


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_nobody_listens(client_of) -> None:
    failure = await failing(client_of(f"http://127.0.0.1:{free_port()}"))
    assert (failure.reason, failure.permanent) == (Reason.UNREACHABLE, False)


async def test_a_name_without_an_address(client_of) -> None:
    def lookup(*_args: Any, **_options: Any) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    failure = await failing(client_of("http://misp.example", lookup=lookup))
    assert failure.reason is Reason.UNREACHABLE
    assert failure.detail.startswith("name_not_found")


async def test_a_server_that_never_answers(serve: Serve, client_of) -> None:
    async def answer(_request: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return json_answer()

    server = await serve(answer)
    start = time.monotonic()
    failure = await failing(client_of(server.url, request_timeout_s=0.2))
    assert failure.reason is Reason.TIMED_OUT
    assert time.monotonic() - start < 1.0


async def test_a_server_that_drips(serve_raw, client_of) -> None:
    """A byte now and then never lets a pause grow long; the limit on the whole ends it."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw_answer(b"", length=1_000_000))
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    failure = await failing(client_of(await serve_raw(talk), request_timeout_s=0.3))
    assert failure.reason is Reason.TIMED_OUT


async def test_a_host_that_does_not_take_the_connection(client_of) -> None:
    """A full queue of a listening socket: the connection is never made."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        client = client_of(f"http://127.0.0.1:{port}", connect_timeout_s=0.2)
        failure = await failing(client)
        for each in waiting:
            each.close()
    assert failure.reason is Reason.TIMED_OUT
    assert failure.detail.startswith("connect_timed_out")


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"", Reason.CONNECTION_LOST),
        (b"HTTP/1.1 200 OK\r\nContent-Ty", Reason.CONNECTION_LOST),
        (raw_answer(b'{"response": ', length=900), Reason.CONNECTION_LOST),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
            b'\r\n5\r\n{"res',
            Reason.CONNECTION_LOST,
        ),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Reason.MALFORMED),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", Reason.MALFORMED),
        (raw_answer(b'{"response": {"Attribute": [{"id"'), Reason.MALFORMED),
        (raw_answer(b""), Reason.MALFORMED),
        (raw_answer(b"<html></html>"), Reason.MALFORMED),
        (raw_answer(b"\xff\xfe"), Reason.MALFORMED),
        (raw_answer(b"[" * 100_000), Reason.MALFORMED),
        (raw_answer(b'{"a":' * 50_000), Reason.MALFORMED),
        (raw_answer(b"not gzip", "Content-Encoding: gzip"), Reason.CONNECTION_LOST),
    ],
)
async def test_broken_answers(serve_raw, client_of, sent: bytes, reason: Reason) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(sent)
        await writer.drain()

    failure = await failing(client_of(await serve_raw(talk)))
    assert failure.reason is reason


async def test_a_reset_in_the_middle_of_the_body(serve_raw, client_of) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw_answer(b"{" * 100, length=1_000))
        await writer.drain()
        await asyncio.sleep(0.05)
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        writer.transport.abort()

    failure = await failing(client_of(await serve_raw(talk)))
    assert (failure.reason, failure.permanent) == (Reason.CONNECTION_LOST, False)


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "{}",
        "null",
        "7",
        '{"response": []}',
        '{"response": {}}',
        '{"response": null}',
        '{"response": {"Attribute": null}}',
        '{"response": {"Attribute": [{"id": "1"}]}}',
        '{"message": "something", "name": "else"}',
        '{"Attribute": []}',
    ],
)
async def test_json_without_an_answer_is_never_a_miss(serve: Serve, client_of, body: str) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return json_answer(body)

    server = await serve(answer)
    assert (await failing(client_of(server.url))).reason is Reason.MALFORMED


@pytest.mark.parametrize("kind", ["text/html", "text/plain", "application/xml"])
async def test_200_without_json(serve: Serve, client_of, kind: str) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=NO_HITS, content_type=kind)

    server = await serve(answer)
    assert (await failing(client_of(server.url))).reason is Reason.NOT_JSON


@pytest.mark.parametrize(
    ("status", "location", "reason"),
    [
        (302, "/users/login", Reason.MAINTENANCE),
        (302, "/elsewhere", Reason.REDIRECTED),
        (301, "/attributes/restSearch/", Reason.REDIRECTED),
        (307, "/attributes/restSearch", Reason.REDIRECTED),
    ],
)
async def test_no_redirect_is_followed(
    serve: Serve, client_of, status: int, location: str, reason: Reason
) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": location})

    server = await serve(answer)
    assert (await failing(client_of(server.url))).reason is reason
    assert len(server.seen) == 1


async def test_a_rate_limit_says_when(serve: Serve, client_of) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return json_answer("{}", status=429, **{"X-Rate-Limit-Reset": "1800000042"})

    server = await serve(answer)
    failure = await failing(client_of(server.url, now=lambda: 1_800_000_000.0))
    assert (failure.reason, failure.retry_after_s) == (Reason.RATE_LIMITED, 42.0)


async def test_a_rate_limit_without_its_header(serve: Serve, client_of) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return json_answer("{}", status=429)

    server = await serve(answer)
    assert (await failing(client_of(server.url))).retry_after_s == 900.0


async def _flood(serve: Serve, *, compressed: bool) -> str:
    """A server of 500 MB of blanks, as they are or as a small gzip stream."""
    piece = b" " * MIB
    if compressed:
        bomb = gzip.compress(piece * 100, 9)

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        if compressed:
            response.headers["Content-Encoding"] = "gzip"
            response.content_length = len(bomb)
        await response.prepare(request)
        try:
            if compressed:
                await response.write(bomb)
            else:
                for _ in range(500):
                    await response.write(piece)
        except ConnectionError:
            pass
        return response

    return (await serve(answer)).url


@pytest.mark.parametrize("compressed", [False, True])
async def test_a_flood_never_fills_the_memory(serve: Serve, client_of, compressed: bool) -> None:
    client = client_of(await _flood(serve, compressed=compressed), max_bytes=4 * MIB)
    tracemalloc.start()
    try:
        failure = await failing(client)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert failure.reason is Reason.TOO_LARGE
    assert peak < 24 * MIB


async def test_a_body_of_exactly_the_limit_is_read(serve: Serve, client_of) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return json_answer(NO_HITS.ljust(MIB))

    server = await serve(answer)
    assert await client_of(server.url, max_bytes=MIB).search(query()) == ()
    assert (await failing(client_of(server.url, max_bytes=MIB - 1))).reason is Reason.TOO_LARGE


async def test_a_flood_of_an_error_is_cut(serve: Serve, client_of) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return json_answer("x" * 5 * MIB, status=403)

    server = await serve(answer)
    assert (await failing(client_of(server.url))).reason is Reason.NO_PERMISSION


async def test_loopback_is_refused_unless_allowed(serve: Serve, client_of) -> None:
    server = await serve()
    for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::1]"):
        client = client_of(f"http://{host}:{server.port}", policy=AddressPolicy())
        failure = await failing(client)
        assert (failure.reason, failure.permanent) == (Reason.ADDRESS_FORBIDDEN, True)
    assert not server.seen


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0"])
async def test_odd_spellings_of_loopback_do_not_reach_it(
    serve: Serve, client_of, host: str
) -> None:
    """Refused as an address that no URL has, or as what it resolves to."""
    server = await serve()
    client = client_of(f"http://{host}:{server.port}", policy=AddressPolicy())
    failure = await failing(client)
    assert failure.permanent
    assert failure.reason in {Reason.ADDRESS_FORBIDDEN, Reason.UNREACHABLE}
    assert not server.seen


async def test_a_name_that_turns_to_a_forbidden_address(serve: Serve, client_of) -> None:
    """DNS rebinding: harmless when first looked up, the metadata service when dialled."""
    server = await serve()
    answers = iter(["127.0.0.1", "169.254.169.254", "::ffff:169.254.169.254"])

    def lookup(_host: str, port: int, **_options: Any) -> list[Any]:
        address = next(answers)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        tail = (0, 0) if ":" in address else ()
        return [(family, socket.SOCK_STREAM, 6, "", (address, port, *tail))]

    def client() -> MispClient:
        return client_of(f"http://misp.example:{server.port}", lookup=lookup)

    assert await client().search(query()) == ()
    assert (await failing(client())).reason is Reason.ADDRESS_FORBIDDEN
    assert (await failing(client())).reason is Reason.ADDRESS_FORBIDDEN
    assert len(server.seen) == 1


async def test_a_dead_name_server_slows_no_other_misp(serve: Serve, client_of) -> None:
    def never(*_args: Any, **_options: Any) -> list[Any]:
        time.sleep(1.0)
        return []

    server = await serve()
    dead = [
        client_of(f"http://dead{each}.example", lookup=never, request_timeout_s=0.3)
        for each in range(40)
    ]
    stuck = [asyncio.create_task(failing(each)) for each in dead]
    await asyncio.sleep(0.05)
    start = time.monotonic()
    await client_of(f"http://localhost:{server.port}").search(query())
    assert time.monotonic() - start < 0.3
    assert {each.reason for each in await asyncio.gather(*stuck)} == {Reason.TIMED_OUT}
