"""Tags by name within one transaction: found, or made where the writer may make them."""

import hashlib
import re
import sqlite3

from securegrid.node.folding import fold
from securegrid.node.records import NewTag
from securegrid.node.sequences import Sequences

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class TagBook:
    """The node's tags, as one writer may use them."""

    def __init__(
        self, connection: sqlite3.Connection, sequences: Sequences, *, may_make: bool
    ) -> None:
        self._connection = connection
        self._sequences = sequences
        self._may_make = may_make
        self._known: dict[str, int] = {}

    def id_of(self, tag: NewTag) -> int | None:
        """The tag's id; ``None`` when it is unknown and the writer may not make tags (trap 11)."""
        key = fold(tag.name)
        if not key:
            return None
        if key not in self._known:
            found = self._find(key) or (self._make(tag, key) if self._may_make else None)
            if found is None:
                return None
            self._known[key] = found
        return self._known[key]

    def attach_to_event(self, event_id: int, tags: tuple[NewTag, ...]) -> None:
        """Attach; what is attached already stays as it is."""
        for tag, tag_id in self._ids(tags):
            self._connection.execute(
                "INSERT OR IGNORE INTO event_tag (event_id, tag_id, local) VALUES (?, ?, ?)",
                (event_id, tag_id, tag.local),
            )

    def attach_to_attribute(
        self, attribute_id: int, event_id: int, tags: tuple[NewTag, ...]
    ) -> None:
        """Attach; what is attached already stays as it is."""
        for tag, tag_id in self._ids(tags):
            self._connection.execute(
                "INSERT OR IGNORE INTO attribute_tag (attribute_id, event_id, tag_id, local)"
                " VALUES (?, ?, ?, ?)",
                (attribute_id, event_id, tag_id, tag.local),
            )

    def _ids(self, tags: tuple[NewTag, ...]) -> list[tuple[NewTag, int]]:
        found = ((tag, self.id_of(tag)) for tag in tags)
        return [(tag, tag_id) for tag, tag_id in found if tag_id is not None]

    def _find(self, key: str) -> int | None:
        row = self._connection.execute("SELECT id FROM tag WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def _make(self, tag: NewTag, key: str) -> int:
        colour = tag.colour if COLOUR.fullmatch(tag.colour) else colour_of(tag.name)
        tag_id = self._sequences.take("tag")
        self._connection.execute(
            "INSERT INTO tag VALUES (?, ?, ?, ?, 1, 0, NULL, 0)", (tag_id, tag.name, key, colour)
        )
        return tag_id


def colour_of(name: str) -> str:
    """A colour for a tag that came without one; the same name gives the same colour."""
    return f"#{hashlib.blake2b(name.encode(), digest_size=3).hexdigest()}"
