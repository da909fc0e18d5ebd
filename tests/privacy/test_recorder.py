"""The recorder keeps every byte, passes it on, and breaks as it is told."""

import http.client
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.faults.fault import Fault
from tests.privacy.recorder import Recorder, recording


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def echo() -> Iterator[Recorder]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    with recording() as before:
        yield before(f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()


@pytest.fixture
def recorder(echo: Recorder) -> Recorder:
    echo.forget()
    return echo


def _post(recorder: Recorder, body: bytes, client: http.client.HTTPConnection | None = None) -> int:
    client = client or http.client.HTTPConnection("127.0.0.1", recorder.port, timeout=5)
    client.request("POST", "/a/b?c=d", body, {"X-Header": "kept"})
    response = client.getresponse()
    told = response.read()
    assert response.status != 200 or told == body
    return response.status


def test_every_byte_is_kept_and_each_request_is_told_apart(recorder: Recorder) -> None:
    client = http.client.HTTPConnection("127.0.0.1", recorder.port, timeout=5)
    large = b"\r\n\r\n" * 50_000
    assert _post(recorder, b"one", client) == _post(recorder, large, client) == 200
    assert [sent.body for sent in recorder.requests] == [b"one", large]
    assert {sent.path for sent in recorder.requests} == {"/a/b?c=d"}
    assert b"X-Header: kept\r\n" in recorder.requests[0].raw
    assert b"".join(recorder.traffic()) == recorder.everything
    assert recorder.connections == 1


def test_a_request_that_breaks_off_is_kept_as_far_as_it_came(recorder: Recorder) -> None:
    with socket.create_connection(("127.0.0.1", recorder.port)) as wire:
        wire.sendall(b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf a bo")
        wire.shutdown(socket.SHUT_WR)
        assert wire.recv(1) == b""
    assert recorder.everything.endswith(b"half a bo")
    assert recorder.requests == []


def test_faults_come_in_the_order_of_the_script(recorder: Recorder) -> None:
    recorder.script = [Fault.ERROR_500, Fault.RATE_LIMITED, Fault.NONE]
    assert [_post(recorder, b"x") for _ in range(4)] == [500, 429, 200, 200]
    assert len(recorder.requests) == 4


@pytest.mark.parametrize("fault", [Fault.RESETS, Fault.CUT_SHORT, Fault.REFUSES])
def test_a_broken_connection_breaks_the_answer(recorder: Recorder, fault: Fault) -> None:
    recorder.fault = fault
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        _post(recorder, b"x" * 100)
    assert len(recorder.requests) == (0 if fault is Fault.REFUSES else 1)


def test_a_hanging_answer_does_not_come(recorder: Recorder) -> None:
    recorder.fault = Fault.HANGS
    client = http.client.HTTPConnection("127.0.0.1", recorder.port, timeout=0.2)
    with pytest.raises(TimeoutError):
        _post(recorder, b"x", client)
    assert len(recorder.requests) == 1
