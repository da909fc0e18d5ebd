"""A portal with another master key, or none, does not start, says why, and damages nothing."""

import os
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from securegrid.portal.sealing import new_key

PROGRAM = (sys.executable, "-m", "securegrid.cli.main")
MISP_KEY = "k3yOfTheTests0123456789abcdefghijKLMNOPQ"


def run(
    settings: dict[str, str], *words: str, given: str = ""
) -> "subprocess.CompletedProcess[str]":
    """One command of the command line, as an operator runs it."""
    environment = {name: text for name, text in os.environ.items() if "SECUREGRID" not in name}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.run(
        [*PROGRAM, *words], env=environment | settings, input=given, text=True, timeout=60,
        capture_output=True, check=False,
    )  # fmt: skip


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the portal's data lies."""
    return tmp_path_factory.mktemp("portal")


@pytest.fixture(scope="module")
def settings(folder: Path) -> dict[str, str]:
    """A portal in a folder, with an indexed MISP; no test changes it."""
    (folder / "right.key").write_text(new_key() + "\n")
    made = {
        "SECUREGRID_MODE": "demo",
        "SECUREGRID_MASTER_KEY_FILE": str(folder / "right.key"),
        "SECUREGRID_DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3",
    }
    for words, given in (
        (("migrate",), ""),
        (("member", "add", "LAC"), ""),
        (
            ("misp", "add", "--member", "LAC", "--name", "M", "--url", "https://m.example.org",
             "--key-stdin", "--mode", "indexed"),
            MISP_KEY,
        ),
    ):  # fmt: skip
        told = run(made, "admin", *words, given=given)
        assert told.returncode == 0, told.stderr
    return made


def contents(folder: Path) -> list[str]:
    """All rows of the portal's database, and what lies beside it."""
    with sqlite3.connect(folder / "portal.sqlite3") as database:
        rows = list(database.iterdump())
    database.close()
    index = sorted(str(path) for path in (folder / "index").rglob("*"))
    return [*rows, *index]


@pytest.mark.parametrize("case", ["wrong", "missing", "rubbish"])
def test_the_start_is_refused_and_nothing_is_changed(
    settings: dict[str, str], folder: Path, tmp_path: Path, case: str
) -> None:
    other = tmp_path / "other.key"
    if case != "missing":
        other.write_text(new_key() + "\n" if case == "wrong" else "rubbish\n")
    mistaken = settings | {"SECUREGRID_MASTER_KEY_FILE": str(other)}
    before = contents(folder)
    for words in (("serve", "--port", free_port()), ("admin", "check"), ("worker",)):
        told = run(mistaken, *words)
        assert told.returncode != 0
        assert "SECUREGRID_MASTER_KEY_FILE" in told.stderr
        assert case != "wrong" or "Nothing was changed" in told.stderr
        assert "Traceback" not in told.stderr
        assert MISP_KEY not in told.stderr + told.stdout
    assert contents(folder) == before
    told = run(settings, "admin", "check")
    assert told.returncode == 0, told.stderr
