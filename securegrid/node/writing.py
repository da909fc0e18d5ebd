"""Putting new events, objects and attributes into the tables, within one transaction."""

# ruff: noqa: S608 - SQL is made of the module's own words; what clients send are parameters

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from securegrid.node.acceptance import UUID, Accepted, Problems, accept
from securegrid.node.accounts import Accounts
from securegrid.node.folding import fold
from securegrid.node.moments import iso_moment
from securegrid.node.records import NewAttribute, NewEvent, NewObject, NewReference
from securegrid.node.sequences import Sequences
from securegrid.node.tagbook import TagBook

_INSERT_ATTRIBUTE = f"INSERT INTO attribute VALUES ({', '.join('?' * 19)})"
_Similarity = tuple[str, str, str, str]
SIMILAR = "A similar attribute already exists for this event."


class Author(NamedTuple):
    """On whose behalf something is written."""

    org_id: int
    email: str
    may_make_tags: bool
    speaks_for_others: bool


class Duplicate(Exception):  # noqa: N818 - what was found, not a failure
    """The UUID is taken; ``id`` is of the event that has it."""

    def __init__(self, event_id: int) -> None:
        super().__init__(event_id)
        self.id = event_id


class Added(NamedTuple):
    """What became of the attributes that were sent; problems are by position in the list."""

    ids: list[int]
    live: int
    problems: dict[int, Problems]


