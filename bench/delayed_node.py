"""Serves an embedded node behind a delay: ``python -m bench.delayed_node DB PORT DELAY_MS``."""

import asyncio
import sys
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from securegrid.node.app import create_app


def delayed(app: ASGIApp, delay_ms: float) -> ASGIApp:
    """The same application, each request reaching it ``delay_ms`` milliseconds later."""

    async def wait_first(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await asyncio.sleep(delay_ms / 1000)
        await app(scope, receive, send)

    return wait_first


if __name__ == "__main__":
    _db, _port, _delay_ms = sys.argv[1:]
    uvicorn.run(
        delayed(create_app(Path(_db)), float(_delay_ms)),
        host="127.0.0.1",
        port=int(_port),
        log_level="warning",
        access_log=False,
    )
