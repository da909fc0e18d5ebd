"""Whom the client trusts, and who it says it is, with certificates made for the test."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from securegrid.misp.client import MispClient
from securegrid.misp.connection import Tls
from securegrid.misp.failures import MispFailure, Reason
from tests.unit.misp.conftest import Authority, Serve, query, server_context


async def failing(client: MispClient) -> MispFailure:
    with pytest.raises(MispFailure) as caught:
        await client.search(query())
    return caught.value


@pytest.fixture(scope="session")
def stranger() -> Authority:
    return Authority("Another authority")


async def test_an_unknown_authority_is_refused(
    serve: Serve, client_of, authority: Authority, tmp_path: Path
) -> None:
    server = await serve(tls=server_context(authority.server("127.0.0.1"), tmp_path))
    failure = await failing(client_of(server.url))
    assert (failure.reason, failure.permanent) == (Reason.TLS_FAILED, True)
    assert not server.seen


@pytest.mark.parametrize("mode", [Tls.OWN_CA, Tls.VERIFY])
async def test_an_own_authority_is_trusted(
    serve: Serve, client_of, authority: Authority, tmp_path: Path, mode: Tls
) -> None:
    server = await serve(tls=server_context(authority.server("127.0.0.1"), tmp_path))
    client = client_of(server.url, tls=mode, ca_pem=authority.root.cert_pem)
    assert await client.search(query()) == ()


async def test_an_own_authority_is_trusted_alone(
    serve: Serve, client_of, authority: Authority, stranger: Authority, tmp_path: Path
) -> None:
    server = await serve(tls=server_context(authority.server("127.0.0.1"), tmp_path))
    client = client_of(server.url, tls=Tls.OWN_CA, ca_pem=stranger.root.cert_pem)
    assert (await failing(client)).reason is Reason.TLS_FAILED


@pytest.mark.parametrize(("name", "days"), [("other.example", 30), ("127.0.0.1", -1)])
async def test_a_wrong_name_or_an_old_certificate_is_refused(
    serve: Serve, client_of, authority: Authority, tmp_path: Path, name: str, days: int
) -> None:
    server = await serve(tls=server_context(authority.server(name, days=days), tmp_path))
    failure = await failing(client_of(server.url, ca_pem=authority.root.cert_pem))
    assert (failure.reason, failure.permanent) == (Reason.TLS_FAILED, True)
    assert failure.detail.startswith("certificate_wrong")
    assert not server.seen


async def test_insecure_mode_must_be_asked_for(
    serve: Serve, client_of, authority: Authority, tmp_path: Path
) -> None:
    server = await serve(tls=server_context(authority.server("other.example"), tmp_path))
    assert await client_of(server.url, tls=Tls.INSECURE).search(query()) == ()


async def test_a_client_certificate_is_shown(
    serve: Serve, client_of, authority: Authority, tmp_path: Path
) -> None:
    context = server_context(authority.server("127.0.0.1"), tmp_path, asks_for=authority.root)
    server = await serve(tls=context)
    client = client_of(
        server.url,
        ca_pem=authority.root.cert_pem,
        client_pem=authority.client("portal").both_pem,
    )
    assert await client.search(query()) == ()


@pytest.fixture
def strict_port() -> Iterator[Callable[[ssl.SSLContext], int]]:
    """A server on OpenSSL alone, which tells its refusal in an alert (asyncio's only resets)."""
    listening: list[socket.socket] = []

    def refuse(raw: socket.socket, context: ssl.SSLContext) -> None:
        wrapped = context.wrap_socket(raw, server_side=True, do_handshake_on_connect=False)
        with contextlib.suppress(OSError):
            wrapped.do_handshake()
        with socket.socket(fileno=wrapped.detach()) as plain, contextlib.suppress(OSError):
            plain.shutdown(socket.SHUT_WR)
            while plain.recv(4096):
                pass

    def start(context: ssl.SSLContext) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        listening.append(server)

        def run() -> None:
            with contextlib.suppress(OSError):
                refuse(server.accept()[0], context)

        threading.Thread(target=run, daemon=True).start()
        return int(server.getsockname()[1])

    yield start
    for each in listening:
        each.close()


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("shown", [False, True])
async def test_a_missing_or_unknown_client_certificate(
    strict_port: Callable[[ssl.SSLContext], int],
    client_of,
    authority: Authority,
    stranger: Authority,
    tmp_path: Path,
    shown: bool,
    newest: ssl.TLSVersion,
) -> None:
    """In TLS 1.2 the handshake fails, in 1.3 the first read after it."""
    context = server_context(authority.server("127.0.0.1"), tmp_path, asks_for=authority.root)
    context.maximum_version = newest
    client_pem = stranger.client("portal").both_pem if shown else ""
    client = client_of(
        f"https://127.0.0.1:{strict_port(context)}",
        ca_pem=authority.root.cert_pem,
        client_pem=client_pem,
    )
    failure = await failing(client)
    assert (failure.reason, failure.permanent) == (Reason.TLS_FAILED, True)
    assert failure.detail.startswith("client_certificate_refused")


async def test_a_reset_in_the_handshake(
    serve: Serve, client_of, authority: Authority, tmp_path: Path
) -> None:
    context = server_context(authority.server("127.0.0.1"), tmp_path, asks_for=authority.root)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    server = await serve(tls=context)
    failure = await failing(client_of(server.url, ca_pem=authority.root.cert_pem))
    assert (failure.reason, failure.permanent) == (Reason.TLS_FAILED, False)


async def test_a_server_that_speaks_no_tls(serve: Serve, client_of) -> None:
    server = await serve()
    failure = await failing(client_of(server.url.replace("http:", "https:")))
    assert (failure.reason, failure.permanent) == (Reason.TLS_FAILED, False)


@pytest.mark.parametrize("broken", ["ca_pem", "client_pem"])
async def test_unusable_pems_are_a_failure_not_a_crash(client_of, broken: str) -> None:
    pem = "-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n"
    client = client_of("https://127.0.0.1:1", **{broken: pem})
    failure = await failing(client)
    assert failure.detail.startswith("tls_settings_unusable")
    assert failure.permanent


async def test_an_encrypted_private_key_asks_at_no_terminal(
    client_of, authority: Authority
) -> None:
    plain = authority.client("portal")
    locked = plain.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    ).decode()
    failure = await failing(client_of("https://127.0.0.1:1", client_pem=plain.cert_pem + locked))
    assert failure.detail.startswith("tls_settings_unusable")
