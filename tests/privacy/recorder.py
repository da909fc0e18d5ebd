"""A wire before a MISP that keeps every byte sent to it, and that breaks as it is told.

``Recorder`` passes bytes on to the MISP behind it, unchanged and only after they were kept; so
whatever the MISP's own web server, application or a listener on the way could ever log is in
``Recorder.everything``. ``script`` names the fault of the first, second, … request; later ones
meet ``fault``. ``recording`` runs recorders in a thread of their own.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.faults.fault import Fault, Reply, reply_of

_PART = 65_536


@dataclass(frozen=True, slots=True)
class Sent:
    """One request, as it came over the wire."""

    raw: bytes

    @property
    def path(self) -> str:
        """The address in the request line."""
        return self.raw.split(b" ", 2)[1].decode()

    @property
    def body(self) -> bytes:
        """What follows the headers."""
        return self.raw.partition(b"\r\n\r\n")[2]


@dataclass
class Recorder:
    """One MISP's wire; ``target`` is the host and port of the MISP behind it."""

    target: tuple[str, int]
    fault: Fault = Fault.NONE
    script: list[Fault] = field(default_factory=list)
    requests: list[Sent] = field(default_factory=list)
    everything: bytearray = field(default_factory=bytearray)
    """All bytes of all connections in the order of their coming, also of broken requests."""
    connections: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        """The address by which the portal knows the MISP."""
        return f"http://127.0.0.1:{self.port}"

    def forget(self) -> None:
        """Begin a new recording, honestly answered."""
        self.requests.clear()
        self.everything.clear()
        self.script.clear()
        self.fault, self.connections = Fault.NONE, 0

    def traffic(self) -> list[bytes]:
        """Every request whole, in the order of their coming."""
        return [sent.raw for sent in self.requests]

    async def visited(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end."""
        self.connections += 1
        if self.fault is Fault.REFUSES:
            _reset(writer)
            return
        coming = _Messages(reader, self.everything)
        behind = await asyncio.open_connection(*self.target)
        answers = _Messages(behind[0], bytearray())
        try:
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await self._serve(coming, answers, writer, behind[1])
        finally:
            writer.close()
            behind[1].close()

    async def _serve(
        self,
        coming: "_Messages",
        answers: "_Messages",
        writer: asyncio.StreamWriter,
        behind: asyncio.StreamWriter,
    ) -> None:
        while request := await coming.next():
            self.requests.append(Sent(request))
            fault = self.script.pop(0) if self.script else self.fault
            behind.write(request if _reaches(fault) else b"")
            if not await _answer(fault, answers, writer):
                return


class _Messages:
    """The HTTP messages of a stream; each byte is kept as it comes, whatever becomes of it."""

    def __init__(self, reader: asyncio.StreamReader, kept: bytearray) -> None:
        self._reader, self._kept = reader, kept
        self._rest = bytearray()

    async def next(self) -> bytes:
        """The next whole message; empty at the end."""
        while (length := _length(self._rest)) is None or length > len(self._rest):
            part = await self._reader.read(_PART)
            if not part:
                return b""
            self._kept += part
            self._rest += part
        whole = bytes(self._rest[:length])
        del self._rest[:length]
        return whole


@contextlib.contextmanager
def recording() -> Iterator[Callable[[str], Recorder]]:
    """Gives a function that puts a recorder before the MISP at an address; all end with this."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="recorders", daemon=True)
    thread.start()
    servers: list[asyncio.Server] = []

    def run(step: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(step, loop).result(timeout=10)

    async def listen(recorder: Recorder) -> None:
        servers.append(await asyncio.start_server(recorder.visited, "127.0.0.1", 0))
        recorder.port = servers[-1].sockets[0].getsockname()[1]

    def before(url: str) -> Recorder:
        host, _, port = url.removeprefix("http://").partition(":")
        recorder = Recorder((host, int(port)))
        run(listen(recorder))
        return recorder

    try:
        yield before
    finally:
        run(_end(servers))
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()


async def _end(servers: list[asyncio.Server]) -> None:
    for server in servers:
        server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _reaches(fault: Fault) -> bool:
    """Whether the MISP behind ever sees the request."""
    return fault in (Fault.NONE, Fault.CUT_SHORT, Fault.RESETS_MID_BODY)


async def _answer(fault: Fault, answers: _Messages, writer: asyncio.StreamWriter) -> bool:
    """Answer one request; False when the connection is over."""
    if fault is Fault.HANGS:
        await asyncio.Event().wait()
    reply = reply_of(fault, ["what was asked"])
    if reply is None and not _reaches(fault):
        _reset(writer)
        return False
    answer = await answers.next() if reply is None else _whole(reply)
    is_whole = reply is not None or fault is Fault.NONE
    writer.write(answer if is_whole else answer[:-7])
    await writer.drain()
    return is_whole and bool(answer)


def _length(message: bytes | bytearray) -> int | None:
    """How many bytes the message at the beginning has; None when that cannot be seen yet."""
    end = message.find(b"\r\n\r\n") + 4
    if end < 4:
        return None
    for line in bytes(message[:end]).split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"transfer-encoding":
            raise ValueError("a body without a length cannot be recorded")
        if name.lower() == b"content-length":
            return end + int(value)
    return end


def _whole(reply: Reply) -> bytes:
    extra = "".join(f"{name}: {value}\r\n" for name, value in reply.headers)
    head = (
        f"HTTP/1.1 {reply.status} Status\r\nContent-Type: {reply.content_type}\r\n"
        f"Content-Length: {len(reply.body)}\r\n{extra}\r\n"
    )
    return head.encode() + reply.body


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST, as a crashed server or a firewall does."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    writer.transport.abort()
