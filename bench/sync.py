"""How long a first sync takes against reading the same JSON alone, and how much memory it holds.

``python -m bench.sync 5000000`` measures it with another number of attributes than the report.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bench.data import ATTRIBUTES
from bench.machine import describe
from bench.nodes import KEY, node_file
from bench.processes import free_port, server
from bench.report import Section, tell, write

REAL_RATE_PER_S = 31_000
"""Attributes a second of a real server, by lists of event ids (shared measurement)."""
MOST_OF_READING = 1.1
MOST_MB = 400.0

Figures = dict[str, float]


def measure(
    folder: Path, tell: Callable[[str], None], attributes: int = ATTRIBUTES
) -> list[Section]:
    """A node of so many attributes, as quick as it is and as slow as a real server."""
    tell("sync: a node as quick as it is")
    path = node_file(folder, 1, attributes)
    quick = _measure(path, 0.0)
    missing_s = attributes / REAL_RATE_PER_S - quick["read"]["seconds"]
    delay_ms = max(0.0, missing_s / quick["sync"]["requests"] * 1000)
    tell("sync: a node as slow as a real server")
    real = _measure(path, delay_ms)
    peak_mb = max(quick["sync"]["peak_mb"], real["sync"]["peak_mb"])
    return [
        Section(
            title=f"First sync of {attributes:,} attributes against reading the same JSON alone",
            rows=[
                _row("the node as quick as it is", quick),
                _row(f"each answer {delay_ms:.0f} ms later, as a real server's", real),
            ],
            wanted={
                f"at most {MOST_OF_READING} × the time of reading the JSON alone": _share(real)
                <= MOST_OF_READING,
                f"the sync process under {MOST_MB:.0f} MB": peak_mb < MOST_MB,
            },
            note="Both ask the same, one request at a time; reading throws the bodies away.",
        )
    ]


def _measure(node: Path, delay_ms: float) -> dict[str, Figures]:
    """A sync, then reading what it asked, and where nothing waits a sync before both: all find
    the node's file in the system's memory."""
    with ExitStack() as stack:
        port = free_port()
        arguments = ["bench.delayed_node", str(node), str(port), str(delay_ms)]
        url = stack.enter_context(server(arguments, port, node.with_suffix(".log"))).url
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=node.parent)))
        requests = folder / "requests.json"
        if not delay_ms:
            _run("sync", url, KEY, folder / "before", requests)
        return {
            "sync": _run("sync", url, KEY, folder / "index", requests),
            "read": _run("read", url, KEY, requests),
        }


def _row(what: str, figures: dict[str, Figures]) -> dict[str, str | float | int]:
    sync, read = figures["sync"], figures["read"]
    return {
        "server": what,
        "reading alone s": read["seconds"],
        "sync s": sync["seconds"],
        "times": _share(figures),
        "attributes/s": round(sync["attributes"] / sync["seconds"]),
        "rows": round(sync["rows"]),
        "bytes a row": sync["bytes"] / sync["rows"],
        "JSON MB": read["json_bytes"] / 1e6,
        "requests": round(sync["requests"]),
        "CPU s": sync["cpu_s"],
        "peak MB": sync["peak_mb"],
    }


def _share(figures: dict[str, Figures]) -> float:
    return figures["sync"]["seconds"] / figures["read"]["seconds"]


def _run(*arguments: object) -> Figures:
    command = [sys.executable, "-m", "bench.syncing", *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: Figures = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    folder = Path("var/bench/sync")
    folder.mkdir(parents=True, exist_ok=True)
    sections = measure(folder, tell, int(sys.argv[1]))
    print(write(folder, describe(), sections).read_text())
