"""The tables' rows where speed counts: hits written and read in bulk, JSON left as text."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import connection

from securegrid.portal.searches.models import Hit, MispAnswer, Search, SearchState

_TABLE = Hit._meta.db_table
_ANSWERS = MispAnswer._meta.db_table
_INSERT = (
    f"INSERT INTO {_TABLE} (search_id, misp_id, position, relation, count, event, attribute,"  # noqa: S608 - a table's name, no input
    " revision) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)
_DELETE = f"DELETE FROM {_TABLE} WHERE search_id = %s AND misp_id = %s AND position = %s"  # noqa: S608 - a table's name, no input
_UPDATE = (
    f"UPDATE {_ANSWERS} SET cells = %s, elapsed_ms = %s, requests = %s, attributes = %s,"  # noqa: S608 - a table's name, no input
    " values_hit = %s, dropped = %s, done = %s, revision = %s WHERE id = %s"
)
_CLAIM = (
    f"UPDATE {Search._meta.db_table} SET revision = %s, state = %s, values_hit = %s,"  # noqa: S608 - a table's name, no input
    " elapsed_ms = %s WHERE id = %s AND state = %s AND revision = %s"
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


def claim_search(
    search_pk: int, revision: int, state: str, values_hit: int, elapsed_ms: float | None
) -> bool:
    """Take a running search to ``revision`` from the one before; False when it is not there."""
    with connection.cursor() as cursor:
        told = (revision, state, values_hit, elapsed_ms)
        cursor.execute(_CLAIM, (*told, search_pk, SearchState.RUNNING.value, revision - 1))
        return bool(cursor.rowcount)


def write_hits(search_pk: int, hits: Sequence[NewHit], revision: int) -> None:
    """Insert the rows, inside the caller's transaction."""
    if hits:
        with connection.cursor() as cursor:
            cursor.executemany(_INSERT, [(search_pk, *hit, revision) for hit in hits])


def drop_hits(search_pk: int, places: Sequence[tuple[int, int]]) -> None:
    """Remove the rows at these MISPs and positions, inside the caller's transaction."""
    if places:
        with connection.cursor() as cursor:
            cursor.executemany(_DELETE, [(search_pk, *place) for place in places])


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
