"""What tests of readers share: text as a block, and what a reader and a shape make of it."""

from datetime import UTC, datetime

from securegrid.ingest.model import (
    AttributeDraft,
    Batch,
    Block,
    Content,
    Counted,
    EventDraft,
    Key,
    Reader,
    Shape,
)
from securegrid.ingest.readers.format import ReadOptions
from securegrid.ingest.shapes.options import ShapeOptions

NOW = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp())
OPTIONS = ReadOptions(now=NOW)


def block(text: str | bytes, first_line: int = 1) -> Block:
    """``text`` as the lines of a file."""
    return Block(text if isinstance(text, bytes) else text.encode(), first_line)


def shape_options(source: str, *tags: str) -> ShapeOptions:
    """A source of the test's alliance whose events carry only ``tags`` beside their own."""
    return ShapeOptions(alliance="test", source=source, tags=tags)


def at(text: str) -> int:
    """ISO 8601 with a zone, in Unix seconds."""
    return int(datetime.fromisoformat(text).timestamp())


def by_event(batch: Batch) -> dict[Key, list[tuple[Key, Counted]]]:
    """The items of each event, as a run hands them to a shape: in the order of their keys."""
    events: dict[Key, list[tuple[Key, Counted]]] = {}
    for (event, item), counted in sorted(batch.seen.items(), key=lambda one: one[0]):
        events.setdefault(event, []).append((item, counted))
    return events


def shaped(shape: Shape, *batches: Batch) -> dict[str, tuple[EventDraft, list[Content]]]:
    """The events of all ``batches`` together, by title."""
    together: dict[tuple[Key, Key], Counted] = {}
    for batch in batches:
        for key, counted in batch.seen.items():
            together[key] = together[key].and_(counted) if key in together else counted
    events = by_event(Batch(0, together))
    heads = ((shape.head(event), event, items) for event, items in events.items())
    return {head.info: (head, list(shape.contents(event, items))) for head, event, items in heads}


def flat(contents: list[Content]) -> list[AttributeDraft]:
    """Every attribute, those in objects too."""
    return [
        attribute
        for content in contents
        for attribute in (
            [content] if isinstance(content, AttributeDraft) else list(content.attributes)
        )
    ]


def read(make: "Reader", text: str | bytes) -> Batch:
    """What ``make`` reads in ``text``; every line is accounted for."""
    batch = make.read(block(text))
    assert batch.lines == len(lines_in(text))
    return batch


def lines_in(text: str | bytes) -> list[bytes]:
    """The lines as a block counts them."""
    raw = text if isinstance(text, bytes) else text.encode()
    rows = raw.split(b"\n")
    return rows if rows[-1] else rows[:-1]
