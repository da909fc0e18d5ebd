"""One pool of connections per MISP, kept between searches and renewed when its settings change."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from securegrid.misp.client import MispClient
from securegrid.misp.connection import Connection

MAX_CONNECTIONS = 8
"""To one MISP at once, over all searches of this process."""


@dataclass(slots=True)
class _Line:
    connection: Connection
    client: MispClient
    users: int = 0


def open_client(connection: Connection) -> MispClient:
    """A client with the limits of a search."""
    return MispClient(connection, max_connections=MAX_CONNECTIONS)


class Clients:
    """The open lines of one event loop, by the public id of their MISP."""

    def __init__(self, open_line: Callable[[Connection], MispClient] = open_client) -> None:
        self._open_line = open_line
        self._lines: dict[str, _Line] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def borrow(self, misp_id: str, connection: Connection) -> "_Line":
        """A line to the MISP; give it back with ``give_back``.

        A MISP whose address, key or certificates changed gets a new line; the old one is
        closed when the searches that use it have ended.
        """
        line = self._lines.get(misp_id)
        if line is None or line.connection != connection:
            if line is not None and not line.users:
                self._close(line)
            line = self._lines[misp_id] = _Line(connection, self._open_line(connection))
        line.users += 1
        return line

    def give_back(self, misp_id: str, line: "_Line") -> None:
        """A search no longer uses the line."""
        line.users -= 1
        if not line.users and self._lines.get(misp_id) is not line:
            self._close(line)

    def _close(self, line: _Line) -> None:
        task = asyncio.get_running_loop().create_task(line.client.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Close every line, at the end of the process."""
        lines, self._lines = list(self._lines.values()), {}
        for line in lines:
            with suppress(Exception):
                await line.client.close()
