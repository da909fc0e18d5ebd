"""Gathering a running search's outcomes until they are written: pure, without database or clock."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from securegrid.federation.outcomes import CellReason, CellState, ChunkAnswer, Found, MispDone, Why
from securegrid.portal.disclosure.ledger import HitValue, hit_values
from securegrid.portal.disclosure.rules import may_count, reduce
from securegrid.portal.disclosure.shown import VisibleHit
from securegrid.portal.searches import cells
from securegrid.portal.searches.columns import positions_hit
from securegrid.portal.searches.job import Asked, Job
from securegrid.portal.searches.rows import ColumnNews, NewHit


@dataclass(frozen=True, slots=True)
class Batch:
    """All that is to be written in one transaction."""

    columns: tuple[ColumnNews, ...]
    hits: tuple[NewHit, ...]
    ledger: tuple[tuple[int, tuple[HitValue, ...]], ...]
    """Hit values by the number of their MISP; own MISPs leave none."""
    done: tuple[tuple[Asked, MispDone], ...]
    values_hit: int


@dataclass(slots=True)
class _Column:
    asked: Asked
    cells: bytearray
    elapsed_ms: float | None
    requests: int
    attributes: int | None
    dropped: int
    done: bool
    changed: bool = False


@dataclass(slots=True)
class _Pending:
    hits: list[NewHit] = field(default_factory=list)
    ledger: list[tuple[int, tuple[HitValue, ...]]] = field(default_factory=list)
    done: list[tuple[Asked, MispDone]] = field(default_factory=list)


class Board:
    """The grid of one running search in memory."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._columns = {asked.misp_id: _column(asked) for asked in job.asked}
        self._pending = _Pending()

    @property
    def pending_hits(self) -> int:
        """Hits that wait to be written."""
        return len(self._pending.hits)

    def take(self, outcome: ChunkAnswer | MispDone) -> None:
        """Enter one outcome of the fan-out."""
        column = self._columns[outcome.misp]
        column.changed = True
        if isinstance(outcome, MispDone):
            self._take_done(column, outcome)
        else:
            self._take_answer(column, outcome)

    def _take_answer(self, column: _Column, answer: ChunkAnswer) -> None:
        _mark(column.cells, answer.positions, answer.state, answer.reason)
        _mark(column.cells, {one.position for one in answer.found}, CellState.HIT, None)
        column.elapsed_ms = answer.elapsed_ms
        column.requests = max(column.requests, column.asked.requests + answer.requests)
        column.dropped += answer.dropped
        if column.attributes is not None:
            column.attributes += len(answer.found)
        if answer.found:
            self._take_hits(column.asked, answer.found)

    def _take_hits(self, asked: Asked, found: Sequence[Found]) -> None:
        reduced = reduce(asked.visibility, asked.own, found)
        events: dict[int, str | None] = {}
        self._pending.hits.extend(_pending(asked.misp.pk, hit, events) for hit in reduced)
        if not asked.own:
            values = tuple(hit_values(self._job.values, found))
            self._pending.ledger.append((asked.misp.pk, values))

    def _take_done(self, column: _Column, done: MispDone) -> None:
        column.done = True
        if done.requests:
            column.elapsed_ms = done.elapsed_ms
            column.requests = column.asked.requests + done.requests
        self._pending.done.append((column.asked, done))

    def end(self, why: Why) -> None:
        """Give every cell that is still running the state *not answered*, for ``why``."""
        code = cells.code(CellState.NOT_ANSWERED, why)
        for column in self._columns.values():
            if cells.RUNNING in column.cells or not column.done:
                column.cells = column.cells.replace(b"\0", bytes((code,)))
                column.changed = column.done = True

    def drain(self) -> Batch:
        """Take away everything that waits to be written."""
        pending, self._pending = self._pending, _Pending()
        changed = [column for column in self._columns.values() if column.changed]
        for column in changed:
            column.changed = False
        return Batch(
            tuple(_news(column) for column in changed),
            tuple(pending.hits),
            tuple(pending.ledger),
            tuple(pending.done),
            self._values_hit(),
        )

    def _values_hit(self) -> int:
        summed = positions_hit([bytes(column.cells) for column in self._columns.values()])
        return len(summed) - summed.count(0)


def _column(asked: Asked) -> _Column:
    return _Column(
        asked,
        bytearray(asked.cells),
        asked.elapsed_ms,
        asked.requests,
        asked.attributes,
        asked.dropped,
        done=asked.target is None,
    )


def _mark(
    column: bytearray,
    positions: Sequence[int] | set[int],
    state: CellState,
    reason: CellReason | None,
) -> None:
    byte = cells.code(state, reason)
    for position in positions:
        column[position] = byte


def _news(column: _Column) -> ColumnNews:
    asked = column.asked
    return ColumnNews(
        asked.answer_pk,
        bytes(column.cells),
        None if column.elapsed_ms is None else round(column.elapsed_ms, 1),
        column.requests,
        column.attributes if may_count(asked.visibility, asked.own) else None,
        column.cells.count(cells.HIT),
        column.dropped,
        column.done,
    )


def _pending(misp_pk: int, hit: VisibleHit, events: dict[int, str | None]) -> NewHit:
    """``events``: the JSON of events that several hits share, by the identity of the object."""
    identity = id(hit.event)
    if identity not in events:
        events[identity] = _json(hit.event)
    return NewHit(
        misp_pk,
        hit.position,
        hit.relation.value,
        hit.count,
        events[identity],
        _json(hit.attribute),
    )


def _json(shown: msgspec.Struct | None) -> str | None:
    if shown is None:
        return None
    text = msgspec.json.encode(shown).decode()
    return _NUL.sub(r"\1\\ufffd", text) if "\\u0000" in text else text


# PostgreSQL holds no NUL, not even in JSON; an even number of backslashes before it is text.
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
