"""A reading that is killed (SIGKILL) anywhere, again and again, ends with the same counts."""

import subprocess
import sys
import time
from pathlib import Path
from random import Random

import psutil
import pytest

from securegrid.ingest.runs.run import Run
from tests.unit.ingest.runs.composing import counts, expected, lines, put

_PROGRAM = """
import sys
from pathlib import Path
from securegrid.ingest.inputs import blocks
from securegrid.ingest.runs import folding, reading
from securegrid.ingest.runs.run import Run
from tests.unit.ingest.runs.composing import OPTIONS, WORDS

blocks.open_blocks.__defaults__ = ("utf-8", 4_000)
reading.TASK_BYTES = 10_000
folding.GROUP_BYTES = 1_000

with Run.open(Path(sys.argv[1]), "source") as run:
    for workers in {"one": [1], "two": [2]}[sys.argv[2]]:
        print("ready", flush=True)
        run.read(sys.argv[3:], WORDS, OPTIONS, workers=workers)
print("done", flush=True)
"""
LOG = lines(30_000, words=500) + b"2021-05-13 never ends\n" + lines(2_000, day="2021-05-14")


def start(state: Path, workers: str, *files: str) -> "subprocess.Popen[bytes]":
    arguments = [sys.executable, "-c", _PROGRAM, str(state), workers, *files]
    begun = subprocess.Popen(arguments, stdout=subprocess.PIPE)
    assert begun.stdout is not None
    assert begun.stdout.readline() == b"ready\n"
    return begun


def kill(process: "subprocess.Popen[bytes]") -> bool:
    """Kill it; tells whether it had ended by itself."""
    helpers = psutil.Process(process.pid).children() if process.poll() is None else []
    process.kill()
    out, _ = process.communicate()
    _, alive = psutil.wait_procs(helpers, timeout=5)
    assert alive == []  # a reading process ends with its parent
    return b"done" in out


@pytest.mark.parametrize(("workers", "seed"), [("one", 1), ("two", 2)])
def test_killed_anywhere_it_ends_with_the_same_counts(
    tmp_path: Path, workers: str, seed: int
) -> None:
    random, state = Random(seed), tmp_path / "state"
    log = put(tmp_path, "log", LOG)
    longest = _whole_s(tmp_path / "other", workers, log)
    kills = 0
    for _ in range(6):
        process = start(state, workers, log)
        # Each time goes on where the last one was killed; so short that all do not get it done,
        # though the machine may be idle now and was not while the whole was timed.
        time.sleep(random.random() * longest / 8)
        if kill(process):
            break
        kills += 1
    assert kills >= 2
    assert start(state, workers, log).wait() == 0
    with Run.open(state, "source") as run:
        assert counts(run) == expected(LOG)
        assert [bad.count for bad in run.bad_lines()] == [1]


def _whole_s(state: Path, workers: str, log: str) -> float:
    """How long it takes when nobody kills it."""
    process = start(state, workers, log)
    began = time.monotonic()
    process.wait()
    return time.monotonic() - began
