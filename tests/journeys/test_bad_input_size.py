"""Bodies far too large, sent to a real server: refused at once, answered, and not taken in."""

import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import psutil
import pytest

from scripts.screenshots import sample_portal

MIB = 1024 * 1024
HUGE = 100 * MIB
MEMORY_MIB = 60
"""By how much the server may grow; one body would be more."""
SECONDS = 15.0


@dataclass(frozen=True)
class Server:
    """A portal's own process."""

    host: str
    port: int
    process: psutil.Process

    def memory_mib(self) -> float:
        """What it holds now."""
        return float(self.process.memory_info().rss) / MIB

    def send(self, head: str, body: Iterator[bytes]) -> tuple[int, str, int]:
        """Send until the server answers: the status, its text, and the bytes that were taken."""
        sent = 0
        with socket.create_connection((self.host, self.port), timeout=SECONDS) as line:
            line.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
            try:
                for part in body:
                    line.sendall(part)
                    sent += len(part)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the answer was sent before
            answer = b""
            while part := line.recv(65_536):
                answer += part
        head_told, _, text = answer.partition(b"\r\n\r\n")
        return int(head_told.split()[1]), text.decode(), sent


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A portal that has answered already."""
    with sample_portal() as (base, _):
        parts = urlsplit(base)
        assert parts.hostname is not None
        assert parts.port is not None
        me = psutil.Process()
        (process,) = (
            child
            for child in me.children(recursive=True)
            if str(parts.port) in " ".join(child.cmdline())
        )
        yield Server(parts.hostname, parts.port, process)


def zeros(size: int) -> Iterator[bytes]:
    for _ in range(size // MIB):
        yield b"0" * MIB


def chunked(size: int) -> Iterator[bytes]:
    for part in zeros(size):
        yield b"%x\r\n" % len(part) + part + b"\r\n"
    yield b"0\r\n\r\n"


LENGTH = f"Content-Length: {HUGE}"
CHUNKED = "Transfer-Encoding: chunked"
JSON = "Content-Type: application/json"
FORM = "Content-Type: application/x-www-form-urlencoded"
UPLOAD = "Content-Type: multipart/form-data; boundary=x"


@pytest.mark.parametrize("size", [LENGTH, CHUNKED])
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/v1/searches", JSON),
        ("/api/v1/searches", "Content-Encoding: gzip"),
        ("/search/", FORM),
        ("/search/", UPLOAD),
        ("/accounts/login/", FORM),
    ],
)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_100_mb_are_refused_with_a_word_and_not_taken_in(
    server: Server, path: str, kind: str, size: str, language: str
) -> None:
    before, started = server.memory_mib(), time.monotonic()
    head = f"POST {path} HTTP/1.1\nHost: 127.0.0.1\n{kind}\n{size}\nAccept-Language: {language}"
    body = zeros(HUGE) if size is LENGTH else chunked(HUGE)
    status, text, _ = server.send(head, body)
    assert time.monotonic() - started < SECONDS
    assert status == 413
    assert ("大きすぎます" in text) == (language == "ja")
    if path.startswith("/api/"):
        assert json.loads(text)["error"]["code"] == "too_large"
    assert server.memory_mib() - before < MEMORY_MIB


def test_a_client_that_asks_first_sends_nothing(server: Server) -> None:
    head = (
        f"POST /api/v1/searches HTTP/1.1\nHost: 127.0.0.1\n{JSON}\n{LENGTH}\nExpect: 100-continue"
    )
    status, _, sent = server.send(head, iter(()))
    assert (status, sent) == (413, 0)


@pytest.mark.parametrize(
    "head",
    [
        "POST /api/v1/searches HTTP/1.1\nHost: 127.0.0.1\nContent-Length: -1",
        "POST /api/v1/searches HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 1e9",
        f"GET /search/?q={'a' * 1_000_000} HTTP/1.1\nHost: 127.0.0.1\nConnection: close",
        f"GET / HTTP/1.1\nHost: 127.0.0.1\nX: {'a' * 1_000_000}\nConnection: close",
        "GET / HTTP/1.1\nHost: evil.example\nConnection: close",
        "\x00\x01\x02",
    ],
    ids=lambda head: ascii(head)[:50],
)
def test_odd_requests_are_refused_and_the_next_is_served(server: Server, head: str) -> None:
    status, _, _ = server.send(head, iter(()))
    assert 300 <= status < 500
    after = "GET /accounts/login/ HTTP/1.1\nHost: 127.0.0.1\nConnection: close"
    assert server.send(after, iter(()))[0] == 200
