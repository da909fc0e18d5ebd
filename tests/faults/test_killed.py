"""Killed at any write, the database holds whole searches or marked ones, and no secret hit."""

import json
import subprocess
import sys
from pathlib import Path

from tests.fake_misp import attribute, event, serving


def test_killed_at_every_statement_of_a_search(tmp_path: Path) -> None:
    with serving() as start:
        first = start([attribute("bad.example", event(1)), attribute("worse.example", event(1))])
        later = start([attribute("bad.example", event(2))], delay_s=0.15)
        command = [sys.executable, "-m", "tests.faults.killing", str(tmp_path)]
        ran = subprocess.run(
            [*command, first.url, later.url],
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
    kills = [json.loads(line) for line in ran.stdout.splitlines()]
    assert kills, ran.stderr
    assert not kills[-1]["killed"], "the last attempt comes through"
    assert kills[-1]["cells"] == [3, 3, 0]
    assert len(kills) > 20
    for kill in kills:
        assert kill["sound"], kill
        assert kill["wrong"] == [], kill
        assert kill["healed"], kill
        assert kill["state"] == "absent" or kill["recovered"], kill
    assert {kill["state"] for kill in kills} == {"absent", "running", "complete"}
    # Killed between the two MISPs' answers: one whole, the other marked.
    assert [2, 1, 3] in [kill.get("cells") for kill in kills]
