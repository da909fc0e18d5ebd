"""Ids that are never given twice, also after what had the highest one is deleted."""

import sqlite3


class Sequences:
    """Gives ids within one write transaction; a rollback gives them back."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def take(self, name: str, count: int = 1) -> int:
        """The first of ``count`` new ids in a row."""
        row = self._connection.execute(
            "INSERT INTO sequence VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET last = last + excluded.last RETURNING last",
            (name, count),
        ).fetchone()
        return int(row[0]) - count + 1
