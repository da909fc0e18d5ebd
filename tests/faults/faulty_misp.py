"""A small real MISP server on a loopback port that goes wrong as it is told.

In a test's own event loop (also a virtual one)::

    async with FaultyMisp([Stored("198.51.100.7")], fault=Fault.DRIPS) as misp:
        MispClient(Connection(misp.url, KEY, policy=AddressPolicy(allow_loopback=True)))

Beside a test that is not async::

    with serving(FaultyMisp([...], script=[Fault.RESETS, Fault.NONE])) as misp:
        add_misp(member, "A", misp.url, KEY)

``script`` names the fault of the first, second, … request; later ones meet ``fault``, which may
be changed at any time (except from or to REFUSES). ``misp.requests`` holds every request with
its whole text, so that a test can look for what must not be there. Besides
``attributes/restSearch`` it answers ``servers/getVersion`` and ``users/view/me`` honestly.
"""

import asyncio
import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from tests.faults.fault import Fault, Reply, reply_of

KEY = "faultyMispAuthKey" + "0" * 23
"""An auth key of the right length; the server takes any."""

HUGE_BYTES = 500_000_000
_PART = b" " * 1_000_000
_DRIP_S = 0.5
_PAUSE_BEFORE_RESET_S = 0.01


@dataclass(frozen=True, slots=True)
class Stored:
    """An attribute that the MISP holds; found by its whole value or by a half of ``a|b``."""

    value: str
    type: str = "ip-dst"
    tags: tuple[str, ...] = ()
    event_tags: tuple[str, ...] = ()
    event: str = "An event"
    deleted: bool = False
    published: bool = True


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came over the wire."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    asked: tuple[str, ...] = field(default=())
    """The values of a restSearch."""

    def whole_text(self) -> str:
        """Everything of it in one string."""
        return "\n".join([self.method, self.path, repr(dict(self.headers)), self.body.decode()])


