"""A portal of its own for a measurement: set up by the admin commands, served, asked by its API."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bench.baselines import Node
from bench.processes import Running, free_port, server

SEARCHER, OWNER = "Searching", "Owning"
INDEX_WITHIN_S = 900.0


@dataclass(frozen=True, slots=True)
class Portal:
    """A running portal and a token of an analyst."""

    running: Running
    token: str


@contextmanager
def portal(
    folder: Path, misps: Mapping[str, Node], indexed: Mapping[str, Node] | None = None
) -> Iterator[Portal]:
    """Serve a fresh portal whose MISPs all belong to a member that does not search.

    ``misps`` are asked live. ``indexed`` have an index each, filled when the portal is handed
    out; only with them a worker runs beside it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("portal.sqlite3*"):
        old.unlink()
    shutil.rmtree(folder / "index", ignore_errors=True)
    environment = _environment(folder)
    analyst, owner = _set_up(environment)
    port = free_port()
    worker = "--worker" if indexed else "--no-worker"
    arguments = ["securegrid.cli.main", "serve", "--port", str(port), worker]
    with server(arguments, port, folder / "portal.log", environment) as running:
        owning = Asking(Portal(running, owner))
        for name, node in misps.items():
            owning.connect(name, node, "live")
        filling = [owning.connect(name, node, "indexed") for name, node in (indexed or {}).items()]
        for misp_id in filling:
            owning.wait_for_index(misp_id)
        yield Portal(running, analyst)


class Asking:
    """One kept-alive connection of one API client."""

    def __init__(self, portal: Portal) -> None:
        parts = urlsplit(portal.running.url)
        self._connection = HTTPConnection(parts.hostname or "", parts.port, timeout=180)
        self._headers = {
            "Authorization": f"Bearer {portal.token}",
            "Content-Type": "application/json",
        }

    def connect(self, name: str, node: Node, mode: str) -> str:
        """Make the portal know a MISP; its id."""
        body = {"name": name, "url": node.url, "key": node.key, "mode": mode}
        return str(self.post("/misps", body)["id"])

    def wait_for_index(self, misp_id: str) -> None:
        """Return when the index answers. Raises TimeoutError after ``INDEX_WITHIN_S``."""
        until = time.monotonic() + INDEX_WITHIN_S
        while self._call("GET", f"/misps/{misp_id}/index")["standing"] != "ready":
            if time.monotonic() > until:
                raise TimeoutError("the index was not filled in time")
            time.sleep(0.5)

    def search(
        self, values: Sequence[str], deadline_s: float = 30, misps: Sequence[str] | None = None
    ) -> tuple[float, dict[str, Any]]:
        """POST a search and wait until it is complete; seconds, and the answer."""
        body = {"values": list(values), "wait": True, "deadline_s": deadline_s, "misps": misps}
        started = time.perf_counter()
        answer = self.post("/searches", body)
        return time.perf_counter() - started, answer

    def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """POST to the API; raises RuntimeError for anything but success."""
        return self._call("POST", path, msgspec.json.encode(body))

    def _call(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        self._connection.request(method, f"/api/v1{path}", body, self._headers)
        response = self._connection.getresponse()
        raw = response.read()
        if response.status not in {200, 201}:
            raise RuntimeError(f"the portal answered {response.status} to {path}")
        answer: dict[str, Any] = msgspec.json.decode(raw)
        return answer

    def follow(self, search_id: str) -> Iterator[tuple[float, str, Any]]:
        """The events of a search as they come: when, its name, its data."""
        path = f"/api/v1/searches/{search_id}/stream"
        self._connection.request("GET", path, headers=self._headers)
        name = ""
        for line in self._connection.getresponse():
            field, _, told = line.decode().rstrip("\n").partition(": ")
            if field == "event":
                name = told
            elif field == "data":
                yield time.perf_counter(), name, json.loads(told)
                if name == "done":
                    return


def _environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "SECUREGRID_MODE": "demo",
        "SECUREGRID_DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}",
        "SECUREGRID_SECRET_KEY": secrets.token_urlsafe(50),
        "SECUREGRID_MASTER_KEY": _master_key(),
        "SECUREGRID_ALLOW_LOOPBACK_MISPS": "true",
    }


def _master_key() -> str:
    return _securegrid(os.environ, "admin", "key", "new").strip()


def _set_up(environment: Mapping[str, str]) -> tuple[str, str]:
    """Two members, an analyst and an owner; returns the token of each."""

    def admin(*arguments: str, given: str = "") -> str:
        return _securegrid(environment, "admin", *arguments, given=given).strip()

    def person(role: str, member: str, scope: str) -> str:
        email = f"{role}@bench.example"
        admin("member", "add", member)
        admin(
            *("user", "add", "--email", email, "--role", role),
            *("--member", member, "--password-stdin"),
            given=secrets.token_urlsafe(20),
        )
        return admin("token", "add", "--user", email, "--name", "bench", "--scope", scope)

    admin("migrate")
    return person("analyst", SEARCHER, "search"), person("owner", OWNER, "admin")


def _securegrid(environment: Mapping[str, str], *arguments: str, given: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-m", "securegrid.cli.main", *arguments],
        input=given,
        env=dict(environment),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"securegrid {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout
