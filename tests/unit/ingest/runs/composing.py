"""Logs for tests of runs, a small reader of them, and what a run has of them."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from securegrid.ingest.identity import attribute_uuid, event_uuid
from securegrid.ingest.model import (
    AttributeDraft,
    BadLine,
    Batch,
    Block,
    Content,
    Counted,
    EventDraft,
    Key,
)
from securegrid.ingest.readers.format import Format, ReadOptions, UnknownFormatError
from securegrid.ingest.readers.lines import Parsed, by_line
from securegrid.ingest.runs.run import Run
from securegrid.ingest.shapes.options import ShapeOptions

OPTIONS = ReadOptions(now=2_000_000_000)
SHAPE_OPTIONS = ShapeOptions(alliance="test", source="source")

Counts = dict[Key, dict[Key, Counted]]


class WordReader:
    """Lines of ``DAY WORD SECOND``; ``#`` begins a comment."""

    def read(self, block: Block) -> Batch:
        """What ``block`` holds."""
        return by_line(block, _parse)


def _parse(line: str) -> Parsed:
    if line.startswith("#"):
        return None
    parts = line.split()
    if len(parts) != 3 or not parts[2].isdigit():
        return BadLine.NOT_THE_FORMAT
    if parts[1] == "fault":
        raise RuntimeError("a fault of the reader")
    return (parts[0],), (parts[1],), int(parts[2])


class WordShape:
    """An event for each day."""

    def __init__(self, options: ShapeOptions) -> None:
        self._options = options

    def head(self, event: Key) -> EventDraft:
        """Of a day."""
        uuid = event_uuid(self._options.alliance, self._options.source, event)
        return EventDraft(uuid, f"({event[0]}) words", date.fromisoformat(event[0]), ())

    def contents(self, event: Key, items: Iterator[tuple[Key, Counted]]) -> Iterator[Content]:
        """A text for each word."""
        uuid = self.head(event).uuid
        for (word,), counted in items:
            yield AttributeDraft(
                uuid=attribute_uuid(uuid, "text", word),
                type="text",
                category="Other",
                value=word,
                comment=str(counted.count),
                first_seen=counted.first,
                last_seen=counted.last,
            )


def _make(head: bytes, options: ReadOptions) -> WordReader:
    if head.startswith(b"PK"):
        raise UnknownFormatError("words")
    return WordReader()


WORDS: Format[ReadOptions] = Format("words", ReadOptions, _make, WordShape)  # type: ignore[arg-type]
WHOLE: Format[ReadOptions] = Format("whole", ReadOptions, _make, WordShape, by_line=False)  # type: ignore[arg-type]


def lines(number: int, words: int = 50, day: str = "2021-05-13") -> bytes:
    """So many lines with so many different words."""
    return b"".join(f"{day} word{n * 7 % words} {n}\n".encode() for n in range(number))


def counts(run: Run) -> dict[str, dict[str, tuple[str, int | None, int | None]]]:
    """Title of each event, and its words with how often, first and last."""
    drafts = run.drafts(WordShape(SHAPE_OPTIONS))
    return {
        event.info: {
            one.value: (one.comment, one.first_seen, one.last_seen)
            for one in drafts.contents(event.uuid)
            if isinstance(one, AttributeDraft)
        }
        for event in drafts.events()
    }


def expected(data: bytes) -> dict[str, dict[str, tuple[str, int, int]]]:
    """The same, counted in the simplest way."""
    found: dict[str, dict[str, tuple[str, int, int]]] = {}
    for line in data.decode().splitlines():
        parts = line.split()
        if line.startswith("#") or len(parts) != 3 or not parts[2].isdigit():
            continue
        day, word, at = parts[0], parts[1], int(parts[2])
        of_day = found.setdefault(f"({day}) words", {})
        count, first, last = of_day.get(word, ("0", at, at))
        of_day[word] = (str(int(count) + 1), min(first, at), max(last, at))
    return found


def put(folder: Path, name: str, data: bytes) -> str:
    """A file, and its path."""
    path = folder / name
    path.write_bytes(data)
    return str(path)
