"""A request body that is too large is refused before it is read."""

import asyncio
import json
from typing import Any

import pytest

from securegrid.portal.limits import BodyLimit


class Sender:
    """A client that sends ``chunks`` and remembers how many were taken."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = list(chunks)
        self.taken = 0

    async def receive(self) -> dict[str, Any]:
        self.taken += 1
        chunk = self.chunks.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(self.chunks)}


async def _more_for_uploads(scope: dict[str, Any]) -> int | None:
    return 20 if scope["path"] == "/upload" else None


async def call(sender: Sender, *headers: tuple[bytes, bytes], path: str = "/api/v1/x") -> Any:
    """The status, the body and what the application read."""
    sent: list[dict[str, Any]] = []
    read: list[bytes] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            read.append(message.get("body", b""))
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})

    scope = {"type": "http", "path": path, "headers": list(headers)}
    await BodyLimit(app, 10, _more_for_uploads)(scope, sender.receive, send)
    body = b"".join(m.get("body", b"") for m in sent)
    return sent[0]["status"], body, b"".join(read)


async def test_a_body_within_the_limit_passes() -> None:
    assert await call(Sender(b"12345", b"67890")) == (200, b"ok", b"1234567890")


async def test_where_files_are_uploaded_another_limit_holds() -> None:
    chunk = b"x" * 6
    assert (await call(Sender(chunk, chunk, chunk), path="/upload"))[0] == 200
    assert (await call(Sender(chunk, chunk, chunk)))[0] == 413
    assert (await call(Sender(*[chunk] * 5), path="/upload"))[0] == 413


async def test_a_declared_length_is_refused_before_the_application_runs() -> None:
    status, body, read = await call(Sender(b"x" * 11), (b"content-length", b"11"))
    assert (status, read) == (413, b"")
    assert json.loads(body)["error"]["code"] == "too_large"


async def test_a_client_that_asks_first_never_sends() -> None:
    sender = Sender(b"x" * 11)
    headers = (b"content-length", b"11"), (b"expect", b"100-continue")
    assert (await call(sender, *headers))[0] == 413
    assert sender.taken == 0


async def test_an_undeclared_length_is_refused_when_exceeded() -> None:
    status, _, read = await call(Sender(b"x" * 6, b"x" * 6, b"x" * 6))
    assert status == 413
    assert len(read) <= 10


async def test_the_refusal_speaks_the_clients_language() -> None:
    _, body, _ = await call(
        Sender(b""), (b"content-length", b"11"), (b"accept-language", b"ja-JP,en;q=0.5")
    )
    assert "大きすぎます" in json.loads(body)["error"]["message"]


async def test_pages_get_plain_words() -> None:
    _, body, _ = await call(Sender(b""), (b"content-length", b"11"), path="/searches/")
    assert body.startswith(b"The request is too large")


async def test_a_client_that_sends_for_ever_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("securegrid.portal.limits.LINGER_S", 0.05)

    class Slow(Sender):
        async def receive(self) -> dict[str, Any]:
            await asyncio.sleep(0.01)
            return {"type": "http.request", "body": b"x", "more_body": True}

    assert (await call(Slow(), (b"content-length", b"11")))[0] == 413
