"""The store of the index in PostgreSQL: what the port promises, whatever number of servers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from psycopg.sql import SQL, Composed, Identifier

from securegrid.index.port import EventRows, EventStamp, GenerationMissing, Row, Size
from securegrid.index.postgres import loading, sweeping
from securegrid.index.postgres.database import Database
from securegrid.index.postgres.layout import Layout, place, shift
from securegrid.index.postgres.servers import Servers
from securegrid.index.postgres.wire import Uuids
from securegrid.values.fingerprints import Mark

_DROP_WAIT_S: Final = 5.0
_MARKS: Final[Mapping[int, Mark]] = {mark.value: mark for mark in Mark}


class PostgresStore:
    """A ``Store`` (see the port) in one schema of a PostgreSQL database, 14 or later.

    Nothing is connected before it is needed; the tables make themselves. Methods raise psycopg's
    errors when a server cannot be reached; a write that raised has not happened for any reader.
    """

    def __init__(self, url: str, *, partitions: int = 16, schema: str = "securegrid_index") -> None:
        """``partitions``: a power of two, 256 at most; it counts when the tables are made.

        Raises ``NotPostgres`` for another kind of URL.
        """
        self.database = Database(url, Layout(schema, partitions))
        self.servers = Servers(self.database)
        self._query: Composed | None = None

    def look_up(self, wanted: Mapping[UUID, Sequence[bytes]]) -> dict[UUID, list[Row]]:
        """See the port: one query for all generations, fingerprints and servers."""
        if not wanted:
            return {}
        parted = [Uuids(part) for part in self._parted(wanted)]
        names = Uuids([generation.bytes for generation in wanted])
        lines = self.database.read(self._look_up_query(), [*parted, names])
        named = {line[1]: UUID(bytes=line[0]) for line in lines if line[0] is not None}
        if len(named) < len(wanted):
            raise GenerationMissing(next(iter(wanted.keys() - set(named.values()))))
        found: dict[UUID, list[Row]] = {generation: [] for generation in wanted}
        for _, number, fingerprint, attribute, mark in lines:
            if fingerprint is not None and number in named:
                found[named[number]].append(Row(fingerprint, attribute, _MARKS[mark]))
        return {generation: _asked(found[generation], its) for generation, its in wanted.items()}

    def create(self, generation: UUID) -> None:
        """See the port."""
        with self.database.connection() as connection:
            connection.execute(
                "INSERT INTO generations (id) VALUES (%s) ON CONFLICT DO NOTHING", [generation]
            )

    def build(self, generation: UUID, events: Iterable[EventRows]) -> None:
        """See the port: in batches, each of which readers see whole at once."""
        for batch in loading.batches(events):
            loading.load(self.database, generation, batch)
        sweeping.sweep(self.database)

    def replace(self, generation: UUID, events: Sequence[EventRows]) -> None:
        """See the port."""
        loading.load(self.database, generation, events)
        sweeping.sweep(self.database)

    def remove(self, generation: UUID, events: Sequence[bytes]) -> None:
        """See the port."""
        loading.retire(self.database, generation, events)
        sweeping.sweep(self.database)

    def stamps(self, generation: UUID) -> dict[bytes, EventStamp]:
        """See the port."""
        found = self.database.read(
            'SELECT e.event, e."timestamp", e.published FROM generations g'
            " LEFT JOIN events e ON e.generation = g.number AND e.state = 1 WHERE g.id = %s",
            [generation],
        )
        if not found:
            raise GenerationMissing(generation)
        return {event: EventStamp(*stamp) for event, *stamp in found if event is not None}

    def size(self, generation: UUID) -> Size:
        """See the port; ``bytes`` is the generation's share of what all take, by rows."""
        found = self.database.read(
            "SELECT events, rows, (SELECT sum(rows) FROM generations)::bigint"
            " FROM generations WHERE id = %s",
            [generation],
        )
        if not found:
            raise GenerationMissing(generation)
        events, rows, all_rows = found[0]
        taken = self.servers.bytes_taken()
        return Size(events, rows, taken * rows // all_rows if all_rows else 0)

    def drop(self, generation: UUID) -> None:
        """See the port; rows on a server that is away go with a later sweep."""
        loading.drop(self.database, generation)
        sweeping.sweep(self.database, wait_s=_DROP_WAIT_S)

    def generations(self) -> frozenset[UUID]:
        """See the port."""
        return frozenset(
            UUID(bytes=name) for (name,) in self.database.read("SELECT id FROM generations")
        )

    def close(self) -> None:
        """See the port."""
        self.database.disconnect()

    def _parted(self, wanted: Mapping[UUID, Sequence[bytes]]) -> list[list[bytes]]:
        partitions = self.database.partitions
        parted: list[list[bytes]] = [[] for _ in range(partitions)]
        bits = shift(partitions)
        for fingerprints in wanted.values():
            for fingerprint in fingerprints:
                parted[fingerprint[0] >> bits].append(fingerprint)
        return parted

    def _look_up_query(self) -> Composed:
        if self._query is None:
            self._query = _look_up_query(self.database.partitions)
        return self._query


def _asked(rows: list[Row], fingerprints: Sequence[bytes]) -> list[Row]:
    """Without what only another generation was asked for; real keys never let that happen."""
    if not rows:
        return rows
    asked = frozenset(fingerprints)
    return [row for row in rows if row.fingerprint in asked]


def _look_up_query(partitions: int) -> Composed:
    """Each partition is asked for its own fingerprints only; foreign ones all at the same time.

    The first lines give the generations that exist their numbers. A row counts when the version
    it carries is current for the coordinator; LIMIT keeps the planner from asking that in any
    other way than once for each row found.
    """
    of_one = "SELECT fingerprint, attribute, version, mark FROM {} WHERE fingerprint = ANY(%s)"
    parts = SQL(" UNION ALL ").join(
        SQL(of_one).format(Identifier(place(number))) for number in range(partitions)
    )
    return SQL(
        "WITH found AS MATERIALIZED ({})"
        " SELECT id, number, NULL::uuid, NULL::uuid, NULL::smallint"
        " FROM generations WHERE id = ANY(%s)"
        " UNION ALL"
        " SELECT NULL, e.generation, f.fingerprint, f.attribute, f.mark FROM found f, LATERAL"
        " (SELECT generation FROM events WHERE version = f.version AND state = 1 LIMIT 1) e"
    ).format(parts)
