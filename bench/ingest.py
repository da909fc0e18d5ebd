"""Measures reading an access log: lines per second, memory, and GoAccess on the same file."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import psutil

from bench.access_log import Composed, compose
from bench.report import Section

LINES, SOURCES = 10_000_000, 1_000_000
WANTED_PER_S = 200_000
WANTED_MB = 400
_EVERY_S = 0.05

Tell = Callable[[str], None]

_READ = """
import sys, time
from pathlib import Path
import securegrid.cli.ingest  # as the command holds it in memory
from securegrid.ingest.networks.classes import Networks
from securegrid.ingest.networks.lists import networks_in
from securegrid.ingest.readers.access_log import ACCESS_LOG, AccessLogOptions
from securegrid.ingest.runs.run import Run
from securegrid.ingest.shapes.options import ShapeOptions

log, networks, state, workers = sys.argv[1:]
options = AccessLogOptions(
    now=int(time.time()), networks=Networks([("VPS/Cloud", networks_in(Path(networks)))])
)
with Run.open(Path(state), "bench") as run:
    began = time.monotonic()
    report = run.read([log], ACCESS_LOG, options, workers=int(workers))
    read = time.monotonic()
    drafts = run.drafts(ACCESS_LOG.shape(ShapeOptions(alliance="bench", source="bench")))
    contents = sum(1 for event in drafts.events() for _ in drafts.contents(event.uuid))
    print(report.lines, report.counted, read - began, time.monotonic() - read, contents)
"""


class Ran(msgspec.Struct, frozen=True):
    """A program that was run to its end: seconds, the most memory of all its processes in MB, and
    what it wrote."""

    seconds: float
    peak_mb: float
    out: str


def measure(folder: Path, tell: Tell, lines: int = LINES, sources: int = SOURCES) -> list[Section]:
    """Compose the log in ``folder``, read it with both cores and with one, and with GoAccess."""
    tell(f"composing an access log of {lines:,} lines")
    log = compose(folder, lines, sources)
    size = _warm(log.log)
    both = _ours(folder, log, os.cpu_count() or 1, tell)
    one = _ours(folder, log, 1, tell)
    theirs = _goaccess(folder, log, tell)
    return [
        Section(
            title=f"Reading an access log: {lines:,} lines, {sources:,} sources, "
            f"{size / 1e6:,.0f} MB",
            note=_note(both),
            rows=[_row(f"both cores ({os.cpu_count()})", both), _row("one process", one), theirs],
            wanted={
                f"{WANTED_PER_S:,} lines a second with both cores": _per_s(both) >= WANTED_PER_S,
                f"all processes together under {WANTED_MB} MB": both.peak_mb < WANTED_MB,
            },
        )
    ]


def run(command: Sequence[str]) -> Ran:
    """Run ``command``; memory is the sum of its processes' resident memory at any moment, so what
    they share is counted more than once. Raises CalledProcessError."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    peak = [0.0]
    watcher = threading.Thread(target=_watch, args=(process, peak))
    watcher.start()
    out, _ = process.communicate()
    seconds = time.monotonic() - began
    watcher.join()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Ran(seconds, peak[0], out.decode())


def _watch(process: "subprocess.Popen[bytes]", peak: list[float]) -> None:
    while process.poll() is None:
        try:
            whole = psutil.Process(process.pid)
            family = [whole, *whole.children(recursive=True)]
            peak[0] = max(peak[0], sum(one.memory_info().rss for one in family) / 1e6)
        except psutil.NoSuchProcess:
            pass
        time.sleep(_EVERY_S)


def _ours(folder: Path, log: Composed, workers: int, tell: Tell) -> Ran:
    tell(f"reading it with {workers} process(es)")
    state = folder / "state"
    shutil.rmtree(state, ignore_errors=True)
    command = [sys.executable, "-c", _READ, str(log.log), str(log.networks), str(state)]
    try:
        return run([*command, str(workers)])
    finally:
        shutil.rmtree(state, ignore_errors=True)


def _goaccess(folder: Path, log: Composed, tell: Tell) -> dict[str, str | float | int]:
    program = shutil.which("goaccess")
    if program is None:
        return _absent()
    tell("reading it with GoAccess")
    out = folder / "goaccess.json"
    ran = run([program, str(log.log), "--log-format=COMBINED", "-o", str(out), "--no-progress"])
    return {
        "program": "GoAccess",
        "lines/s": log.lines / ran.seconds,
        "s": ran.seconds,
        "drafts s": "-",
        "peak MB": ran.peak_mb,
        "attributes": "-",
    }


def _absent() -> dict[str, str | float | int]:
    absent = "not installed: apt-get install goaccess"
    names = ("lines/s", "s", "drafts s", "peak MB", "attributes")
    return {"program": "GoAccess", **dict.fromkeys(names, absent)}


def _row(program: str, ran: Ran) -> dict[str, str | float | int]:
    _, _, read_s, drafts_s, contents = ran.out.split()
    return {
        "program": f"securegrid, {program}",
        "lines/s": _per_s(ran),
        "s": float(read_s),
        "drafts s": float(drafts_s),
        "peak MB": ran.peak_mb,
        "attributes": int(contents),
    }


def _per_s(ran: Ran) -> float:
    lines, _, read_s, *_ = ran.out.split()
    return int(lines) / float(read_s)


def _note(ran: Ran) -> str:
    lines, counted, *_ = ran.out.split()
    return (
        "Every source is as likely as any other in each line, which is the hardest case: hardly "
        f"any is met again soon. Of {int(lines):,} lines {int(counted):,} are of anonymous "
        "sources and become data. Reading ends when all is counted and on disk; drawing up the "
        "drafts of all events is told beside. GoAccess reports on the whole log, in memory."
    )


def _warm(path: Path) -> int:
    """Read the file once, so that whoever reads it later finds it in memory; gives its size."""
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass
        return file.tell()
