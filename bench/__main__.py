"""Runs every measurement and writes the report: ``make bench``, or ``python -m bench PART …``."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from bench import (
    asn,
    cross_search,
    fleet,
    fleet_portal,
    index,
    indexed,
    ingest,
    lint,
    node,
    normalise,
    publishing,
    sync,
)
from bench.machine import describe
from bench.report import Section, tell, write

FOLDER = Path("var/bench")
NODE_SEARCH_MS = 20.0
NODE_ADD_S = 5.0


def main() -> None:
    """Measure the named parts, or all; ends with 2 for an unknown name."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    parts: Mapping[str, Callable[[], list[Section]]] = {
        "asn": lambda: [asn.measure(tell)],
        "cross-search": lambda: cross_search.measure(FOLDER, tell),
        "fleet": lambda: [_fleet(), fleet_portal.measure(FOLDER / "fleet")],
        "index": lambda: index.measure(FOLDER / "index", index.ROWS, tell),
        "indexed": lambda: indexed.measure(FOLDER, tell),
        "ingest": lambda: ingest.measure(FOLDER / "ingest", tell),
        "lint": lambda: [lint.measure(tell)],
        "node": lambda: [_node()],
        "normalise": lambda: [_normalise()],
        "publishing": lambda: [publishing.measure(tell)],
        "sync": lambda: sync.measure(FOLDER, tell),
    }
    names = sys.argv[1:] or list(parts)
    if unknown := [name for name in names if name not in parts]:
        print(f"unknown: {', '.join(unknown)}; there are {', '.join(parts)}", file=sys.stderr)
        raise SystemExit(2)
    sections: list[Section] = []
    for name in names:
        sections += parts[name]()
        report = write(FOLDER, describe(), sections)  # what was measured stays, whatever fails
    print(report.read_text())
    print(f"Written to {report} and {report.with_suffix('.json')}")


def _fleet() -> Section:
    measured = fleet.measure()
    wanted = measured.pop("wanted")
    cells = measured.pop("cells")
    measured.pop("met")
    return Section(
        title="The same fleet, asked by the fan-out alone",
        rows=[{**measured, **{f"{state} cells": count for state, count in cells.items()}}],
        wanted={name.replace("_", " "): met for name, met in wanted.items()},
    )


def _node() -> Section:
    tell("the embedded node")
    measured = node.measure()
    return Section(
        title="The embedded node, over HTTP, 1 million attributes",
        rows=[{"what": name, "measured": figure} for name, figure in measured.items()],
        wanted={
            f"a 190-value search in under {NODE_SEARCH_MS:.0f} ms (p50)": measured[
                "search_190_p50_ms"
            ]
            < NODE_SEARCH_MS,
            f"an event of 10,000 attributes in under {NODE_ADD_S:.0f} s": measured[
                "add_event_of_10000_s"
            ]
            < NODE_ADD_S,
        },
    )


def _normalise() -> Section:
    tell("normalising")
    return Section(
        title="Normalising mixed lines, all different, one core",
        rows=[normalise.measure()],
    )


if __name__ == "__main__":
    main()
