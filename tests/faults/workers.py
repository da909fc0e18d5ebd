"""Real workers on the tests' own database, and a node that can hold its answers back."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from django.db import connection
from starlette.types import ASGIApp, Receive, Scope, Send

from securegrid.node.accounts import Role
from securegrid.node.app import app_of
from securegrid.node.records import NewAttribute, NewEvent
from securegrid.node.store import Store
from securegrid.portal.config import config
from tests.conftest import KEY
from tests.contract.serving import served

PATIENCE_S = 60.0
BEGUN = 1_700_000_000


@dataclass
class Gate:
    """In front of a node: notes what is asked, and can hold requests for attributes back."""

    app: ASGIApp
    lists: int = 0
    """How often the list of events was asked for."""
    read: list[list[int]] = field(default_factory=list)
    """The ids of the events of each request for attributes."""
    lets_through: int = 1_000_000
    """So many more requests for attributes are answered; later ones wait."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note a request, hold it back if the gate is shut, and pass it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = await _body(receive)
        self._note(scope["path"], msgspec.json.decode(body or b"{}"))
        if scope["path"].endswith("restSearch"):
            while self.lets_through <= 0:  # noqa: ASYNC110 - opened from another thread
                await asyncio.sleep(0.01)
            self.lets_through -= 1

        async def again() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, again, send)

    def _note(self, path: str, asked: Any) -> None:
        if path.endswith("restSearch"):
            ids = asked.get("eventid", [])
            self.read.append([int(one) for one in (ids if isinstance(ids, list) else [ids])])
        elif path.endswith("/events/index") and asked.get("minimal"):
            self.lists += 1


async def _body(receive: Receive) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


@dataclass
class Node:
    """A node behind its gate."""

    store: Store
    gate: Gate
    url: str

    def stamps(self) -> dict[bytes, tuple[int, bool]]:
        """Timestamp and publication of each event, by UUID."""
        with self.store.reading() as rows:
            found = rows.execute("SELECT uuid, timestamp, published FROM event").fetchall()
        return {UUID(uuid).bytes: (at, bool(published)) for uuid, at, published in found}

    def touch(self, events: int) -> None:
        """Let the first so many events look edited, long ago."""
        with self.store.writing() as rows:
            rows.execute("UPDATE event SET timestamp = timestamp + 5000 WHERE id <= ?", (events,))


@contextmanager
def node(folder: Path, events: int) -> Iterator[Node]:
    """A served node with so many events of one host name each."""
    store = Store(folder / "node.sqlite3", host_org="ORG")
    store.add_key(Role.READ_ONLY, raw=KEY)
    store.load(_event(number) for number in range(events))
    gate = Gate(app_of(store))
    with served(gate) as url:
        try:
            yield Node(store, gate, url)
        finally:
            gate.lets_through = 1_000_000


def _event(number: int) -> NewEvent:
    value = NewAttribute(type="domain", value=f"planted-{number}.example")
    at = BEGUN + number
    return NewEvent(info=f"Event {number}", attributes=(value,), published=True, timestamp=at)


class Workers:
    """Worker processes of one test, and what they wrote."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "workers.log"
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self) -> "subprocess.Popen[bytes]":
        """Start ``securegrid worker`` on this test's database."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "securegrid.cli.main", "worker"],
                env=_environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        self._running.append(process)
        return process

    def end(self) -> None:
        """Kill those that still run."""
        for process in self._running:
            process.kill()
            process.wait()

    def until(self, happened: Callable[[], bool]) -> None:
        """Wait for it; shows what the workers wrote when it does not happen."""
        latest = time.monotonic() + PATIENCE_S
        while not happened():
            assert time.monotonic() < latest, self.log.read_text()[-5000:]
            time.sleep(0.05)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """As the kernel does when memory is short."""
    process.send_signal(signal.SIGKILL)
    process.wait()


def _environment() -> dict[str, str]:
    """The settings of this test's own portal."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "securegrid.portal.settings",
        "SECUREGRID_DATABASE_URL": database_url(),
        "SECUREGRID_MASTER_KEY_FILE": str(config().own_key_file.absolute()),
    }


def database_url() -> str:
    """The database of this test as a setting names it."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{quote(str(given['NAME']))}"
    user, password = quote(given["USER"]), quote(given["PASSWORD"])
    return f"postgresql://{user}:{password}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
