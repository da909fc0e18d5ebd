"""``securegrid worker``, and the one beside ``securegrid serve``: refusals, and an orderly end."""

import base64
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from securegrid.demo.processes import free_ports

SECUREGRID = [sys.executable, "-m", "securegrid.cli.main"]
Run = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the portal of these tests is."""
    return tmp_path_factory.mktemp("portal")


@pytest.fixture(scope="module")
def env(folder: Path) -> dict[str, str]:
    """The settings of that portal."""
    others = {k: v for k, v in os.environ.items() if not k.startswith("SECUREGRID_")}
    return others | {
        "DJANGO_SETTINGS_MODULE": "securegrid.portal.settings",
        "SECUREGRID_MODE": "demo",
        "SECUREGRID_DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}",
        "SECUREGRID_MASTER_KEY_FILE": str(key_file(folder / "master.key")),
        "LC_ALL": "C.UTF-8",
    }


def key_file(path: Path) -> Path:
    """A fresh master key in a file."""
    path.write_text(base64.b64encode(secrets.token_bytes(32)).decode())
    return path


@pytest.fixture(scope="module")
def run(env: dict[str, str]) -> Iterator[Run]:
    """Starts a command; what still runs in the end is killed."""
    running: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **more: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [*SECUREGRID, *arguments], env=env | more,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def made(run: Run) -> None:
    """The portal is made, with a MISP whose key is sealed."""
    for arguments, typed in (
        (("admin", "migrate"), ""),
        (("admin", "member", "add", "A"), ""),
        (("admin", "misp", "add", "--member", "A", "--name", "M", "--url",
          "https://misp.example.org", "--key-stdin"), "k" * 40 + "\n"),
    ):  # fmt: skip
        process = run(*arguments)
        told, _ = process.communicate(typed, timeout=60)
        assert process.returncode == 0, told


def refusal(process: "subprocess.Popen[str]") -> str:
    """What a command that does not start says."""
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Traceback" not in told
    return told


@pytest.mark.parametrize("command", ["worker", "serve"])
def test_a_database_that_is_not_up_to_date_stops_the_start(
    run: Run, tmp_path: Path, command: str
) -> None:
    empty = f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    told = refusal(run(command, SECUREGRID_DATABASE_URL=empty))
    assert "securegrid serve --migrate" in told


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_portal_ends_with_its_worker(run: Run, number: int) -> None:
    (port,) = free_ports([0])
    portal = run("serve", "--port", str(port))
    wait_for(port)
    (worker,) = children(portal)
    assert worker.nice() > psutil.Process(portal.pid).nice(), "the pages come first"
    portal.send_signal(number)
    told, _ = portal.communicate(timeout=30)
    assert "Traceback" not in told
    assert not worker.is_running()


@pytest.mark.usefixtures("made")
def test_the_portal_runs_without_a_worker_when_told(run: Run) -> None:
    (port,) = free_ports([0])
    portal = run("serve", "--port", str(port), "--no-worker")
    wait_for(port)
    assert children(portal) == []
    portal.kill()


def children(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    """The processes that it has started."""
    return psutil.Process(process.pid).children()


def wait_for(port: int) -> None:
    """Wait until the portal answers."""
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=2).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the portal does not answer")