class FaultyMisp:
    """The server; an async context manager. ``delay_s`` passes before every answer."""

    def __init__(
        self,
        stored: Sequence[Stored] = (),
        *,
        fault: Fault = Fault.NONE,
        script: Sequence[Fault] = (),
        delay_s: float = 0.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.stored = list(stored)
        self.fault = fault
        self.script = list(script)
        self.delay_s = delay_s
        self.requests: list[Request] = []
        self.connections = 0
        self.sent_bytes = 0
        self.url = ""
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._socket: socket.socket | None = None
        self._visits: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        # A port that is bound but not listened on refuses, and nobody else can take it.
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        scheme = "http" if self._tls is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._socket.getsockname()[1]}"
        if self.fault is not Fault.REFUSES:
            self._server = await asyncio.start_server(
                self._visited, sock=self._socket, ssl=self._tls
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for visit in self._visits:
            visit.cancel()
        await asyncio.gather(*self._visits, return_exceptions=True)
        if self._socket is not None:
            self._socket.close()

    @property
    def port(self) -> int:
        """The port it listens on (or refuses at)."""
        return int(self.url.rpartition(":")[2])

    def searches(self) -> list[Request]:
        """The restSearch requests so far."""
        return [each for each in self.requests if each.asked]

    async def _visited(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = asyncio.current_task()
        assert visit is not None
        self._visits.add(visit)
        visit.add_done_callback(self._visits.discard)
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            await self._serve(reader, writer)
        writer.transport.abort() if self._tls is None else writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (request := await _read(reader)) is not None:
            self.requests.append(request)
            await asyncio.sleep(self.delay_s)
            if not await self._answer(request, writer):
                return

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; False when the connection is over."""
        if not request.path.endswith("/restSearch"):
            return await self._send(writer, _small_talk(request.path))
        fault = self.script.pop(0) if self.script else self.fault
        reply = reply_of(fault, list(request.asked))
        if reply is not None:
            return await self._send(writer, reply)
        return await self._misbehave(fault, request, writer)

    async def _misbehave(
        self, fault: Fault, request: Request, writer: asyncio.StreamWriter
    ) -> bool:
        match fault:
            case Fault.HANGS:
                await asyncio.Event().wait()
            case Fault.DRIPS:
                await self._drip(writer, _whole(self._honest(request)))
            case Fault.RESETS:
                _reset(writer)
            case Fault.RESETS_MID_BODY | Fault.CUT_SHORT:
                await self._break_off(fault, writer, _whole(self._honest(request)))
            case Fault.NOT_HTTP:
                await self._write(writer, b"SSH-2.0-OpenSSH_9.2\r\n")
            case Fault.HUGE | Fault.HUGE_UNANNOUNCED:
                await self._pour(writer, announced=fault is Fault.HUGE)
            case Fault.FLOOD | Fault.FLOOD_REPEATED:
                return await self._send(writer, self._flood(fault, request))
            case _:
                return await self._send(writer, self._honest(request))
        return False

    def _honest(self, request: Request) -> Reply:
        return _rows_reply([_row(number, each) for number, each in self._matching(request)])

    def _matching(self, request: Request) -> Iterator[tuple[int, Stored]]:
        asked = {_folded(text) for text in request.asked}
        for number, each in enumerate(self.stored, 1):
            whole = _folded(each.value)
            if not each.deleted and asked & {whole, *whole.split("|")}:
                yield number, each

    def _flood(self, fault: Fault, request: Request) -> Reply:
        asked = json.loads(request.body)
        page = int(asked.get("page", 1)) if fault is Fault.FLOOD else 1
        limit = int(asked["limit"])
        honest = [_row(number, each) for number, each in self._matching(request)]
        first = 1_000_000 + page * limit
        flood = [_row(first + number, _UNASKED) for number in range(limit - len(honest))]
        return _rows_reply([*flood, *honest])

    async def _send(self, writer: asyncio.StreamWriter, reply: Reply) -> bool:
        await self._write(writer, _whole(reply))
        return True

    async def _write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        writer.write(data)
        self.sent_bytes += len(data)
        await writer.drain()

    async def _drip(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        for number in range(len(data)):
            await self._write(writer, data[number : number + 1])
            await asyncio.sleep(_DRIP_S)

    async def _break_off(self, fault: Fault, writer: asyncio.StreamWriter, data: bytes) -> None:
        await self._write(writer, data[:-7])
        await asyncio.sleep(_PAUSE_BEFORE_RESET_S)
        if fault is Fault.RESETS_MID_BODY:
            _reset(writer)

    async def _pour(self, writer: asyncio.StreamWriter, *, announced: bool) -> None:
        length = f"Content-Length: {HUGE_BYTES}" if announced else "Connection: close"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{length}\r\n\r\n"
        await self._write(writer, head.encode())
        for _ in range(HUGE_BYTES // len(_PART)):
            await self._write(writer, _PART)


@contextlib.contextmanager
def serving(*misps: FaultyMisp) -> Iterator[Any]:
    """Run MISPs in a thread of their own; gives the one, or a tuple of all."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="faulty-misps", daemon=True)
    thread.start()

    def run(step: Any) -> None:
        asyncio.run_coroutine_threadsafe(step, loop).result(timeout=10)

    started: list[FaultyMisp] = []
    try:
        for misp in misps:
            run(misp.__aenter__())
            started.append(misp)
        yield misps[0] if len(misps) == 1 else misps
    finally:
        for misp in started:
            run(misp.__aexit__())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()


_UNASKED = Stored("203.0.113.113", event="Unasked")


def _row(number: int, stored: Stored) -> dict[str, Any]:
    """An attribute as includeContext gives it (recorded)."""
    return {
        "id": str(number),
        "uuid": f"00000000-0000-4000-8000-{number:012d}",
        "event_id": "1",
        "object_id": "0",
        "object_relation": None,
        "category": "Network activity",
        "type": stored.type,
        "to_ids": True,
        "timestamp": "1795423905",
        "comment": "",
        "deleted": stored.deleted,
        "first_seen": None,
        "last_seen": None,
        "value": stored.value,
        "Tag": [{"id": "1", "name": name, "colour": "#000000"} for name in stored.tags],
        "Event": {
            "id": "1",
            "uuid": "10000000-0000-4000-8000-000000000001",
            "info": stored.event,
            "date": "2026-11-01",
            "published": stored.published,
            "threat_level_id": "2",
            "Tag": [{"id": "2", "name": name, "colour": "#000000"} for name in stored.event_tags],
            "Orgc": {"id": "1", "name": "ORGNAME", "uuid": "423d7783-133f-45d6-8199-a2ef8ce6e539"},
        },
    }


def _rows_reply(rows: list[dict[str, Any]]) -> Reply:
    return Reply(200, json.dumps({"response": {"Attribute": rows}}).encode())


def _small_talk(path: str) -> Reply:
    if path.endswith("/servers/getVersion"):
        return Reply(200, b'{"version":"2.5.1","perm_sync":false,"perm_sighting":false}')
    if path.endswith("/users/view/me"):
        role = {"id": "6", "name": "Read Only", "perm_auth": True, "perm_add": False}
        user = {"id": "2", "org_id": "1", "email": "portal@example.org", "disabled": False}
        me = {"User": user, "Role": role, "UserSetting": []}
        return Reply(200, json.dumps(me).encode())
    return Reply(404, b'{"name":"Not Found","message":"Not Found","url":"/"}')


def _whole(reply: Reply) -> bytes:
    extra = "".join(f"{name}: {value}\r\n" for name, value in reply.headers)
    head = (
        f"HTTP/1.1 {reply.status} Status\r\nContent-Type: {reply.content_type}\r\n"
        f"Content-Length: {len(reply.body)}\r\n{extra}\r\n"
    )
    return head.encode() + reply.body


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    start, *lines = head.rstrip("\r\n").split("\r\n")
    method, path, _ = start.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, body, _asked(path, body))


def _asked(path: str, body: bytes) -> tuple[str, ...]:
    if not path.endswith("/restSearch"):
        return ()
    return tuple(json.loads(body).get("value", ()))


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST, as a crashed server or a firewall does."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    writer.transport.abort()


def _folded(text: str) -> str:
    return text.casefold().rstrip(" ")
