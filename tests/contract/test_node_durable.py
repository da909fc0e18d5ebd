"""Killed at any moment, a node has every event that it acknowledged, and no half event."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from securegrid.node.accounts import Role
from securegrid.node.store import Store
from tests.contract.serving import ask

KEY = "k" * 40
ATTRIBUTES = 300
HEADERS = {"Authorization": KEY, "Content-Type": "application/json"}


@pytest.mark.parametrize("delay_s", [0.05, 0.25, 0.6])
def test_killed_while_events_come_in(tmp_path: Path, delay_s: float) -> None:
    path = _file(tmp_path)
    with _serving(path) as (process, url):
        acknowledged: list[str] = []
        writer = Thread(target=_write_until_it_dies, args=(url, acknowledged))
        writer.start()
        _wait_for(acknowledged)
        time.sleep(delay_s)
        os.kill(process.pid, signal.SIGKILL)
        writer.join(20)
    with _serving(path) as (_, url):
        stored = {e["uuid"]: int(e["attribute_count"]) for e in _post(url, "/events/index", {})}
        assert acknowledged
        assert set(acknowledged) <= set(stored)
        assert set(stored.values()) == {ATTRIBUTES}
        assert _count(url) == ATTRIBUTES * len(stored)
        assert _add(url)


def test_killed_right_after_the_answer(tmp_path: Path) -> None:
    path = _file(tmp_path)
    for _ in range(3):
        with _serving(path) as (process, url):
            uuid = _add(url)
            os.kill(process.pid, signal.SIGKILL)
        store = Store(path)
        with store.reading() as connection:
            row = connection.execute(
                "SELECT count(*) FROM attribute a JOIN event e ON e.id = a.event_id"
                " WHERE e.uuid = ?",
                (uuid,),
            ).fetchone()
            assert row[0] == ATTRIBUTES
            assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        store.close()


def _file(folder: Path) -> Path:
    path = folder / "node.sqlite3"
    store = Store(path)
    store.add_key(Role.ADMIN, raw=KEY)
    store.close()
    return path


@contextmanager
def _serving(path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A node in a process of its own, started as a member starts it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = "from securegrid.cli.node import app; app()"
    arguments = ["serve", "--db", str(path), "--port", str(port)]
    process = subprocess.Popen(
        [sys.executable, "-c", command, *arguments], stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(url)
        yield process, url
    finally:
        process.kill()
        process.wait(10)


def _wait_until_ready(url: str) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError):
            ask(url, "GET", "/servers/getVersion", headers=HEADERS)
            return
        time.sleep(0.05)
    raise TimeoutError("the node did not start")


def _write_until_it_dies(url: str, acknowledged: list[str]) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):
        while True:
            acknowledged.append(_add(url))


def _wait_for(acknowledged: list[str]) -> None:
    for _ in range(600):
        if acknowledged:
            return
        time.sleep(0.02)
    raise TimeoutError("no event was acknowledged")


def _add(url: str) -> str:
    attributes = [
        {"type": "ip-src", "value": f"198.18.{n // 256}.{n % 256}"} for n in range(ATTRIBUTES)
    ]
    made = _post(url, "/events/add", {"info": "An event", "Attribute": attributes})
    return str(made["Event"]["uuid"])


def _count(url: str) -> int:
    asked = {"returnFormat": "count", "type": "ip-src"}
    return int(_post(url, "/attributes/restSearch", asked))


def _post(url: str, path: str, body: object) -> Any:
    answered = ask(url, "POST", path, headers=HEADERS, body=json.dumps(body).encode())
    assert answered.status == 200
    return json.loads(answered.content)
