"""Asking an ASGI application over real HTTP: served by uvicorn in a thread of its own."""

import http.client
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send


@dataclass(frozen=True)
class Answered:
    """A response, read to its end."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.content)


class Swapped:
    """One served address, behind which each test puts its own application."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass requests on; the life of what is behind is the test's own."""
        if scope["type"] == "lifespan":
            for told in ("lifespan.startup.complete", "lifespan.shutdown.complete"):
                await receive()
                await send({"type": told})
            return
        await self.app(scope, receive, send)


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """The application's address, until the block ends."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


def ask(
    url: str,
    method: str,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Answered:
    """One request with exactly these headers; redirects are not followed."""
    client = http.client.HTTPConnection(url.removeprefix("http://"), timeout=20)
    client.request(method, path, body, dict(headers or {}))
    response = client.getresponse()
    content = response.read()
    client.close()
    return Answered(response.status, dict(response.getheaders()), content)
