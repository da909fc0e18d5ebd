"""What stands before a node and goes wrong: requests or answers that are lost on the way."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from enum import StrEnum

from tests.contract.serving import Answered, ask
from tests.faults.faulty_misp import Request, _read, _reset


class Wrong(StrEnum):
    """What happens to one request."""

    NOTHING = "nothing"
    RATE_LIMITED = "rate_limited"
    MAINTENANCE = "maintenance"
    UNAVAILABLE = "unavailable"
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    """The node did what was asked, and yet says 500."""
    LOST_BEFORE = "lost_before"
    LOST_AFTER = "lost_after"
    """The node did what was asked; the connection breaks before it can say so."""
    CUT_SHORT = "cut_short"
    """The connection breaks in the middle of its answer."""


DONE_FIRST = frozenset({Wrong.NOTHING, Wrong.ERROR_AFTER, Wrong.LOST_AFTER, Wrong.CUT_SHORT})
HTML = b"<html><body>no</body></html>"
ERROR = b'{"name":"An Internal Error Has Occurred.","message":"An Internal Error.","url":"/"}'
LIMITED = b'{"name":"Rate limit exceeded.","message":"Rate limit exceeded.","url":"/"}'


class FaultyFront:
    """A server on a loopback port that passes requests on to ``node``, as ``choose`` says."""

    def __init__(self, node: str, choose: Callable[[Request], Wrong]) -> None:
        self.node = node
        self.choose = choose
        self.seen: list[tuple[Request, Wrong]] = []
        self.url = ""

    async def visited(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until it ends or is broken."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while (request := await _read(reader)) is not None:
                wrong = self.choose(request)
                self.seen.append((request, wrong))
                if not await self._answer(request, wrong, writer):
                    break
        writer.transport.abort()

    async def _answer(self, request: Request, wrong: Wrong, writer: asyncio.StreamWriter) -> bool:
        done = await asyncio.to_thread(self._pass_on, request) if wrong in DONE_FIRST else None
        match wrong:
            case Wrong.LOST_BEFORE | Wrong.LOST_AFTER:
                _reset(writer)
                return False
            case Wrong.RATE_LIMITED:
                told = _whole(429, LIMITED, "X-Rate-Limit-Reset: 30\r\n")
            case Wrong.MAINTENANCE:
                told = _whole(302, b"", "Location: /users/login\r\n", "text/html")
            case Wrong.UNAVAILABLE:
                told = _whole(503, HTML, kind="text/html")
            case Wrong.ERROR_BEFORE | Wrong.ERROR_AFTER:
                told = _whole(500, ERROR)
            case _:
                assert done is not None
                told = _whole(done.status, done.content)
        writer.write(told[: -len(told) // 2] if wrong is Wrong.CUT_SHORT else told)
        await writer.drain()
        return wrong is not Wrong.CUT_SHORT

    def _pass_on(self, request: Request) -> Answered:
        kept = ("authorization", "content-type", "accept")
        headers = {name: request.headers[name] for name in kept if name in request.headers}
        return ask(self.node, request.method, request.path, headers=headers, body=request.body)


@contextlib.contextmanager
def before(node: str, choose: Callable[[Request], Wrong]) -> Iterator[FaultyFront]:
    """Run it in a thread of its own."""
    front = FaultyFront(node, choose)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    front.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    started = asyncio.run_coroutine_threadsafe(
        asyncio.start_server(front.visited, sock=listening), loop
    ).result(10)
    try:
        yield front
    finally:
        loop.call_soon_threadsafe(started.close)
        asyncio.run_coroutine_threadsafe(_end_visits(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end_visits() -> None:
    visits = asyncio.all_tasks() - {asyncio.current_task()}
    for visit in visits:
        visit.cancel()
    await asyncio.gather(*visits, return_exceptions=True)


def _whole(status: int, body: bytes, more: str = "", kind: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status} Status\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}{more}\r\n".encode() + body
