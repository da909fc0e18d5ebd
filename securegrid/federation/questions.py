"""The queries of one search, each made once for all the MISPs that are asked the same."""

from securegrid.federation.fetching import Batch
from securegrid.federation.plan import Chunk, Target
from securegrid.misp.identities import UuidQuery
from securegrid.misp.query import AttributeQuery, Query

PAGE_ROWS = 5_000

_Key = tuple[Chunk, int, bool, tuple[str, ...], tuple[str, ...]]


class Questions:
    """Makes a query when it is first needed: checking 190 values costs, and MISPs are many."""

    def __init__(self) -> None:
        self._made: dict[_Key, AttributeQuery] = {}

    def of(self, target: Target, chunk: Chunk | Batch, page: int) -> Query:
        """The query for one page of ``chunk``, without what the owner of ``target`` leaves out.

        Raises ValueError as ``AttributeQuery`` and ``UuidQuery`` do.
        """
        if isinstance(chunk, Batch):
            return _by_uuids(target, chunk)
        return self._by_values(target, chunk, page)

    def _by_values(self, target: Target, chunk: Chunk, page: int) -> AttributeQuery:
        left_out = (target.published_only, target.left_out_tags, target.left_out_types)
        query = self._made.get((chunk, page, *left_out))
        if query is None:
            query = self._made[chunk, page, *left_out] = AttributeQuery.by_values(
                chunk.spellings,
                limit=PAGE_ROWS,
                page=page,
                published_only=target.published_only,
                left_out_tags=target.left_out_tags,
                left_out_types=target.left_out_types,
            )
        return query


def _by_uuids(target: Target, batch: Batch) -> UuidQuery:
    """Each MISP has UUIDs of its own: nothing to share."""
    return UuidQuery(
        batch.uuids,
        published_only=target.published_only,
        left_out_tags=target.left_out_tags,
        left_out_types=target.left_out_types,
    )
