"""Gathering a running search's outcomes until they are written: pure, without database or clock."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from securegrid.federation.outcomes import CellState, ChunkAnswer, Found, MispDone, Why
from securegrid.index.lookup import Held, Holdings
from securegrid.portal.disclosure.ledger import HitValue, held_values, hit_values
from securegrid.portal.disclosure.models import Basis
from securegrid.portal.disclosure.rules import may_count, reduce, reduce_held
from securegrid.portal.disclosure.shown import VisibleHit
from securegrid.portal.searches import cells
from securegrid.portal.searches.columns import positions_hit
from securegrid.portal.searches.job import Asked, Job
from securegrid.portal.searches.rows import ColumnNews, NewHit

_TOO_WIDE = cells.code(CellState.NOT_ASKED, Why.TOO_WIDE)


@dataclass(frozen=True, slots=True)
class Batch:
    """All that is to be written in one transaction."""

    columns: tuple[ColumnNews, ...]
    hits: tuple[NewHit, ...]
    ledger: tuple[tuple[int, tuple[HitValue, ...]], ...]
    """Hit values by the number of their MISP, in the order of writing; own MISPs leave none."""
    withdrawn: tuple[tuple[int, tuple[str, ...]], ...]
    """Pending values, by MISP, that it does not hold any more."""
    superseded: tuple[tuple[int, int], ...]
    """MISP and position of hits without details that an earlier round left."""
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
    held: Mapping[int, tuple[Held, ...]] = field(default_factory=dict)
    """What the index holds of the positions whose details are fetched."""
    unsaid: set[int] = field(default_factory=set)
    """Positions held by the index that the ledger does not have yet."""
    pending: set[int] = field(default_factory=set)
    """Positions of which the ledger has a pending entry."""


@dataclass(slots=True)
class _Pending:
    hits: list[NewHit] = field(default_factory=list)
    ledger: list[tuple[int, tuple[HitValue, ...]]] = field(default_factory=list)
    withdrawn: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    superseded: list[tuple[int, int]] = field(default_factory=list)
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

    def take_index(self, misp: str, told: Holdings, elapsed_ms: float) -> dict[int, list[UUID]]:
        """Enter what an index holds; gives the attributes whose details may be shown.

        Misses, and hits of which only numbers may be shown, are settled with it; all other
        hits are, until their details come, hits at the last sync.
        """
        column = self._columns[misp]
        column.changed, column.elapsed_ms = True, elapsed_ms
        wanted = column.asked.positions(len(self._job.values))
        held = {at: told.found[at] for at in wanted if at in told.found}
        _mark(column.cells, [at for at in wanted if at in told.too_wide], _TOO_WIDE)
        gone = [at for at in wanted if at not in held and at not in told.too_wide]
        self._settle_misses(column, gone)
        if not column.asked.shows_details:
            _mark(column.cells, held, cells.HIT)
            self._take_held(column, held, counted=True)
            return {}
        _mark(column.cells, held, cells.COMING)
        column.held, column.unsaid = held, set(held)
        return {at: [attribute for attribute, _ in held[at]] for at in held}

    def _settle_misses(self, column: _Column, positions: Iterable[int]) -> None:
        """Also of what an index held at the last sync: then nothing of it stays."""
        refuted = [at for at in positions if column.cells[at] == cells.COMING]
        self._supersede(column, refuted)
        withdrawn = tuple(self._job.values[at].text for at in refuted if at in column.pending)
        if withdrawn:
            self._pending.withdrawn.append((column.asked.misp.pk, withdrawn))
        column.unsaid.difference_update(refuted)
        _mark(column.cells, positions, cells.MISS)

    def _take_answer(self, column: _Column, answer: ChunkAnswer) -> None:
        hit = {one.position for one in answer.found}
        others = [at for at in answer.positions if at not in hit]
        if answer.state is CellState.MISS:
            self._settle_misses(column, others)
        else:
            self._settle_unanswered(column, others, answer)
        self._supersede(column, [at for at in hit if column.cells[at] == cells.COMING])
        _mark(column.cells, hit, cells.HIT)
        column.unsaid -= hit
        column.elapsed_ms = answer.elapsed_ms
        column.requests = max(column.requests, column.asked.requests + answer.requests)
        column.dropped += answer.dropped
        if column.attributes is not None:
            column.attributes += len(answer.found)
        if answer.found:
            self._take_hits(column.asked, answer.found)

    def _settle_unanswered(
        self, column: _Column, positions: Sequence[int], answer: ChunkAnswer
    ) -> None:
        """What is known to be held from the index or an earlier round stays a hit."""
        known = [at for at in positions if column.cells[at] == cells.COMING]
        _mark(column.cells, positions, cells.code(answer.state, answer.reason))
        _mark(column.cells, known, cells.code(CellState.HIT, answer.reason))
        held = {at: column.held[at] for at in known if at in column.held}
        self._take_held(column, held, counted=False)
        column.unsaid.difference_update(known)

    def _take_held(
        self, column: _Column, held: Mapping[int, tuple[Held, ...]], *, counted: bool
    ) -> None:
        """Hits of which the index alone tells; ``counted``: nothing more will come of them."""
        asked = column.asked
        self._supersede(column, held)
        for at, of in held.items():
            shown = reduce_held(asked.visibility, asked.own, at, [known for _, known in of])
            self._pending.hits.append(_pending(asked.misp.pk, shown, {}))
        if counted and column.attributes is not None:
            column.attributes += sum(map(len, held.values()))
        self._enter(column, held, Basis.LAST_SYNC)

    def _supersede(self, column: _Column, positions: Iterable[int]) -> None:
        known = column.asked.known_hits
        pk = column.asked.misp.pk
        self._pending.superseded.extend((pk, at) for at in positions if at in known)

    def _enter(self, column: _Column, positions: Iterable[int], basis: Basis) -> None:
        values = tuple(held_values(self._job.values, positions, basis))
        if values and not column.asked.own:
            self._pending.ledger.append((column.asked.misp.pk, values))

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
        for column in self._columns.values():
            if cells.is_open(column.cells) or not column.done:
                left = [at for at, byte in enumerate(column.cells) if byte == cells.COMING]
                answer = ChunkAnswer(column.asked.misp_id, tuple(left), CellState.HIT, why)
                self._settle_unanswered(column, left, answer)
                column.cells = bytearray(cells.ended(column.cells, why))
                column.changed = column.done = True

    def drain(self) -> Batch:
        """Take away everything that waits to be written."""
        changed = [column for column in self._columns.values() if column.changed]
        for column in changed:
            column.changed = False
            self._enter(column, sorted(column.unsaid), Basis.PENDING)
            column.pending |= column.unsaid
            column.unsaid = set()
        pending, self._pending = self._pending, _Pending()
        return Batch(
            columns=tuple(_news(column) for column in changed),
            hits=tuple(pending.hits),
            ledger=tuple(pending.ledger),
            withdrawn=tuple(pending.withdrawn),
            superseded=tuple(pending.superseded),
            done=tuple(pending.done),
            values_hit=self._values_hit(),
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


def _mark(column: bytearray, positions: Iterable[int], byte: int) -> None:
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
        cells.counts(column.cells).hit,
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
