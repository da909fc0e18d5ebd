"""A throw-away PostgreSQL server: a fixture, or around a command (`python -m tests.postgres`)."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from securegrid.demo.processes import die_with_parent

_USER = "securegrid"
_START_WAIT_S = 60.0
_AS_SERVER_USER: dict[str, Any] = (
    {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
)
"""PostgreSQL refuses to run as root."""
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""Nothing of it has to survive a crash."""


_DATABASE_FIXTURES = frozenset({"db", "transactional_db", "live_server"})
_TESTS = Path(__file__).resolve().parent
_WITHOUT_DATABASE = frozenset(
    _TESTS / room
    for room in (
        *("contract/index", "unit/asn", "unit/federation", "unit/index", "unit/ingest"),
        *("unit/misp", "unit/node", "unit/values", "unit/words"),
    )
)
"""Rooms without a test of the portal's database: half of all tests and of finding them."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what ``-m database`` would drop after each worker had read it."""
    if config.option.markexpr == "database" and collection_path in _WITHOUT_DATABASE:
        return True
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what touches the portal's database, so that ``-m database`` runs it elsewhere too."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if item.get_closest_marker("one_database"):
            continue
        if item.get_closest_marker("django_db") or _DATABASE_FIXTURES.intersection(fixtures):
            if not _WITHOUT_DATABASE.isdisjoint(item.path.parents):
                raise pytest.UsageError(
                    f"{item.nodeid} touches the portal's database, but its room stands in"
                    " _WITHOUT_DATABASE of tests/postgres.py: PostgreSQL would never see it"
                )
            item.add_marker("database")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a fresh PostgreSQL server that lives as long as the test session."""
    with server() as url:
        yield url


def main(command: list[str]) -> int:
    """Run ``command`` with ``SECUREGRID_DATABASE_URL`` naming a fresh server; its exit code."""
    with server() as url:
        return subprocess.call(command, env=os.environ | {"SECUREGRID_DATABASE_URL": url})


@contextmanager
def server() -> Iterator[str]:
    """A server in a folder of its own, on a free port of 127.0.0.1; gives its URL."""
    folder = Path(tempfile.mkdtemp(prefix="securegrid-postgres-"))
    if _AS_SERVER_USER:
        shutil.chown(folder, "postgres", "postgres")
    try:
        password = _initialise(folder)
        with _running(folder) as port:
            yield f"postgresql://{_USER}:{password}@127.0.0.1:{port}/postgres"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _initialise(folder: Path) -> str:
    password, word_file = secrets.token_hex(16), folder / "password"
    word_file.write_text(password)
    word_file.chmod(0o644)  # the folder itself is closed to others
    _run(
        _program("initdb"), "--pgdata", folder / "data", "--username", _USER, "--pwfile", word_file,
        "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync",
    )  # fmt: skip
    return password


@contextmanager
def _running(folder: Path) -> Iterator[int]:
    """The server as our child, which dies with us even when we are killed; gives its port."""
    port = _free_port()
    settings = [part for setting in _FAST for part in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [_program("postgres"), "-D", folder / "data", "-k", folder, "-h", "127.0.0.1",
             "-p", str(port), "-N", "200", *settings],
            **_AS_SERVER_USER, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            preexec_fn=partial(die_with_parent, signal.SIGQUIT),
        )  # fmt: skip
    try:
        _wait_until_ready(process, folder, port)
        yield port
    finally:
        process.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
        process.wait(30)


def _wait_until_ready(process: subprocess.Popen[bytes], folder: Path, port: int) -> None:
    asking = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    until = time.monotonic() + _START_WAIT_S
    while subprocess.call(asking) != 0:
        if process.poll() is not None or time.monotonic() > until:
            words = (folder / "log").read_text(errors="replace")[-1000:]
            raise RuntimeError(f"PostgreSQL did not start: {words}")
        time.sleep(0.05)


def _run(*command: str | Path) -> None:
    """Run ``command`` as a user that PostgreSQL accepts; its output is told when it fails."""
    done = subprocess.run(
        command, **_AS_SERVER_USER, cwd="/", capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed: {done.stderr}")


def _program(name: str) -> str:
    """The newest installed ``name``; Debian keeps it out of the search path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=_version)
    program = str(found[-1]) if found else shutil.which(name)
    if program is None:
        pytest.skip(f"PostgreSQL is not installed ({name} is missing)")
    return program


def _version(program: Path) -> float:
    return float(program.parents[1].name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
