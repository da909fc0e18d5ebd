"""``securegrid node serve`` as a process: its key from standard input, its quiet, its end."""

import contextlib
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.contract.serving import ask

KEY = "s" * 40
SECRET = "secret-of-the-incident.example"


def test_a_node_is_served_from_nothing_and_stops_when_told(tmp_path: Path) -> None:
    db = tmp_path / "made" / "node.sqlite3"
    port = _free_port()
    process = _start(db, port)
    url = f"http://127.0.0.1:{port}"
    try:
        headers = {"Authorization": KEY, "Content-Type": "application/json"}
        _wait_until_ready(url, headers)
        body = f'{{"value": "{SECRET}"}}'.encode()
        found = ask(url, "POST", "/attributes/restSearch", headers=headers, body=body)
        assert found.json() == {"response": {"Attribute": []}}
        ask(url, "GET", f"/attributes/restSearch/value:{SECRET}", headers=headers)
        orgs = ask(url, "GET", "/organisations/index", headers=headers).json()
        assert [o["Organisation"]["name"] for o in orgs] == ["LAC"]
    finally:
        process.send_signal(signal.SIGTERM)
        output = process.communicate(timeout=20)[0]
    # uvicorn ends by the signal it was stopped with, once everything is closed.
    assert process.returncode in (0, -signal.SIGTERM)
    assert url in output
    assert SECRET not in output
    assert KEY not in output
    assert not db.with_name(db.name + "-wal").exists()


def _start(db: Path, port: int) -> subprocess.Popen[str]:
    command = "from securegrid.cli.node import app; app()"
    options = ["--db", str(db), "--port", str(port), "--org", "LAC", "--admin-key-stdin"]
    process = subprocess.Popen(
        [sys.executable, "-c", command, "serve", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(KEY + "\n")
    process.stdin.flush()
    return process


def _wait_until_ready(url: str, headers: dict[str, str]) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError):
            assert ask(url, "GET", "/servers/getVersion", headers=headers).status == 200
            return
        time.sleep(0.05)
    raise TimeoutError("the node did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
