"""The journal on disk: what each import wrote, and what is not yet acknowledged."""

import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec

from securegrid.ingest.model import EventDraft
from securegrid.ingest.publishing.counting import count
from securegrid.ingest.publishing.layout import LOOKED_AT, SCHEMA, VERSION
from securegrid.ingest.publishing.outcomes import Counts, EventState, ImportState
from securegrid.ingest.publishing.page import Page, PageRow

FILE = "journal.sqlite3"
_BUSY_S = 30.0
_OWNER_ONLY = 0o600
"""It holds the member's own data, and nobody else's."""


class UnusableJournal(Exception):  # noqa: N818 - the journal is what is unusable
    """The file is no journal, or one of a newer version."""


class UnknownImport(LookupError):  # noqa: N818 - the import is what is unknown
    """The journal knows no import of this name."""


class Import(msgspec.Struct, frozen=True):
    """One import; ``begun`` and ``ended`` are Unix seconds, ``misp`` is an address."""

    id: int
    name: str
    source: str
    misp: str
    note: str
    begun: int
    ended: int | None
    state: ImportState
    forced: bool


class Journal:
    """Everything imported from one state folder. Belongs to one thread."""

    def __init__(
        self,
        path: Path,
        *,
        now: Callable[[], float] = time.time,
        suffix: Callable[[], str] = lambda: secrets.token_hex(2),
    ) -> None:
        """Open the journal, or begin one. Raises ``UnusableJournal`` and ``OSError``."""
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, _OWNER_ONLY))
        self._now = now
        self._suffix = suffix
        self.connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
        try:
            self._prepare()
        except sqlite3.DatabaseError as error:
            self.connection.close()
            raise UnusableJournal(str(path)) from error

    def _prepare(self) -> None:
        # Killed or without power: what was said to be written down, is.
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.execute("PRAGMA temp_store = FILE")
        with self.writing():
            (version,) = self.connection.execute("PRAGMA user_version").fetchone()
            if version == 0:
                for statement in filter(str.strip, SCHEMA.split(";")):
                    self.connection.execute(statement)
                self.connection.execute(f"PRAGMA user_version = {VERSION}")
            elif version != VERSION:
                raise sqlite3.DatabaseError("of another version")
        self.connection.execute(LOOKED_AT)

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all of it is on disk afterwards, or nothing."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def begin(self, source: str, misp: str, *, note: str = "") -> Import:
        """A new import, or the one of this source to this MISP that is still open."""
        with self.writing():
            row = self.connection.execute(
                "SELECT id FROM import WHERE source = ? AND misp = ? AND state = ?",
                (source, misp, ImportState.OPEN),
            ).fetchone()
            number = int(row[0]) if row else self._new_import(source, misp, note)
            self.connection.execute("DELETE FROM refused WHERE import = ?", (number,))
        return self._import("id = ?", number)

    def end(self, of: Import, state: ImportState) -> Import:
        """Say where the import stands now."""
        with self.writing():
            self.connection.execute(
                "UPDATE import SET state = ?, ended = ? WHERE id = ?",
                (state, int(self._now()), of.id),
            )
        return self._import("id = ?", of.id)

    def forced(self, of: Import) -> Import:
        """Note that something was written though it breaks a rule."""
        with self.writing():
            self.connection.execute("UPDATE import SET forced = 1 WHERE id = ?", (of.id,))
        return self._import("id = ?", of.id)

    def forget_if_empty(self, of: Import) -> bool:
        """Drop an import that had nothing to write and nothing to refuse; whether it had not."""
        with self.writing():
            for table in ("event", "refused"):
                query = f"SELECT 1 FROM {table} WHERE import = ? LIMIT 1"  # noqa: S608 - constants
                if self.connection.execute(query, (of.id,)).fetchone():
                    return False
            self.connection.execute("DELETE FROM import WHERE id = ?", (of.id,))
        return True

    def is_last(self, source: str, misp: str) -> bool:
        """Whether the last import of this source went to this MISP."""
        row = self.connection.execute(
            "SELECT misp FROM import WHERE source = ? AND state <> ? ORDER BY id DESC LIMIT 1",
            (source, ImportState.UNDONE),
        ).fetchone()
        return row is not None and row[0] == misp

    def find(self, name: str) -> Import:
        """The import of this name; raises ``UnknownImport``."""
        return self._import("name = ?", name)

    def imports(self) -> list[tuple[Import, Counts]]:
        """All imports with what they did, the newest first."""
        rows = self.connection.execute(f"SELECT {_COLUMNS} FROM import ORDER BY id DESC")  # noqa: S608
        return [(one, self.counts(one)) for one in map(_read, rows.fetchall())]

    def counts(self, of: Import) -> Counts:
        """What an import did so far."""
        return count(self.connection, of.id)

    def refuse(self, of: Import, pairs: Iterable[tuple[str, str]]) -> None:
        """Note what must not be written: pairs of an event and the attribute, object or event."""
        with self.writing():
            self.connection.executemany(
                "INSERT OR IGNORE INTO refused VALUES (?, ?, ?)",
                ((of.id, UUID(event).bytes, UUID(uuid).bytes) for event, uuid in pairs),
            )

    def refused(self, of: Import, event: str) -> frozenset[str]:
        """What of one event must not be written; the event itself may be among it."""
        rows = self.connection.execute(
            "SELECT uuid FROM refused WHERE import = ? AND event = ?", (of.id, UUID(event).bytes)
        )
        return frozenset(str(UUID(bytes=row[0])) for row in rows)

    def noted(
        self, of: Import, *, unchanged: int = 0, rewritten: int = 0, deleted: int = 0
    ) -> None:
        """Add to what is only counted."""
        if not (unchanged or rewritten or deleted):
            return
        with self.writing():
            self.connection.execute(
                "UPDATE import SET unchanged = unchanged + ?, rewritten = rewritten + ?,"
                " deleted_there = deleted_there + ? WHERE id = ?",
                (unchanged, rewritten, deleted, of.id),
            )

    def tags_missing(self, of: Import) -> list[str]:
        """Tags that the MISP did not take over, each once."""
        rows = self.connection.execute(
            "SELECT DISTINCT tags_missing FROM event WHERE import = ? AND tags_missing > ''",
            (of.id,),
        )
        return sorted({tag for row in rows for tag in row[0].split("\n")})

    def page(self, of: Import, draft: EventDraft, *, made: bool) -> Page:
        """The page of an event in an import; ``made`` holds only for a new page."""
        key = (of.id, UUID(draft.uuid).bytes)
        with self.writing():
            self.connection.execute(
                "INSERT OR IGNORE INTO event (import, uuid, info, day, made, state)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (*key, draft.info, draft.date.isoformat(), made, EventState.BEGUN),
            )
        row = self.connection.execute(
            "SELECT id, uuid, info, made, state FROM event WHERE import = ? AND uuid = ?", key
        ).fetchone()
        return Page(self, PageRow.read(row))

    def known_page(self, of: Import, uuid: str) -> Page | None:
        """The page of an event, if the import has begun it."""
        row = self.connection.execute(
            "SELECT id, uuid, info, made, state FROM event WHERE import = ? AND uuid = ?",
            (of.id, UUID(uuid).bytes),
        ).fetchone()
        return Page(self, PageRow.read(row)) if row else None

    def pages(self, of: Import) -> list[Page]:
        """The pages of all events that an import touched."""
        rows = self.connection.execute(
            "SELECT id, uuid, info, made, state FROM event WHERE import = ? ORDER BY id", (of.id,)
        ).fetchall()
        return [Page(self, PageRow.read(row)) for row in rows]

    def _new_import(self, source: str, misp: str, note: str) -> int:
        now = int(self._now())
        name = f"{datetime.fromtimestamp(now, UTC):%Y%m%d-%H%M%S}-{self._suffix()}"
        made = self.connection.execute(
            "INSERT INTO import (name, source, misp, note, begun, state, forced)"
            " VALUES (?, ?, ?, ?, ?, ?, 0)",
            (name, source, misp, note, now, ImportState.OPEN),
        )
        return int(made.lastrowid or 0)

    def _import(self, where: str, what: object) -> Import:
        row = self.connection.execute(
            f"SELECT {_COLUMNS} FROM import WHERE {where}",  # noqa: S608 - this module's words
            (what,),
        ).fetchone()
        if row is None:
            raise UnknownImport(str(what))
        return _read(row)


_COLUMNS = "id, name, source, misp, note, begun, ended, state, forced"


def _read(row: tuple[object, ...]) -> Import:
    return msgspec.convert(
        dict(zip(Import.__struct_fields__, row, strict=True)), Import, strict=False
    )
