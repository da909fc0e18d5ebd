"""For readers whose lines hold several things at once, or things already counted."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from securegrid.ingest.inputs.blocks import MAX_LINE
from securegrid.ingest.model import Bad, BadLine, Batch, Block, Counted, Key
from securegrid.ingest.readers.lines import bad_line, decoded, lines_of

Entry: TypeAlias = tuple[Key, Key, Counted]
"""The event's key, the item's key, and how often and when."""
Entries: TypeAlias = Sequence[Entry] | BadLine | None
"""What one line holds. None: a good line that is no data."""
Seen: TypeAlias = dict[tuple[Key, Key], Counted]


def entries_by_line(block: Block, parse: Callable[[str], Entries]) -> Batch:
    """Read ``block`` line by line, as ``lines.by_line`` does, with several entries to a line."""
    seen: Seen = {}
    bad: list[Bad] = []
    lines = passed_over = 0
    for lines, raw in enumerate(lines_of(block.data), 1):
        found = _entries(raw, block.encoding, parse)
        if found is None:
            passed_over += 1
        elif isinstance(found, BadLine):
            bad.append(bad_line(block.first_line + lines - 1, found, raw, block.encoding))
        else:
            add(seen, found)
    return Batch(lines, seen, tuple(bad), passed_over)


def add(seen: Seen, entries: Sequence[Entry]) -> None:
    """Count ``entries`` together with what was seen."""
    for event, item, counted in entries:
        before = seen.get((event, item))
        seen[event, item] = counted if before is None else before.and_(counted)


def _entries(raw: bytes, encoding: str, parse: Callable[[str], Entries]) -> Entries:
    if not raw.strip():
        return None
    if len(raw) > MAX_LINE:
        return BadLine.TOO_LONG
    return parse(decoded(raw, encoding))