class Writing:
    """New rows, for one author at one moment."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        author: Author,
        now: int,
        new_uuid: Callable[[], str],
        *,
        trusting_uuids: bool = False,
    ) -> None:
        """``trusting_uuids`` leaves the check of given attribute UUIDs to the unique index."""
        self.connection = connection
        self.author = author
        self.now = now
        self.new_uuid = new_uuid
        self.sequences = Sequences(connection)
        self.tags = TagBook(connection, self.sequences, may_make=author.may_make_tags)
        self._trusting = trusting_uuids

    def event(self, new: NewEvent, date: str) -> tuple[int, int]:
        """Insert a whole event; its id and how many attributes were dropped as invalid.

        ``date`` stands in for a missing one. Raises ``Duplicate`` for a UUID that is taken.
        """
        event_id = self._event_row(new, date)
        self.tags.attach_to_event(event_id, new.tags)
        added = self.attributes(event_id, 0, new.attributes, frozenset())
        parts = [added, *(self.object(event_id, o)[1] for o in new.objects)]
        self.connection.execute(
            "UPDATE event SET attribute_count = ? WHERE id = ?",
            (sum(part.live for part in parts), event_id),
        )
        return event_id, sum(len(part.problems) for part in parts)

    def object(self, event_id: int, new: NewObject) -> tuple[int, Added]:
        """Insert an object with its attributes and references."""
        object_id = self.sequences.take("object")
        self.connection.execute(
            f"INSERT INTO object VALUES ({', '.join('?' * 14)})",
            (
                object_id,
                self._free_uuid("object", new.uuid),
                event_id,
                new.name,
                new.meta_category,
                new.description,
                new.template_uuid,
                new.template_version,
                new.timestamp or self.now,
                new.distribution,
                new.comment,
                new.deleted,
                iso_moment(new.first_seen),
                iso_moment(new.last_seen),
            ),
        )
        added = self.attributes(event_id, object_id, new.attributes, frozenset())
        for reference in new.references:
            self.reference(event_id, object_id, reference)
        return object_id, added

    def reference(self, event_id: int, object_id: int, new: NewReference) -> int:
        """Insert a relation from an object; what it points to may come later."""
        source = self.connection.execute("SELECT uuid FROM object WHERE id = ?", (object_id,))
        target_id, target_kind = self._target(new.referenced_uuid)
        reference_id = self.sequences.take("object_reference")
        self.connection.execute(
            f"INSERT INTO object_reference VALUES ({', '.join('?' * 12)})",
            (
                reference_id,
                self._free_uuid("object_reference", new.uuid),
                object_id,
                event_id,
                source.fetchone()[0],
                new.referenced_uuid,
                target_id,
                target_kind,
                new.relationship_type,
                new.comment,
                new.deleted,
                new.timestamp or self.now,
            ),
        )
        return reference_id

    def attributes(
        self,
        event_id: int,
        object_id: int,
        news: Sequence[NewAttribute],
        known: Iterable[_Similarity],
    ) -> Added:
        """Insert the valid ones; ``known`` are attributes that the event has already."""
        accepted, problems = self._sift(news, object_id, set(known))
        first = self.sequences.take("attribute", len(accepted)) if accepted else 1
        rows = [
            self._attribute_row(first + i, event_id, object_id, new, good)
            for i, (new, good) in enumerate(accepted)
        ]
        self.connection.executemany(_INSERT_ATTRIBUTE, rows)
        for i, (new, _) in enumerate(accepted):
            if new.tags:
                self.tags.attach_to_attribute(first + i, event_id, new.tags)
        live = sum(not new.deleted for new, _ in accepted)
        return Added(list(range(first, first + len(accepted))), live, problems)

    def recount(self, event_id: int) -> None:
        """Bring the event's ``attribute_count`` up to date."""
        self.connection.execute(
            "UPDATE event SET attribute_count ="
            " (SELECT count(*) FROM attribute WHERE event_id = ?1 AND deleted = 0) WHERE id = ?1",
            (event_id,),
        )

    def _event_row(self, new: NewEvent, date: str) -> int:
        uuid = new.uuid.lower() or self.new_uuid()
        taken = self.connection.execute("SELECT id FROM event WHERE uuid = ?", (uuid,)).fetchone()
        if taken:
            raise Duplicate(taken[0])
        event_id = self.sequences.take("event")
        published = new.published
        self.connection.execute(
            f"INSERT INTO event VALUES ({', '.join('?' * 18)})",
            (
                event_id,
                uuid,
                self.author.org_id,
                self._orgc(new),
                new.date or date,
                new.info,
                fold(new.info),
                new.threat_level_id,
                new.analysis,
                new.distribution,
                published,
                new.timestamp or self.now,
                (new.publish_timestamp or self.now) if published else 0,
                0,
                0,
                new.disable_correlation,
                new.extends_uuid,
                self.author.email,
            ),
        )
        return event_id

    def _orgc(self, new: NewEvent) -> int:
        if new.orgc is None or not self.author.speaks_for_others:
            return self.author.org_id
        accounts = Accounts(self.connection, self.new_uuid)
        return accounts.org(new.orgc.name, uuid=new.orgc.uuid, now=self.now, local=False).id

    def _sift(
        self, news: Sequence[NewAttribute], object_id: int, known: set[_Similarity]
    ) -> tuple[list[tuple[NewAttribute, Accepted]], dict[int, Problems]]:
        good: list[tuple[NewAttribute, Accepted]] = []
        problems: dict[int, Problems] = {}
        taken = self._taken_uuids(news)
        for position, new in enumerate(news):
            verdict = accept(new)
            if isinstance(verdict, dict):
                problems[position] = verdict
                continue
            similarity = verdict.similarity
            if new.uuid and new.uuid.lower() in taken:
                problems[position] = {"uuid": ["The UUID provided is not unique"]}
            elif not object_id and similarity in known:
                problems[position] = {"value": [SIMILAR]}
            else:
                known.add(similarity)
                if new.uuid:
                    taken.add(new.uuid.lower())
                good.append((new, verdict))
        return good, problems

    def _taken_uuids(self, news: Sequence[NewAttribute]) -> set[str]:
        given = [new.uuid.lower() for new in news if new.uuid]
        if not given or self._trusting:
            return set()
        found: set[str] = set()
        for start in range(0, len(given), 500):
            part = given[start : start + 500]
            marks = ", ".join("?" * len(part))
            rows = self.connection.execute(
                f"SELECT uuid FROM attribute WHERE uuid IN ({marks})",
                part,
            )
            found.update(row[0] for row in rows)
        return found

    def _attribute_row(
        self, row_id: int, event_id: int, object_id: int, new: NewAttribute, good: Accepted
    ) -> tuple[Any, ...]:
        return (
            row_id,
            new.uuid.lower() or self.new_uuid(),
            event_id,
            object_id,
            new.object_relation,
            *good,
            new.timestamp or self.now,
            new.distribution,
            new.comment,
            new.deleted,
            new.disable_correlation,
            new.first_seen and iso_moment(new.first_seen),
            new.last_seen and iso_moment(new.last_seen),
        )

    def _free_uuid(self, table: str, given: str) -> str:
        if not UUID.fullmatch(given):
            return self.new_uuid()
        query = f"SELECT 1 FROM {table} WHERE uuid = ?"
        taken = self.connection.execute(query, (given.lower(),)).fetchone()
        return self.new_uuid() if taken else given.lower()

    def _target(self, uuid: str) -> tuple[int, int]:
        """The id and MISP's kind of a reference's target: 0 an attribute, 1 an object."""
        for kind, table in enumerate(("attribute", "object")):
            query = f"SELECT id FROM {table} WHERE uuid = ?"
            row = self.connection.execute(query, (uuid.lower(),)).fetchone()
            if row:
                return row[0], kind
        return 0, 1
