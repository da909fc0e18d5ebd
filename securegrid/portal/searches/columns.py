"""The columns of a stored search: each MISP's cells with what can be said of them as a whole."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from securegrid.federation.outcomes import CellState
from securegrid.portal.searches import cells
from securegrid.portal.searches.cells import Counts
from securegrid.portal.searches.models import MispAnswer, Search, SearchState
from securegrid.portal.searches.shapes import CellCounts, MispShape, MispState


@dataclass(frozen=True, slots=True)
class Column:
    """One MISP's answer; ``cells`` has no running cell when the search's process is gone."""

    answer: MispAnswer
    cells: bytes
    counts: Counts
    own: bool

    @property
    def misp_id(self) -> str:
        """The public id of the MISP."""
        return str(self.answer.misp.public_id)

    def reason_at(self, position: int) -> str | None:
        """Why the cell of a value has no answer, or its hits no details."""
        known = cells.cell(self.cells[position]).reason
        return None if known is None else known.value

    def missing(self) -> tuple[int, ...]:
        """Positions that asking again can fill."""
        return cells.missing(self.cells, switched_on=self.answer.misp.enabled)


def is_interrupted(search: Search, now: datetime | None = None) -> bool:
    """Whether the process that ran it is gone: it should have ended before ``now``."""
    return search.state == SearchState.RUNNING and search.must_end_at < (now or timezone.now())


def is_running(search: Search, now: datetime | None = None) -> bool:
    """Whether results may still come."""
    return search.state == SearchState.RUNNING and not is_interrupted(search, now)


def columns(
    search: Search, now: datetime | None = None, *, answers: Iterable[MispAnswer] | None = None
) -> list[Column]:
    """The columns in the order of the grid (one query, unless ``answers`` were read before)."""
    gone = search.state == SearchState.COMPLETE or is_interrupted(search, now)
    read = answers_of(search) if answers is None else answers
    return [_column(answer, search, gone) for answer in read]


def answers_of(search: Search) -> list[MispAnswer]:
    """What is stored of each MISP, in the order of the grid, with its names (one query)."""
    return list(
        MispAnswer.objects.filter(search=search)
        .select_related("misp", "misp__member")
        .defer("misp__sealed_key", "misp__sealed_client_pem", "misp__ca_pem")
    )


def refresh(search: Search, answers: Iterable[MispAnswer]) -> bool:
    """Bring what changes while MISPs answer up to date, in one query.

    False, with nothing changed, when the search is gone.
    """
    told = MispAnswer.objects.filter(search=search).values_list(
        *("pk", "search__state", "search__elapsed_ms"),
        *("cells", "elapsed_ms", "requests", "attributes", "mode", "index_age_s"),
    )
    rows = {row[0]: row[1:] for row in told}
    if not rows:
        return False
    for answer in answers:
        search.state, search.elapsed_ms, *changed = rows[answer.pk]
        answer.cells, answer.elapsed_ms, answer.requests, answer.attributes = changed[:4]
        answer.mode, answer.index_age_s = changed[4:]
    return True


def _column(answer: MispAnswer, search: Search, gone: bool) -> Column:
    stored = bytes(answer.cells)
    shown = cells.ended(stored) if gone else stored
    return Column(answer, shown, cells.counts(shown), answer.misp.member_id == search.member_id)


def misp_shape(column: Column) -> MispShape:
    """What is said of one MISP."""
    answer = column.answer
    state = misp_state(column.counts)
    return MispShape(
        id=column.misp_id,
        name=answer.misp.name,
        member=answer.misp.member.name,
        own=column.own,
        state=state,
        reason=None if state is MispState.ANSWERED else reason(column.cells),
        elapsed_ms=answer.elapsed_ms,
        requests=answer.requests,
        values_hit=column.counts.hit,
        attributes=answer.attributes,
        mode=answer.mode,
        index_age_s=answer.index_age_s,
    )


def misp_state(counted: Counts) -> MispState:
    """The state of a MISP from its cells: *partly* when some but not all were answered, or when
    hits have no details."""
    answered = counted.hit + counted.miss
    if counted.running or counted.coming:
        return MispState.RUNNING
    if not counted.not_answered and not counted.not_asked and not counted.without_details:
        return MispState.ANSWERED
    if answered:
        return MispState.PARTLY
    return MispState.NOT_ANSWERED if counted.not_answered else MispState.NOT_ASKED


def reason(column: bytes) -> str | None:
    """The most frequent reason of the cells that have one."""
    numbers = Counter(column)
    for byte, _ in numbers.most_common():
        known = cells.cell(byte)
        if known.reason is not None:
            return known.reason.value
    return None


def total(counted: Sequence[Counts]) -> CellCounts:
    """The counts of several columns together."""
    together = sum(counted, Counts())
    return CellCounts(
        together.hit,
        together.miss,
        together.not_answered,
        together.not_asked,
        together.running,
    )


def positions_hit(columns_read: Sequence[bytes]) -> bytes:
    """For each position the number of columns that hit (at most 255), one byte each.

    Added as large integers: 10,000 values by 20 MISPs take well under a millisecond.
    """
    if not columns_read:
        return b""
    width = len(columns_read[0])
    summed = sum(int.from_bytes(column.translate(_ONES)) for column in columns_read[:255])
    return summed.to_bytes(width)


_ONES = bytes(1 if byte in cells.HITS else 0 for byte in range(256))


def cell_states(state: CellState) -> frozenset[int]:
    """The bytes that stand for a state."""
    return frozenset(b for b, known in enumerate(cells.TABLE) if known and known.state is state)
