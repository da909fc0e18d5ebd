"""A portal as people run it: its own process under uvicorn, on a database of its own."""

import base64
import json
import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from securegrid.demo.processes import free_ports

PASSWORD = "a long word for the journey"
PATIENCE_S = 40.0


@dataclass(frozen=True)
class Alliance:
    """What a journey begins with: (email, role, member) and (name, member, url)."""

    members: Sequence[str]
    people: Sequence[tuple[str, str, str]]
    misps: Sequence[tuple[str, str, str]]


@contextmanager
def portal(alliance: Alliance, folder: Path, database_url: str) -> Iterator[str]:
    """A running portal with this alliance; gives its address."""
    env = _environment(folder, database_url)
    told = json.dumps({**vars(alliance), "password": PASSWORD})
    enrol = [sys.executable, "-m", "tests.journeys.enrol"]
    subprocess.run(enrol, input=told, text=True, env=env, check=True, stderr=subprocess.DEVNULL)
    (port,) = free_ports([0])
    with (folder / "portal.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "securegrid.cli.main", "serve", "--worker", "--port", str(port)],
            env=env, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/accounts/login/", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(process)


def _environment(folder: Path, database_url: str) -> dict[str, str]:
    others = {k: v for k, v in os.environ.items() if not k.startswith("SECUREGRID_")}
    return others | {
        "DJANGO_SETTINGS_MODULE": "securegrid.portal.settings",
        "SECUREGRID_MODE": "demo",
        "SECUREGRID_DATABASE_URL": database_url,
        "SECUREGRID_MASTER_KEY_FILE": str(_master_key(folder)),
        "SECUREGRID_ALLOW_LOOPBACK_MISPS": "true",
    }


def _master_key(folder: Path) -> Path:
    path = folder / "master.key"
    path.write_text(base64.b64encode(secrets.token_bytes(32)).decode() + "\n")
    path.chmod(0o600)
    return path


@contextmanager
def node(folder: Path, key: str, events: Sequence[dict[str, object]]) -> Iterator[str]:
    """A running embedded node that holds these events; gives its address."""
    (port,) = free_ports([0])
    command = [sys.executable, "-m", "securegrid.cli.main", "node", "serve", "--admin-key-stdin"]
    process = subprocess.Popen(
        [*command, "--db", str(folder / "node.sqlite3"), "--port", str(port)],
        stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdin is not None
        process.stdin.write(f"{key}\n")
        process.stdin.close()
        base = f"http://127.0.0.1:{port}"
        wait_for(f"{base}/servers/getVersion", process)
        for event in events:
            _add(base, key, event)
        yield base
    finally:
        stop(process)


def _add(base: str, key: str, event: dict[str, object]) -> None:
    headers = {"Authorization": key, "Content-Type": "application/json"}
    body = json.dumps(event).encode()
    request = urllib.request.Request(f"{base}/events/add", body, headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.status == 200


def wait_for(address: str, process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    """Return when something answers at ``address``, with whatever status."""
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        assert process.poll() is None, "the process has ended"
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"nothing answers at {address}")


def stop(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    """End it, and wait until it has ended."""
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
