"""Which format a file is of: the reader that understands most of its beginning."""

from typing import Any

from securegrid.ingest.inputs.source import Source
from securegrid.ingest.model import Batch, Block
from securegrid.ingest.readers.format import Format, ReadOptions, UnknownFormatError
from securegrid.ingest.readers.registry import registry


def detected(path: str, now: int, zone: str) -> Format[Any] | None:
    """The format of the file; None when no reader understands a line of it. Raises OSError."""
    with Source(path).open() as stream:
        head = stream.head
    tried = [(_understood(one, head, now, zone), one) for one in registry.values()]
    share, found = max(tried, key=lambda pair: pair[0], default=(0.0, None))
    return found if share > 0 else None


def options_of(format_: Format[Any], now: int, zone: str) -> ReadOptions:
    """What a reader is told where nobody says more."""
    made: ReadOptions = format_.options(now=now, zone=zone)
    return made


def _understood(format_: Format[Any], head: bytes, now: int, zone: str) -> float:
    """The share of the lines that became data or could be passed over; what became data counts
    most, so that a reader that merely passes over everything does not win."""
    try:
        reader = format_.make_reader(head, options_of(format_, now, zone))
    except UnknownFormatError:
        return 0.0
    if not format_.by_line:
        return 1.0  # known by its beginning alone
    whole_lines = head[: head.rfind(b"\n") + 1] or head
    batch: Batch = reader.read(Block(whole_lines, 1))
    counted = batch.lines - batch.passed_over - len(batch.bad)
    return (counted + 0.1 * batch.passed_over) / max(1, batch.lines)
