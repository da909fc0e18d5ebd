"""``make demo`` as people meet it: sign-ins, the trial's figures, a second start, Ctrl-C."""

import contextlib
import csv
import json
import os
import signal
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from securegrid.demo.blacktech import trial_hits
from securegrid.demo.processes import free_ports, is_free

SECUREGRID = [sys.executable, "-m", "securegrid.cli.main"]
READY = "Ctrl-C"
_ENV = {name: value for name, value in os.environ.items() if not name.startswith("SECUREGRID_")} | {
    "LC_ALL": "C.UTF-8"
}
_ENV.pop("DJANGO_SETTINGS_MODULE", None)


@dataclass
class Demo:
    """A demo alliance that runs, and what it left in its folder."""

    process: subprocess.Popen[str]
    folder: Path
    port: int
    started_in_s: float = 0.0

    @property
    def credentials(self) -> dict[str, Any]:
        """``credentials.json``."""
        found: dict[str, Any] = json.loads((self.folder / "credentials.json").read_text())
        return found

    def token(self, email: str) -> str:
        """The API token of one person."""
        return next(str(u["token"]) for u in self.credentials["users"] if u["email"] == email)

    def get(self, path: str, email: str) -> Any:
        """What the API answers to one person."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1{path}",
            headers={"Authorization": f"Bearer {self.token(email)}"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def end(self) -> int:
        """Press Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


