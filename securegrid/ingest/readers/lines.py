"""Helps readers that go line by line: decoding, bad lines, times, what a reader hands back."""

import re
from collections.abc import Callable, Iterator

from securegrid.ingest.inputs.blocks import MAX_LINE
from securegrid.ingest.model import Bad, BadLine, Batch, Block, Counted, Key

HEAD = 200
"""Characters of a bad line that are kept."""

_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_PRIVATE = re.compile("[\uf8f0-\uf8f3]")
"""What Python makes of the bytes A0 and FD to FF, which Shift_JIS does not use."""

Sighting = tuple[Key, Key, int]
"""The event's key, the item's key, and when (Unix seconds)."""
Parsed = Sighting | BadLine | None
"""None: a good line that is no data."""


def by_line(block: Block, parse: Callable[[str], Parsed]) -> Batch:
    """Read ``block`` line by line: count what ``parse`` finds, keep what it calls bad.

    Empty lines are passed over. An exception of ``parse`` is a fault of the reader and rises.
    """
    seen: dict[tuple[Key, Key], Counted] = {}
    bad: list[Bad] = []
    lines = passed_over = 0
    for lines, raw in enumerate(lines_of(block.data), 1):
        found = parse_line(raw, block.encoding, parse)
        if found is None:
            passed_over += 1
        elif isinstance(found, BadLine):
            bad.append(bad_line(block.first_line + lines - 1, found, raw, block.encoding))
        else:
            count(seen, *found)
    return Batch(lines, seen, tuple(bad), passed_over)


def lines_of(data: bytes) -> Iterator[bytes]:
    """Its lines without their ends (LF or CRLF)."""
    rows = data.split(b"\n")
    if not rows[-1]:
        rows.pop()
    return (row.removesuffix(b"\r") for row in rows)


def parse_line(raw: bytes, encoding: str, parse: Callable[[str], Parsed]) -> Parsed:
    """What ``parse`` makes of one line; nothing of an empty one."""
    if not raw.strip():
        return None
    if len(raw) > MAX_LINE:
        return BadLine.TOO_LONG
    return parse(decoded(raw, encoding))


def decoded(raw: bytes, encoding: str = "utf-8") -> str:
    """In the file's encoding, else in the first of UTF-8, Shift_JIS, EUC-JP that fits.

    What fits none keeps its good bytes and shows the others as U+FFFD.
    """
    for one in (encoding, "utf-8"):
        try:
            return raw.decode(one)
        except UnicodeDecodeError:
            continue
    return _japanese(raw)


def _japanese(raw: bytes) -> str:
    shift_jis, euc_jp = _strictly(raw, "cp932"), _strictly(raw, "euc_jp")
    if shift_jis and _PRIVATE.search(shift_jis):
        shift_jis = None
    # EUC-JP is nearly always valid Shift_JIS too, but then reads as half-width katakana.
    if shift_jis is None or (euc_jp is not None and _HALF_WIDTH.search(shift_jis)):
        return raw.decode("utf-8", "replace") if euc_jp is None else euc_jp
    return shift_jis


def _strictly(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def count(seen: dict[tuple[Key, Key], Counted], event: Key, item: Key, at: int) -> None:
    """Add one sighting."""
    one = Counted(at, at, 1)
    before = seen.get((event, item))
    seen[event, item] = one if before is None else before.and_(one)


def bad_line(number: int, reason: BadLine, raw: bytes, encoding: str) -> Bad:
    """A line that was not understood, ready for the report."""
    return Bad(number, reason, shown(decoded(raw[: HEAD * 4], encoding)))


def shown(text: str) -> str:
    """Its beginning, safe to print: terminal escapes and other control characters escaped."""
    cut = text[:HEAD]
    if cut.isprintable():
        return cut
    return "".join(c if c.isprintable() else _escaped(c) for c in cut)[:HEAD]


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode()
