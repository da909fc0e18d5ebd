"""One event's page in the journal: what was to be written to it, and what was acknowledged."""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import msgspec

from securegrid.ingest.model import ObjectDraft
from securegrid.ingest.publishing.differences import Known
from securegrid.ingest.publishing.outcomes import EventState, ImportState
from securegrid.misp.failures import Reason
from securegrid.misp.writing import StoredObject, seconds_of

if TYPE_CHECKING:
    from securegrid.ingest.publishing.journal import Journal


class Kind(IntEnum):
    """What a row of a page is about."""

    ATTRIBUTE = 0
    OBJECT = 1
    IN_OBJECT = 2
    """An attribute of an object that the same import added."""


class Work(IntEnum):
    """What was to be done."""

    ADDED = 0
    CHANGED = 1


class State(IntEnum):
    """What became of it."""

    INTENDED = 0
    ACKNOWLEDGED = 1
    DROPPED = 2
    ALTERED = 3
    """The MISP has it, in another form than it was sent."""


class Before(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute or object as it was before it was changed; times are Unix seconds.

    ``object`` and ``template`` are of the object that holds it (or that it is), empty for an
    attribute outside one.
    """

    type: str = ""
    category: str = ""
    value: str = ""
    to_ids: bool = False
    comment: str = ""
    first_seen: int | None = None
    last_seen: int | None = None
    relation: str = ""
    object: str = ""
    template: str = ""

    @classmethod
    def of(cls, known: Known, relation: str, holder: ObjectDraft | None) -> "Before":
        """What the MISP had of an attribute."""
        return cls(
            type=known.type,
            category=known.category,
            value=known.value,
            to_ids=known.to_ids,
            comment=known.comment,
            first_seen=known.first_seen,
            last_seen=known.last_seen,
            relation=relation,
            object=holder.uuid if holder else "",
            template=holder.template if holder else "",
        )

    @classmethod
    def of_object(cls, there: StoredObject, draft: ObjectDraft) -> "Before":
        """What the MISP had of an object."""
        return cls(
            comment=there.comment or "",
            first_seen=seconds_of(there.first_seen),
            last_seen=seconds_of(there.last_seen),
            object=draft.uuid,
            template=draft.template,
        )


class Entry(NamedTuple):
    """What is about to be sent; ``sent`` is its fingerprint, ``holder`` the object it is in."""

    uuid: str
    kind: Kind
    work: Work
    sent: bytes
    holder: str = ""
    before: Before | None = None


class PageRow(NamedTuple):
    """The head of a page."""

    id: int
    uuid: str
    info: str
    made: bool
    """The event was not there before this import."""
    state: EventState

    @classmethod
    def read(cls, row: tuple[Any, ...]) -> "PageRow":
        """From a row of the table."""
        number, uuid, info, made, state = row
        return cls(number, str(UUID(bytes=uuid)), info, bool(made), EventState(state))


class Page:
    """What one import does to one event."""

    def __init__(self, journal: "Journal", row: PageRow) -> None:
        self._journal = journal
        self._connection = journal.connection
        self.row = row

    def look(self, known: Iterable[Known]) -> None:
        """Add to what the MISP has of the event."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO stored VALUES (?, ?, ?, ?, ?)",
            (
                (
                    self.row.id,
                    UUID(one.uuid).bytes,
                    one.fingerprint,
                    one.deleted,
                    msgspec.msgpack.encode(one),
                )
                for one in known
            ),
        )

    def look_away(self) -> None:
        """Forget what the MISP was seen to have."""
        self._connection.execute("DELETE FROM stored WHERE event = ?", (self.row.id,))

    def known(self, uuid: str) -> Known | None:
        """What the MISP has under this UUID."""
        row = self._connection.execute(
            "SELECT known FROM stored WHERE event = ? AND uuid = ?",
            (self.row.id, UUID(uuid).bytes),
        ).fetchone()
        return _known(row[0]) if row else None

    def is_ours_alone(self) -> bool:
        """Whether all that the MISP was seen to have was added by this import."""
        return self._connection.execute(_FOREIGN, (self.row.id,)).fetchone() is None

    def intend(self, entries: Iterable[Entry], tags: Iterable[str] = ()) -> None:
        """Write down what is about to be sent, so that whoever dies now is known to have tried.

        What is written down already keeps what was there before it.
        """
        with self._journal.writing():
            self._connection.executemany(
                "INSERT INTO content (event, uuid, kind, work, state, sent, holder, before)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET sent = excluded.sent, state = excluded.state",
                (self._row(entry) for entry in entries),
            )
            self._connection.executemany(
                "INSERT OR IGNORE INTO event_tag VALUES (?, ?)",
                ((self.row.id, tag) for tag in tags),
            )

    def acknowledge(self) -> None:
        """Compare what is not yet acknowledged with what the MISP was seen to have."""
        with self._journal.writing():
            self._connection.execute(_ACKNOWLEDGE, (self.row.id,))

    def uuids(self, *states: State, kinds: tuple[Kind, ...] = tuple(Kind)) -> list[str]:
        """The UUIDs of what is in one of these states."""
        marks, others = ", ".join("?" * len(states)), ", ".join("?" * len(kinds))
        rows = self._connection.execute(
            f"SELECT uuid FROM content WHERE event = ? AND state IN ({marks})"  # noqa: S608
            f" AND kind IN ({others})",
            (self.row.id, *states, *kinds),
        ).fetchall()
        return [str(UUID(bytes=row[0])) for row in rows]

    def told(self, uuid: str, words: tuple[str, ...], state: State = State.DROPPED) -> None:
        """Keep what the MISP said of one attribute."""
        with self._journal.writing():
            self._connection.execute(
                "UPDATE content SET told = ?, state = ? WHERE event = ? AND uuid = ?",
                ("\n".join(words), state, self.row.id, UUID(uuid).bytes),
            )

    def is_touched(self) -> bool:
        """Whether the import has anything of its own in the event."""
        found = self._connection.execute(
            "SELECT 1 FROM content WHERE event = ?1 UNION ALL"
            " SELECT 1 FROM event_tag WHERE event = ?1 LIMIT 1",
            (self.row.id,),
        ).fetchone()
        return found is not None or self.row.made

    def end(
        self,
        state: EventState,
        reason: Reason | None = None,
        told: tuple[str, ...] = (),
        tags_missing: Iterable[str] = (),
    ) -> None:
        """Say where the event stands."""
        with self._journal.writing():
            self._connection.execute(
                "UPDATE event SET state = ?, reason = ?, told = ?, tags_missing = ? WHERE id = ?",
                (state, reason, "\n".join(told), "\n".join(sorted(tags_missing)), self.row.id),
            )
        self.row = self.row._replace(state=state)

    def drop(self) -> None:
        """Forget a page on which nothing was written."""
        with self._journal.writing():
            self._connection.execute("DELETE FROM event WHERE id = ?", (self.row.id,))

    def tags(self) -> list[str]:
        """The tags that the import put on an event that was there before."""
        rows = self._connection.execute(
            "SELECT tag FROM event_tag WHERE event = ?", (self.row.id,)
        ).fetchall()
        return [row[0] for row in rows]

    def rows(self) -> Iterator[tuple[str, Kind, Work, Before | None]]:
        """All that was to be written, part by part: rows may be changed meanwhile."""
        after = b""
        while True:
            rows = self._connection.execute(
                "SELECT uuid, kind, work, before FROM content WHERE event = ? AND uuid > ?"
                " ORDER BY uuid LIMIT ?",
                (self.row.id, after, _PART),
            ).fetchall()
            for uuid, kind, work, before in rows:
                yield str(UUID(bytes=uuid)), Kind(kind), Work(work), _before(before)
            if len(rows) < _PART:
                return
            after = rows[-1][0]

    def hand_over(self, uuid: str) -> bool:
        """Leave what was added to a later import into the same MISP that counted it too: there it
        now counts as added, an object with all that is in it. ``False`` when there is none."""
        key = UUID(uuid).bytes
        row = self._connection.execute(_LATER, (self.row.id, key)).fetchone()
        if row is None:
            return False
        with self._journal.writing():
            self._connection.execute(
                "UPDATE content SET work = ?, before = NULL WHERE event = ? AND uuid = ?",
                (Work.ADDED, row[0], key),
            )
            self._connection.execute(
                "UPDATE content SET work = ?, kind = ?, before = NULL"
                " WHERE event = ? AND holder = ?",
                (Work.ADDED, Kind.IN_OBJECT, row[0], key),
            )
            self._connection.execute(_COPIED, (row[0], self.row.id, key))
        return True

    def hand_over_event(self) -> None:
        """Leave an event that this import made to another one that touched it too."""
        row = self._connection.execute(_OTHERS, (self.row.id,)).fetchone()
        if row is not None and self.row.made:
            with self._journal.writing():
                self._connection.execute("UPDATE event SET made = 1 WHERE id = ?", row)

    def is_others_too(self) -> bool:
        """Whether another import into the same MISP that is not undone touched the event."""
        return self._connection.execute(_OTHERS, (self.row.id,)).fetchone() is not None

    def _row(self, entry: Entry) -> tuple[object, ...]:
        before = None if entry.before is None else msgspec.json.encode(entry.before).decode()
        holder = UUID(entry.holder).bytes if entry.holder else None
        key = (self.row.id, UUID(entry.uuid).bytes)
        return (*key, entry.kind, entry.work, State.INTENDED, entry.sent, holder, before)


