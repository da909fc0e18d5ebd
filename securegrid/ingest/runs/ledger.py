"""Writes down, in one transaction each, what a piece of a file held and how far it was read."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from securegrid.ingest.inputs.blocks import Position
from securegrid.ingest.inputs.known import Beginning, beginnings_of
from securegrid.ingest.model import Bad, BadLine
from securegrid.ingest.runs.database import transaction
from securegrid.ingest.runs.work import Result

KEPT: Final = 100_000
"""Bad lines of a file that are kept; all are counted."""


class Known(msgspec.Struct, frozen=True):
    """A file that was read before, and how far."""

    id: int
    position: Position


class Ledger:
    """What the state says of files and their lines."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def known(self, head: bytes) -> list[Known]:
        """Files that began as ``head`` does, the one read furthest first."""
        lengths = [one for (one,) in self._database.execute("SELECT DISTINCT length FROM files")]
        found: list[Known] = []
        for beginning in beginnings_of(head, lengths):
            found += self._of(beginning)
        return sorted(found, key=lambda one: one.position.offset, reverse=True)

    def begin(self, name: str, beginning: Beginning) -> Known:
        """A file that was never read."""
        position = Position()
        made = self._database.execute(
            "INSERT INTO files (name, length, digest, position) VALUES (?, ?, ?, ?)",
            (name, beginning.length, beginning.digest, msgspec.msgpack.encode(position)),
        )
        return Known(int(made.lastrowid or 0), position)

    def go_on(self, file: int, name: str, beginning: Beginning) -> None:
        """A file is read on: under this name, by now perhaps with a longer beginning. What its
        last line was while it had no end is forgotten."""
        with transaction(self._database):
            self._database.execute(
                "UPDATE files SET name = ?, length = ?, digest = ? WHERE id = ?",
                (name, beginning.length, beginning.digest, file),
            )
            self._database.execute("DELETE FROM bad WHERE file = ? AND unfinished", (file,))

    def write(self, file: int, result: Result, end: Position) -> None:
        """What a piece held, and that the file was read to ``end``; both or neither."""
        with transaction(self._database):
            self._database.executemany(
                "INSERT INTO segments (part, data) VALUES (?, ?)", result.parts.items()
            )
            self._database.execute(
                "UPDATE files SET position = ?, lines = lines + ?, counted = counted + ?,"
                " passed_over = passed_over + ? WHERE id = ?",
                (
                    msgspec.msgpack.encode(end),
                    result.lines,
                    result.counted,
                    result.passed_over,
                    file,
                ),
            )
            self._count_bad(file, result.bad)
            self._keep(file, result.bad, unfinished=False)

    def write_unfinished(self, file: int, bad: Sequence[Bad]) -> None:
        """A last line that has no end and was not understood: read again when it has grown."""
        with transaction(self._database):
            self._keep(file, bad, unfinished=True)

    def bad_counts(self) -> Iterator[tuple[int, str, int]]:
        """Each file with bad lines: its id, its name, how many."""
        yield from self._database.execute(
            "SELECT id, name, (SELECT coalesce(sum(count), 0) FROM bad_counts WHERE file = id)"
            " + (SELECT count(*) FROM bad WHERE file = id AND unfinished) AS many"
            " FROM files WHERE many > 0 ORDER BY id"
        )

    def bad(self, file: int) -> Iterator[Bad]:
        """The bad lines of a file that were kept, in their order."""
        rows = self._database.execute(
            "SELECT number, reason, head FROM bad WHERE file = ? ORDER BY rowid", (file,)
        )
        for number, reason, head in rows:
            yield Bad(number, BadLine(reason), head)

    def _of(self, beginning: Beginning) -> Iterator[Known]:
        rows = self._database.execute(
            "SELECT id, position FROM files WHERE length = ? AND digest = ?",
            (beginning.length, beginning.digest),
        )
        for id_, position in rows.fetchall():
            yield Known(id_, msgspec.msgpack.decode(position, type=Position))

    def _count_bad(self, file: int, bad: Sequence[Bad]) -> None:
        counts = Counter(one.reason for one in bad)
        self._database.executemany(
            "INSERT INTO bad_counts VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET count = count + excluded.count",
            ((file, reason, count) for reason, count in counts.items()),
        )

    def _keep(self, file: int, bad: Sequence[Bad], *, unfinished: bool) -> None:
        if not bad:
            return
        query = "SELECT count(*) FROM bad WHERE file = ?"
        (kept,) = self._database.execute(query, (file,)).fetchone()
        self._database.executemany(
            "INSERT INTO bad VALUES (?, ?, ?, ?, ?)",
            (
                (file, one.number, one.reason, one.head, unfinished)
                for one in bad[: max(0, KEPT - kept)]
            ),
        )
