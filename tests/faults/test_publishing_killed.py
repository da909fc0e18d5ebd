"""Killed at any step of an import or of its undo and begun again, the same is at the MISP."""

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from securegrid.ingest.model import Drafts
from securegrid.ingest.runs.run import Run
from securegrid.node.app import app_of
from tests.contract.publishing import WRITER, Events, expected, held, node_store
from tests.contract.serving import served
from tests.faults.publishing_killing import DAYS, job

EVERY = {"honeypot": 11, "access-log": 23, "fortigate": 29, "table": 31}
"""Which steps of which format's import are died at; with 1 it is every one of them, and takes up
to half a minute each."""


@pytest.mark.parametrize("format_", EVERY)
def test_killed_at_any_step_the_same_is_there(tmp_path: Path, format_: str) -> None:
    logging.getLogger("pymisp").setLevel(logging.CRITICAL)
    with served(app_of(node_store(tmp_path / "node.sqlite3"))) as url:
        arguments = [url, WRITER, str(tmp_path / "states"), format_]
        (tmp_path / "states").mkdir()
        ended = subprocess.run(
            [sys.executable, "-m", "tests.faults.publishing_killing", *arguments,
             str(EVERY[format_])],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr
        told = [json.loads(line) for line in ended.stdout.splitlines()]
        found = held(url)
    wanted = {}
    for one in told:
        wanted |= expected(drafted(tmp_path, format_, one["alliance"]))
    assert found == wanted
    assert sum(one["killed"].count(True) for one in told) > (15 if EVERY[format_] < 20 else 4)
    assert not any(told[-1]["killed"])


def drafted(folder: Path, format_: str, alliance: str) -> Events:
    """What the whole day's log becomes when nobody dies."""
    log = folder / f"{alliance}.log"
    log.write_text("".join(DAYS[format_]))
    asked = job(log, format_, alliance)
    with Run.open(folder / f"read-{alliance}", asked.source) as run:
        run.read(asked.files, asked.format, asked.options, workers=1)
        drafts: Drafts = run.drafts(asked.shape)
        events = Events()
        for head in drafts.events():
            events.add(head, drafts.contents(head.uuid))
    return events