_PART = 1_000

_FOREIGN = f"""
SELECT 1 FROM stored s WHERE s.event = ? AND NOT EXISTS (
    SELECT 1 FROM content c
    WHERE c.event = s.event AND c.uuid = s.uuid AND c.work = {Work.ADDED:d}
) LIMIT 1
"""  # noqa: S608 - a number of this module

_ACKNOWLEDGE = f"""
UPDATE content SET state = CASE
    WHEN kind = {Kind.OBJECT:d} THEN {State.ACKNOWLEDGED:d}
    ELSE coalesce((
        SELECT CASE WHEN s.fingerprint = content.sent THEN {State.ACKNOWLEDGED:d}
            ELSE {State.ALTERED:d} END
        FROM stored s
        WHERE s.event = content.event AND s.uuid = content.uuid AND s.deleted = 0
    ), {State.DROPPED:d}) END
WHERE event = ? AND state = {State.INTENDED:d}
"""  # noqa: S608 - numbers of this module

_LATER = f"""
SELECT c.event FROM content c
JOIN event e ON e.id = c.event
JOIN import i ON i.id = e.import
JOIN event mine ON mine.id = ?
JOIN import my ON my.id = mine.import
WHERE c.uuid = ? AND i.misp = my.misp AND i.id > my.id AND c.work = {Work.CHANGED:d}
    AND i.state <> '{ImportState.UNDONE}' AND e.state <> '{EventState.TAKEN_BACK}'
ORDER BY i.id LIMIT 1
"""  # noqa: S608

_COPIED = """
INSERT OR IGNORE INTO content (event, uuid, kind, work, state, sent, holder)
SELECT ?, uuid, kind, work, state, sent, holder FROM content WHERE event = ? AND holder = ?
"""

_OTHERS = f"""
SELECT e.id FROM event e
JOIN import i ON i.id = e.import
JOIN event mine ON mine.id = ?
JOIN import my ON my.id = mine.import
WHERE e.uuid = mine.uuid AND i.misp = my.misp AND i.id <> my.id
    AND i.state <> '{ImportState.UNDONE}' AND e.state <> '{EventState.TAKEN_BACK}' LIMIT 1
"""  # noqa: S608


def _known(encoded: bytes) -> Known:
    return msgspec.msgpack.decode(encoded, type=Known)


def _before(written: str | None) -> Before | None:
    return None if written is None else msgspec.json.decode(written, type=Before)
