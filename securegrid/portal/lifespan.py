"""What happens when the portal's process begins and ends (ASGI lifespan, in front of Django)."""

import asyncio
from collections.abc import Callable

import structlog
from django.db import DatabaseError, connection
from django.utils import timezone

from securegrid.portal.limits import App, Receive, Scope, Send
from securegrid.portal.searches import services
from securegrid.portal.searches.engine import engine

log = structlog.get_logger(__name__)


class Lifespan:
    """An ASGI application that calls ``begin`` and ``end`` once each; all else goes to ``app``."""

    def __init__(self, app: App, begin: Callable[[], None], end: Callable[[], None]) -> None:
        self._app = app
        self._begin = begin
        self._end = end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle the process's begin and end, or pass the request on."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        while True:
            moment = str((await receive())["type"])
            await asyncio.to_thread(self._begin if moment.endswith("startup") else self._end)
            await send({"type": f"{moment}.complete"})
            if moment.endswith("shutdown"):
                return


def begin() -> None:
    """Mark the searches that an earlier process left behind.

    With SQLite this process is the only one, so that whatever runs died with its predecessor.
    """
    try:
        services.recover(now=timezone.now(), everything=connection.vendor == "sqlite")
    except DatabaseError:
        log.warning("no database to recover searches in")
    finally:
        connection.close()


def end() -> None:
    """Stop asking; the cells without an answer are marked."""
    engine().stop()
