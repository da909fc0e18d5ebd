"""Killed at any step of an import or of its undo and begun again, the same is at the MISP."""

import json
import logging
import subprocess
import sys
from pathlib import Path

from securegrid.ingest.model import Drafts
from securegrid.ingest.runs.run import Run
from securegrid.node.app import app_of
from tests.contract.publishing import WRITER, Events, expected, held, node_store
from tests.contract.serving import served
from tests.faults.publishing_killing import EVENING, MORNING, job

EVERY = 11
"""Which steps are died at; with 1 it is every one of them, and takes two minutes."""


def test_killed_at_any_step_the_same_is_there(tmp_path: Path) -> None:
    logging.getLogger("pymisp").setLevel(logging.CRITICAL)
    with served(app_of(node_store(tmp_path / "node.sqlite3"))) as url:
        arguments = [url, WRITER, str(tmp_path / "states"), str(EVERY)]
        (tmp_path / "states").mkdir()
        ended = subprocess.run(
            [sys.executable, "-m", "tests.faults.publishing_killing", *arguments],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr
        told = [json.loads(line) for line in ended.stdout.splitlines()]
        found = held(url)
    wanted = {}
    for one in told:
        wanted |= expected(drafted(tmp_path, one["alliance"]))
    assert found == wanted
    assert sum(one["killed"].count(True) for one in told) > 15
    assert not any(told[-1]["killed"])


def drafted(folder: Path, alliance: str) -> Events:
    """What the whole day's log becomes when nobody dies."""
    log = folder / f"{alliance}.json"
    log.write_text(MORNING + EVENING)
    asked = job(log, alliance)
    with Run.open(folder / f"read-{alliance}", "IPAlert") as run:
        run.read(asked.files, asked.format, asked.options, workers=1)
        drafts: Drafts = run.drafts(asked.shape)
        events = Events()
        for head in drafts.events():
            events.add(head, drafts.contents(head.uuid))
    return events
