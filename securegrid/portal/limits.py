"""Refusing a request body that is too large before it is read (in front of Django)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import msgspec

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Exceptional = Callable[[Scope], Awaitable[int | None]]
"""What another limit than the usual one a request has; None for none."""

LINGER_S = 3.0
LINGER_BYTES = 128 * 1024 * 1024
"""So much of a refused body is thrown away unread: a connection that is closed while its client
still sends is reset, and most clients then never see the answer."""

_WORDS = {
    False: "The request is too large; nothing was read or searched.",
    True: "リクエストが大きすぎます。読み込みも検索も行っていません。",
}


class BodyLimit:
    """An ASGI application that lets no more than ``max_bytes`` of a body through to ``app``.

    A declared length beyond it is refused before a byte is read; an undeclared one as soon as
    it is exceeded. Django itself would first write the whole body to a file.
    """

    def __init__(self, app: App, max_bytes: int, exceptional: Exceptional | None = None) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._exceptional = exceptional

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = await self._most(scope)
        if _declared(scope) > most:
            await _refuse(scope, receive, send)
        else:
            await self._counted(scope, receive, send, most)

    async def _most(self, scope: Scope) -> int:
        found = None if self._exceptional is None else await self._exceptional(scope)
        return self._max_bytes if found is None else found

    async def _counted(self, scope: Scope, receive: Receive, send: Send, most: int) -> None:
        read = 0
        refused = False

        async def counting() -> Message:
            nonlocal read, refused
            message = await receive()
            read += len(message.get("body", b""))
            if read > most and not refused:
                refused = True
                await _refuse(scope, receive, send)
            # To the application it looks as if the client had left.
            return {"type": "http.disconnect"} if refused else message

        async def quiet(message: Message) -> None:
            if not refused:
                await send(message)

        await self._app(scope, counting, quiet)


def _declared(scope: Scope) -> int:
    told = dict(scope["headers"]).get(b"content-length", b"")
    return int(told) if told.isdigit() else 0


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    languages = dict(scope["headers"]).get(b"accept-language", b"")
    words = _WORDS[languages.strip().lower().startswith(b"ja")]
    is_api = scope["path"].startswith("/api/")
    error = {"error": {"code": "too_large", "message": words}}
    body = msgspec.json.encode(error) if is_api else words.encode()
    kind = b"application/json" if is_api else b"text/plain; charset=utf-8"
    headers = [
        (b"content-type", kind),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    # Content-Length is known, so the answer is whole for the client before it is for the server.
    await send({"type": "http.response.body", "body": body, "more_body": True})
    if not _waits_for_leave(scope):
        await _discard(receive)
    await send({"type": "http.response.body", "body": b""})


def _waits_for_leave(scope: Scope) -> bool:
    """Whether the client waits for a *100 Continue* before it sends anything."""
    return b"100-continue" in dict(scope["headers"]).get(b"expect", b"").lower()


async def _discard(receive: Receive) -> None:
    discarded, more = 0, True
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_S):
            while more and discarded < LINGER_BYTES:
                message = await receive()
                discarded += len(message.get("body", b""))
                more = message["type"] == "http.request" and message.get("more_body", False)
