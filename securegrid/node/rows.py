"""The tables' rows as typed records, and reading them by id."""

# ruff: noqa: S608 - SQL is made of the module's own words; what clients send are parameters

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class EventRow(NamedTuple):
    """A row of ``event``."""

    id: int
    uuid: str
    org_id: int
    orgc_id: int
    date: str
    info: str
    info_key: str
    threat_level_id: int
    analysis: int
    distribution: int
    published: int
    timestamp: int
    publish_timestamp: int
    sighting_timestamp: int
    attribute_count: int
    disable_correlation: int
    extends_uuid: str
    creator: str


class AttributeRow(NamedTuple):
    """A row of ``attribute``, without the search keys."""

    id: int
    uuid: str
    event_id: int
    object_id: int
    object_relation: str | None
    category: str
    type: str
    value1: str
    value2: str
    to_ids: int
    timestamp: int
    distribution: int
    comment: str
    deleted: int
    disable_correlation: int
    first_seen: str | None
    last_seen: str | None

    @property
    def value(self) -> str:
        """The value as clients know it; a composite's halves joined again."""
        return f"{self.value1}|{self.value2}" if self.value2 else self.value1


class ObjectRow(NamedTuple):
    """A row of ``object``."""

    id: int
    uuid: str
    event_id: int
    name: str
    meta_category: str
    description: str | None
    template_uuid: str | None
    template_version: str | None
    timestamp: int
    distribution: int
    comment: str
    deleted: int
    first_seen: str | None
    last_seen: str | None


class ReferenceRow(NamedTuple):
    """A row of ``object_reference``."""

    id: int
    uuid: str
    object_id: int
    event_id: int
    source_uuid: str
    referenced_uuid: str
    referenced_id: int
    referenced_type: int
    relationship_type: str
    comment: str
    deleted: int
    timestamp: int


class TagRow(NamedTuple):
    """A row of ``tag``."""

    id: int
    name: str
    key: str
    colour: str
    exportable: int
    hide_tag: int
    numerical_value: int | None
    local_only: int


class SightingRow(NamedTuple):
    """A row of ``sighting``, with the attribute's UUID."""

    id: int
    uuid: str
    attribute_id: int
    event_id: int
    org_id: int
    date_sighting: int
    source: str
    type: int
    attribute_uuid: str


class Attached(NamedTuple):
    """A tag on an event or an attribute, with the id of the attachment."""

    link_id: int
    owner_id: int
    local: int
    tag: TagRow


class OrgRow(NamedTuple):
    """A row of ``org``."""

    id: int
    uuid: str
    name: str
    local: int
    created: int


ATTRIBUTE_COLUMNS = ", ".join(f"a.{name}" for name in AttributeRow._fields)
EVENT_COLUMNS = ", ".join(f"e.{name}" for name in EventRow._fields)


def listed(values: Iterable[int | str]) -> str:
    """Values as one JSON parameter, for ``IN (SELECT value FROM json_each(?))``."""
    return json.dumps(list(values), ensure_ascii=False)


def orgs_by_id(connection: sqlite3.Connection) -> dict[int, OrgRow]:
    """Every organisation; a node knows few."""
    return {row[0]: OrgRow(*row) for row in connection.execute("SELECT * FROM org")}


def events_by_id(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, EventRow]:
    """The events of these ids."""
    rows = connection.execute(
        f"SELECT {EVENT_COLUMNS} FROM event e WHERE id IN (SELECT value FROM json_each(?))",
        (listed(set(ids)),),
    )
    return {row[0]: EventRow(*row) for row in rows}


def event_tags(
    connection: sqlite3.Connection, event_ids: Iterable[int]
) -> dict[int, list[Attached]]:
    """The tags of events, in the order in which they were attached."""
    return _attached(connection, "event_tag", "event_id", event_ids)


def attribute_tags(
    connection: sqlite3.Connection, attribute_ids: Iterable[int]
) -> dict[int, list[Attached]]:
    """The tags of attributes, in the order in which they were attached."""
    return _attached(connection, "attribute_tag", "attribute_id", attribute_ids)


def attribute_tags_of_event(
    connection: sqlite3.Connection, event_id: int
) -> dict[int, list[Attached]]:
    """The tags of all the event's attributes, by attribute."""
    rows = connection.execute(
        "SELECT l.id, l.attribute_id, l.local, t.* FROM attribute_tag l"
        " JOIN tag t ON t.id = l.tag_id WHERE l.event_id = ? ORDER BY l.id",
        (event_id,),
    )
    return _grouped(rows)


def sightings_of_attributes(
    connection: sqlite3.Connection, attribute_ids: Iterable[int]
) -> dict[int, list[SightingRow]]:
    """The sightings of attributes, oldest first."""
    rows = connection.execute(
        "SELECT s.*, a.uuid FROM sighting s JOIN attribute a ON a.id = s.attribute_id"
        " WHERE s.attribute_id IN (SELECT value FROM json_each(?)) ORDER BY s.id",
        (listed(attribute_ids),),
    )
    found: dict[int, list[SightingRow]] = {}
    for row in rows:
        sighting = SightingRow(*row)
        found.setdefault(sighting.attribute_id, []).append(sighting)
    return found


def object_distributions(
    connection: sqlite3.Connection, object_ids: Iterable[int]
) -> dict[int, int]:
    """The distribution of each of these objects; 0, which stands for no object, is left out."""
    wanted = {object_id for object_id in object_ids if object_id}
    if not wanted:
        return {}
    found = connection.execute(
        "SELECT id, distribution FROM object WHERE id IN (SELECT value FROM json_each(?))",
        (listed(wanted),),
    )
    return dict(found.fetchall())


def references_of_objects(
    connection: sqlite3.Connection, object_ids: Sequence[int]
) -> dict[int, list[ReferenceRow]]:
    """The relations that objects have to others, without the deleted ones."""
    rows = connection.execute(
        "SELECT * FROM object_reference WHERE deleted = 0"
        " AND object_id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (listed(object_ids),),
    )
    found: dict[int, list[ReferenceRow]] = {}
    for row in rows:
        reference = ReferenceRow(*row)
        found.setdefault(reference.object_id, []).append(reference)
    return found


def _attached(
    connection: sqlite3.Connection, table: str, owner: str, ids: Iterable[int]
) -> dict[int, list[Attached]]:
    rows = connection.execute(
        f"SELECT l.id, l.{owner}, l.local, t.* FROM {table} l JOIN tag t ON t.id = l.tag_id"
        f" WHERE l.{owner} IN (SELECT value FROM json_each(?)) ORDER BY l.id",
        (listed(set(ids)),),
    )
    return _grouped(rows)


def _grouped(rows: sqlite3.Cursor) -> dict[int, list[Attached]]:
    found: dict[int, list[Attached]] = {}
    for link_id, owner_id, local, *tag in rows:
        found.setdefault(owner_id, []).append(Attached(link_id, owner_id, local, TagRow(*tag)))
    return found
