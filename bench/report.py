"""Turns measurements into one JSON and one Markdown report."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.machine import Machine

Cell = str | int | float


@dataclass(frozen=True, slots=True)
class Section:
    """One measurement: its table, what was wanted, and whether that was met."""

    title: str
    rows: Sequence[Mapping[str, Cell]]
    wanted: Mapping[str, bool] = field(default_factory=dict)
    """Each wish in words, and whether this run met it."""
    note: str = ""


def tell(what: str) -> None:
    """Say on standard error what is being measured."""
    print(f"… {what}", file=sys.stderr, flush=True)


def write(folder: Path, machine: Machine, sections: Sequence[Section]) -> Path:
    """Write ``bench.json`` and ``bench.md`` into ``folder``; returns the Markdown file."""
    folder.mkdir(parents=True, exist_ok=True)
    at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    whole = {"at": at, "machine": asdict(machine), "sections": [asdict(s) for s in sections]}
    (folder / "bench.json").write_text(json.dumps(whole, indent=2, ensure_ascii=False))
    markdown = folder / "bench.md"
    markdown.write_text(markdown_of(at, machine, sections))
    return markdown


def markdown_of(at: str, machine: Machine, sections: Sequence[Section]) -> str:
    """The report's text: when and where, then a table for each section."""
    head = (
        f"Measured {at} on {machine.cores} cores of {machine.cpu}, {machine.memory_gib} GiB, "
        f"{machine.system}, Python {machine.python}.\n"
    )
    return "\n".join([head, *map(_section, sections)])


def _section(section: Section) -> str:
    lines = [f"### {section.title}", ""]
    if section.note:
        lines += [section.note, ""]
    if section.rows:
        columns = list(section.rows[0])
        lines += [
            "| " + " | ".join(columns) + " |",
            "|" + "|".join("---" for _ in columns) + "|",
            *("| " + " | ".join(_text(row[c]) for c in columns) + " |" for row in section.rows),
            "",
        ]
    lines += [f"- {'met' if met else 'NOT MET'}: {wish}" for wish, met in section.wanted.items()]
    return "\n".join(lines) + "\n"


def _text(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:,.3f}" if abs(cell) < 10 else f"{cell:,.0f}"
    return f"{cell:,}" if isinstance(cell, int) else cell
