"""The worker beside the portal: started again when it dies, ended with the portal, always."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from securegrid.portal.jobs.beside import WorkerBeside

NOTES = "import os, sys\nopen(sys.argv[1], 'a').write(f'{os.getpid()} {sys.argv[2]}\\n')\n"
SLEEPS = f"{NOTES}import time\ntime.sleep(60)"
ENDS = f"{NOTES}sys.exit(3)"
DEAF = f"import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{SLEEPS}"
PARENT = """
import sys, time
from securegrid.portal.jobs.beside import WorkerBeside
beside = WorkerBeside([sys.executable, "-c", sys.argv[1], sys.argv[2]])
beside.start()
time.sleep(60)
"""
TIED = f"""
import sys
from securegrid.portal.jobs.process import end_with
end_with(int(sys.argv[2]))
{SLEEPS}
"""
Start = Callable[[str], WorkerBeside]


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Where each worker writes its own and its parent's process id."""
    return tmp_path / "notes"


@pytest.fixture
def start(notes: Path) -> Iterator[Start]:
    """Starts a worker that runs a program; it is stopped in the end."""
    running: list[WorkerBeside] = []

    def begin(program: str) -> WorkerBeside:
        command = [sys.executable, "-c", program, str(notes)]
        running.append(WorkerBeside(command, first_pause_s=0.01))
        running[-1].start()
        return running[-1]

    yield begin
    for each in running:
        each.stop()


def until(happened: Callable[[], bool]) -> None:
    """Wait for it; that it never happens is a failure."""
    latest = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < latest
        time.sleep(0.02)


def pids(notes: Path) -> list[int]:
    """The workers that have run, in order."""
    if not notes.exists():
        return []
    return [int(line.split()[0]) for line in notes.read_text().splitlines()]


def is_gone(pid: int) -> bool:
    """Whether no such process runs (one that nobody has waited for yet does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_it_runs_and_knows_its_parent_and_ends(start: Start, notes: Path) -> None:
    beside = start(SLEEPS)
    until(lambda: bool(pids(notes)))
    assert notes.read_text().split() == [str(beside.pid), str(os.getpid())]
    beside.stop()
    assert beside.pid is None
    assert is_gone(pids(notes)[0])


def test_a_worker_that_is_killed_is_started_again(start: Start, notes: Path) -> None:
    beside = start(SLEEPS)
    until(lambda: bool(pids(notes)))
    os.kill(pids(notes)[0], signal.SIGKILL)
    until(lambda: len(pids(notes)) == 2)
    until(lambda: beside.pid == pids(notes)[1])


def test_a_worker_that_dies_at_its_start_is_tried_with_growing_pauses(
    start: Start, notes: Path
) -> None:
    beside = start(ENDS)
    until(lambda: len(pids(notes)) == 3)
    beside.stop()
    ran = len(pids(notes))
    time.sleep(0.2)
    assert len(pids(notes)) == ran, "none is started after the end"


def test_a_deaf_worker_is_killed(
    start: Start, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("securegrid.portal.jobs.beside._STOP_WAIT_S", 0.2)
    beside = start(DEAF)
    until(lambda: bool(pids(notes)))
    beside.stop()
    assert is_gone(pids(notes)[0])


def test_it_ends_before_it_was_started() -> None:
    WorkerBeside().stop()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child to its parent")
def test_a_worker_does_not_outlive_a_killed_portal(notes: Path) -> None:
    portal = subprocess.Popen([sys.executable, "-c", PARENT, TIED, str(notes)])
    try:
        until(lambda: bool(pids(notes)))
    finally:
        portal.kill()
        portal.wait()
    until(lambda: is_gone(pids(notes)[0]))
