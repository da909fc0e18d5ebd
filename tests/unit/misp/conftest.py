"""Small real servers on random loopback ports, and a client that may dial them."""

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from securegrid.misp.client import MispClient
from securegrid.misp.connection import AddressPolicy, Connection
from securegrid.misp.query import AttributeQuery

KEY = "SecretAuthKey0123456789SecretAuthKey0123"
VALUE = "secret-indicator.example"
NO_HITS = '{"response": {"Attribute": []}}\n'
LOOPBACK = AddressPolicy(allow_loopback=True)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def query(*values: str, **options: Any) -> AttributeQuery:
    return AttributeQuery.by_values(values or (VALUE,), **options)


def connection(url: str, **options: Any) -> Connection:
    return Connection(url, KEY, policy=options.pop("policy", LOOPBACK), **options)


def json_answer(text: str = NO_HITS, status: int = 200, **headers: str) -> web.Response:
    return web.Response(
        text=text, status=status, content_type="application/json", charset="utf-8", headers=headers
    )


@dataclass
class Seen:
    """One request as the server saw it."""

    method: str
    target: str
    headers: dict[str, str]
    body: str


@dataclass
class Server:
    """A running server: what it answers can be changed, what it was sent can be read."""

    answer: Handler
    port: int = 0
    scheme: str = "http"
    seen: list[Seen] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        headers = dict(request.headers)
        self.seen.append(Seen(request.method, request.raw_path, headers, body))
        assert request.transport is not None
        self.connections.add(request.transport.get_extra_info("peername"))
        return await self.answer(request)


async def no_hits(_request: web.Request) -> web.StreamResponse:
    return json_answer()


Serve = Callable[..., Awaitable[Server]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts an HTTP server with a handler; stopped when the test ends."""
    async with AsyncExitStack() as stack:

        async def start(answer: Handler = no_hits, tls: ssl.SSLContext | None = None) -> Server:
            server = Server(answer, scheme="https" if tls else "http")
            app = web.Application(client_max_size=10_000_000)
            app.router.add_route("*", "/{path:.*}", server.handle)
            runner = web.AppRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
            await site.start()
            server.port = runner.addresses[0][1]
            return server

        yield start


@pytest.fixture
async def serve_raw() -> AsyncIterator[Callable[[Talk], Awaitable[str]]]:
    """Starts a TCP server that speaks as ``talk`` does; gives its address."""
    async with AsyncExitStack() as stack:

        async def start(talk: Talk) -> str:
            async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                try:
                    await talk(reader, writer)
                except (ConnectionError, asyncio.IncompleteReadError):
                    pass
                finally:
                    writer.close()

            server = await asyncio.start_server(guarded, "127.0.0.1", 0)
            stack.callback(server.close)
            return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

        yield start


@pytest.fixture
async def client_of() -> AsyncIterator[Callable[..., MispClient]]:
    """Makes clients for an address; closed when the test ends."""
    async with AsyncExitStack() as stack:

        def make(url: str, **options: Any) -> MispClient:
            names = ("policy", "tls", "ca_pem", "client_pem")
            of_connection = {name: options.pop(name) for name in names if name in options}
            client = MispClient(connection(url, **of_connection), **options)
            stack.push_async_callback(client.close)
            return client

        yield make


@dataclass(frozen=True)
class Certified:
    """A certificate with its private key, as PEM."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def cert_pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def both_pem(self) -> str:
        key = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return self.cert_pem + key.decode()


class Authority:
    """A certificate authority that lives for one test run."""

    def __init__(self, name: str) -> None:
        self.root = self._issue(name, None, is_ca=True, days=3650)

    def server(self, *names: str, days: int = 30) -> Certified:
        alternatives: list[x509.GeneralName] = []
        for name in names:
            try:
                alternatives.append(x509.IPAddress(ipaddress.ip_address(name)))
            except ValueError:
                alternatives.append(x509.DNSName(name))
        return self._issue(names[0], self.root, names=alternatives, days=days)

    def client(self, name: str) -> Certified:
        return self._issue(name, self.root)

    @staticmethod
    def _issue(
        name: str,
        issuer: Certified | None,
        *,
        names: list[x509.GeneralName] | None = None,
        is_ca: bool = False,
        days: int = 30,
    ) -> Certified:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if issuer else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=400))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        if not is_ca:
            usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
            builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        return Certified(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority("Test authority")


def server_context(
    certified: Certified, folder: Path, *, asks_for: Certified | None = None
) -> ssl.SSLContext:
    """A server's TLS context; ``asks_for``: the authority whose client certificates it requires."""
    path = folder / "server.pem"
    path.write_text(certified.both_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    if asks_for is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=asks_for.cert_pem)
    return context