def start(folder: Path, port: int, *options: str) -> Demo:
    """Start a demo and wait until it is ready."""
    began = time.monotonic()
    process = subprocess.Popen(
        [*SECUREGRID, "demo", "--folder", str(folder), "--port", str(port), *options],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=_ENV,
        start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    told = []
    for line in process.stdout:
        told.append(line)
        if READY in line:
            return Demo(process, folder, port, time.monotonic() - began)
    raise AssertionError("".join(told))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo alliance, started anew."""
    folder = tmp_path_factory.mktemp("demo") / "var"
    running = start(folder, *free_ports([0]))
    yield running
    if running.process.poll() is None:
        running.end()


def test_the_credentials_name_everybody_and_every_misp_in_private(demo: Demo) -> None:
    written = demo.credentials
    assert written["portal"] == f"http://127.0.0.1:{demo.port}"
    roles = sorted((user["member"] or "", user["role"]) for user in written["users"])
    members = ("Geolocation Technology", "IPA", "LAC")
    assert roles == [("", "operator")] + [(m, r) for m in members for r in ("analyst", "owner")]
    assert {(misp["name"], misp["member"]) for misp in written["misps"]} == {
        ("GRID-MISP (OSINT)", "LAC"), ("GRID-MISP (LAB)", "LAC"),
        ("GEO-MISP", "Geolocation Technology"), ("IPA-MISP", "IPA"),
    }  # fmt: skip
    assert {frozenset(user) for user in written["users"]} == {
        frozenset({"email", "password", "role", "member", "token"})
    }
    assert {frozenset(misp) for misp in written["misps"]} == {
        frozenset({"name", "member", "url", "key"})
    }
    assert stat.S_IMODE((demo.folder / "credentials.json").stat().st_mode) == 0o600


def test_the_history_begins_with_the_trials_search(demo: Demo) -> None:
    (first,) = demo.get("/searches", "analyst@lac.example")["searches"]
    assert (first["label"], first["values_count"]) == ("BlackTech", 853)
    search = demo.get(f"/searches/{first['id']}", "analyst@lac.example")
    assert {misp["name"]: misp["values_hit"] for misp in search["misps"]} == {
        "GEO-MISP": 13, "IPA-MISP": 0, "GRID-MISP (OSINT)": 355, "GRID-MISP (LAB)": 177,
    }  # fmt: skip
    assert {misp["name"]: misp["mode"] for misp in search["misps"]} == {
        "GEO-MISP": "indexed", "IPA-MISP": "live",
        "GRID-MISP (OSINT)": "indexed", "GRID-MISP (LAB)": "indexed",
    }  # fmt: skip
    assert search["cells"] == {"hit": 545, "miss": 4 * 853 - 545, "not_answered": 0, "not_asked": 0}


def test_each_owner_sees_the_hits_on_its_own_data_and_nothing_else(demo: Demo) -> None:
    geo = demo.get("/owner/hits", "owner@geolocation.example")["hits"]
    assert {hit["value"] for hit in geo} == {hit.value for hit in trial_hits()}
    assert demo.get("/owner/hits", "owner@ipa.example")["hits"] == []
    # LAC searched its own MISPs there, which concerns nobody else.
    assert demo.get("/owner/hits", "owner@lac.example")["hits"] == []


def test_the_trial_command_writes_the_talks_tables(demo: Demo, tmp_path: Path) -> None:
    command = [
        *SECUREGRID, "trial", str(demo.folder / "blacktech.csv"), "--out", str(tmp_path),
        "--portal", demo.credentials["portal"], "--token", demo.token("analyst@lac.example"),
    ]  # fmt: skip
    subprocess.run(command, check=True, env=_ENV, stdout=subprocess.DEVNULL)
    summary = {row["misp"]: row for row in read(tmp_path / "summary.csv")}
    assert {name: row["values_hit"] for name, row in summary.items()} == {
        "GEO-MISP": "13", "IPA-MISP": "0", "GRID-MISP (OSINT)": "355", "GRID-MISP (LAB)": "177",
    }  # fmt: skip
    assert all(row["values"] == "853" and row["answer_time_ms"] for row in summary.values())
    rows = [row for row in read(tmp_path / "hits.csv") if row["GEO-MISP"] != "0"]
    assert [
        (r["no"], r["value"], r["source"], r["GRID-MISP (LAB)"], r["GRID-MISP (OSINT)"],
         r["GEO-MISP"], r["asn_country_code"], r["GEO-MISP events"])
        for r in rows
    ] == [
        (str(hit.no), hit.value, hit.source, str(hit.lab), str(hit.osint), str(hit.geo),
         hit.country, f"{hit.geo_title}({hit.geo})")
        for hit in trial_hits()
    ]  # fmt: skip
    assert all(row["asn"].isdigit() and row["as_name"] for row in rows)


def read(path: Path) -> list[dict[str, str]]:
    """A CSV file as programs read it."""
    with path.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_a_second_demo_is_told_clearly(demo: Demo, tmp_path: Path) -> None:
    same_folder = ask_in_vain("--folder", str(demo.folder), "--port", str(free_ports([0])[0]))
    assert "A demo runs from" in same_folder
    same_port = ask_in_vain("--folder", str(tmp_path / "var"), "--port", str(demo.port))
    assert f"Port {demo.port} is in use" in same_port


def ask_in_vain(*options: str) -> str:
    """What a demo that cannot start says; it must end with 1."""
    done = subprocess.run(
        [*SECUREGRID, "demo", *options], env=_ENV, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_folder_that_holds_no_real_data_is_told(tmp_path: Path) -> None:
    said = ask_in_vain("--folder", str(tmp_path / "var"), "--data", str(tmp_path))
    assert "is not the folder of real data" in said


def test_ctrl_c_ends_every_part_and_a_second_start_keeps_everything(demo: Demo) -> None:
    before = demo.credentials
    history = demo.get("/searches", "analyst@lac.example")["searches"]
    ports = [int(misp["url"].rpartition(":")[2]) for misp in before["misps"]]
    assert demo.end() == 0
    assert all(is_free(port) for port in (*ports, demo.port))
    assert workers_of(demo) == []

    again = start(demo.folder, demo.port)
    try:
        assert again.credentials == before
        assert again.get("/searches", "analyst@lac.example")["searches"] == history
        assert again.started_in_s < 30
    finally:
        again.end()


def test_a_killed_demo_leaves_nothing_running(demo: Demo) -> None:
    killed = demo if demo.process.poll() is None else start(demo.folder, demo.port)
    ports = [int(misp["url"].rpartition(":")[2]) for misp in killed.credentials["misps"]]
    killed.process.kill()
    killed.process.wait()
    until = time.monotonic() + 15
    while (_busy(ports, killed) or workers_of(killed)) and time.monotonic() < until:
        time.sleep(0.2)
    assert not _busy(ports, killed)
    assert workers_of(killed) == []


def _busy(ports: list[int], demo: Demo) -> list[int]:
    return [port for port in (*ports, demo.port) if not is_free(port)]


def workers_of(demo: Demo) -> list[int]:
    """The processes of the demo's portal and worker: those with its database open."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if any(file.path.startswith(str(demo.folder)) for file in process.open_files()):
                found.append(process.pid)
    return found
