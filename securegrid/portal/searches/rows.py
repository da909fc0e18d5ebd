"""The tables' rows where speed counts: hits written and read in bulk, JSON left as text."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import connection

from securegrid.portal.searches.models import Hit, MispAnswer

_TABLE = Hit._meta.db_table
_ANSWERS = MispAnswer._meta.db_table
_INSERT = (
    f"INSERT INTO {_TABLE} (search_id, misp_id, position, relation, count, event, attribute,"  # noqa: S608 - a table's name, no input
    " revision) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)
_UPDATE = (
    f"UPDATE {_ANSWERS} SET cells = %s, elapsed_ms = %s, requests = %s, attributes = %s,"  # noqa: S608 - a table's name, no input
    " values_hit = %s, dropped = %s, done = %s, revision = %s WHERE id = %s"
)
_SELECT = (
    f"SELECT misp_id, position, relation, count, event, attribute FROM {_TABLE}"  # noqa: S608 - a table's name, no input
    " WHERE search_id = %s"
)


class NewHit(NamedTuple):
    """A reduced hit to write; ``event`` and ``attribute`` are JSON text or ``None``."""

    misp_pk: int
    position: int
    relation: str
    counted: int | None
    event: str | None
    attribute: str | None


class ColumnNews(NamedTuple):
    """What a changed column is to become."""

    answer_pk: int
    cells: bytes
    elapsed_ms: float | None
    requests: int
    attributes: int | None
    values_hit: int
    dropped: int
    done: bool


class StoredHit(NamedTuple):
    """A row as read; ``event`` and ``attribute`` are JSON text or ``None``."""

    misp_pk: int
    position: int
    relation: str
    counted: int | None
    event: str | None
    attribute: str | None


def write_hits(search_pk: int, hits: Sequence[NewHit], revision: int) -> None:
    """Insert the rows, inside the caller's transaction."""
    if hits:
        with connection.cursor() as cursor:
            cursor.executemany(_INSERT, [(search_pk, *hit, revision) for hit in hits])


def write_columns(columns: Sequence[ColumnNews], revision: int) -> None:
    """Update the changed columns, inside the caller's transaction."""
    if columns:
        with connection.cursor() as cursor:
            cursor.executemany(_UPDATE, [(*c[1:], revision, c.answer_pk) for c in columns])


def read_hits(search_pk: int, *, after: int = 0, until: int | None = None) -> Iterable[StoredHit]:
    """All hits of a search in the order of the question.

    ``after``, ``until``: only those written in a later revision than the one, and up to the
    other.
    """
    asked: list[int] = [search_pk]
    sql = _SELECT
    if after:
        sql, asked = sql + " AND revision > %s", [*asked, after]
    if until is not None:
        sql, asked = sql + " AND revision <= %s", [*asked, until]
    with connection.cursor() as cursor:
        cursor.execute(sql + " ORDER BY position, misp_id, id", asked)
        return [StoredHit(*row) for row in cursor.fetchall()]
