"""Who is asked what: values cut into chunks, and the MISPs that are not asked settled at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from securegrid.federation.breaker import NO_REST, Rest
from securegrid.federation.fetching import Batch, batches
from securegrid.federation.outcomes import CellState, ChunkAnswer, Why
from securegrid.federation.verify import ByValue
from securegrid.misp.query import MAX_VALUES, unsafe
from securegrid.values.model import Kind, Value


@dataclass(frozen=True, slots=True)
class Target:
    """One MISP as a search meets it: whether it may be asked, how gently, and what is offered.

    ``misp`` names it in every outcome. ``concurrency`` is the most requests in flight (at
    least 1), ``pause_s`` the seconds between the starts of two requests. ``positions`` are
    the indexes of the values to ask, all when ``None``. ``may_probe``: this search holds the
    one probe of a MISP whose pause is over; it asks one chunk, and more only if that succeeds.

    ``refused``: why it is not asked at all, decided before. ``holdings``: attributes that its
    index holds by position; then these are fetched by UUID, no value is sent, and a position
    without details stays a hit (at last sync). ``related``: whether relations beyond equality
    count in what is fetched.
    """

    misp: str
    enabled: bool = True
    rest: Rest = NO_REST
    concurrency: int = 4
    pause_s: float = 0.0
    published_only: bool = False
    left_out_tags: tuple[str, ...] = ()
    left_out_types: tuple[str, ...] = ()
    positions: frozenset[int] | None = None
    may_probe: bool = False
    refused: Why | None = None
    holdings: Mapping[int, Sequence[UUID]] | None = None
    related: bool = False

    @property
    def unanswered(self) -> CellState:
        """The state of a position of which the MISP said nothing."""
        return CellState.NOT_ANSWERED if self.holdings is None else CellState.HIT


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Values asked in one list: every spelling of each, at most 190 in all.

    ``asked`` finds the positions by canonical text, to verify what comes back. Each chunk
    is equal to itself only, so that it is found again without comparing its values.
    """

    positions: tuple[int, ...]
    spellings: tuple[str, ...]
    asked: Mapping[str, tuple[int, ...]] = field(repr=False)

    def sieve(self) -> ByValue:
        """What checks the rows that come back."""
        return ByValue(self.asked)


@dataclass(frozen=True, slots=True)
class Errand:
    """All that one MISP is asked in this search; no chunks when it is not asked at all.

    ``settled`` are the outcomes that are known before anything is sent.
    """

    target: Target
    positions: Sequence[int]
    chunks: tuple[Chunk, ...] | tuple[Batch, ...]
    settled: tuple[ChunkAnswer, ...]


def plan(values: Sequence[Value], targets: Sequence[Target], now: datetime) -> tuple[Errand, ...]:
    """One errand per target, in their order; targets that ask the same values share the chunks.

    Raises ValueError when two targets have one name, or a position is outside ``values``.
    """
    if len({target.misp for target in targets}) != len(targets):
        raise ValueError("two targets with one name")
    safe = tuple(not any(unsafe(text) for text in value.spellings) for value in values)
    shared: dict[frozenset[int] | None, _Cut] = {}
    return tuple(_errand(target, now, values, safe, shared) for target in targets)


@dataclass(frozen=True, slots=True)
class _Cut:
    """The positions of one question, those that cannot be asked, and the chunks of the others."""

    positions: Sequence[int]
    unsafe: tuple[int, ...]
    chunks: tuple[Chunk, ...]


def _errand(
    target: Target,
    now: datetime,
    values: Sequence[Value],
    safe: Sequence[bool],
    shared: dict[frozenset[int] | None, _Cut],
) -> Errand:
    if target.holdings is not None:
        return _fetch(target, target.holdings, now, values)
    cut = shared.get(target.positions)
    if cut is None:
        cut = shared[target.positions] = _cut(values, safe, target.positions)
    why = _why_not(target, now)
    if why is None:
        settled = _not_asked(target.misp, cut.unsafe, Why.UNSAFE_VALUE)
        return Errand(target, cut.positions, cut.chunks, settled)
    return Errand(target, cut.positions, (), _not_asked(target.misp, cut.positions, why))


def _fetch(
    target: Target,
    holdings: Mapping[int, Sequence[UUID]],
    now: datetime,
    values: Sequence[Value],
) -> Errand:
    positions = tuple(sorted(holdings))
    if positions and not 0 <= positions[0] <= positions[-1] < len(values):
        raise ValueError("a position outside the values")
    why = _why_not(target, now)
    if why is not None:
        return Errand(target, positions, (), _without_details(target.misp, positions, why))
    parts, too_many = batches(values, holdings, related=target.related)
    settled = _without_details(target.misp, too_many, Why.TOO_MANY_ROWS)
    return Errand(target, positions, parts, settled)


def _without_details(misp: str, positions: tuple[int, ...], why: Why) -> tuple[ChunkAnswer, ...]:
    return (ChunkAnswer(misp, positions, CellState.HIT, why),) if positions else ()


def _why_not(target: Target, now: datetime) -> Why | None:
    if not target.enabled:
        return Why.SWITCHED_OFF
    if target.refused is not None:
        return target.refused
    rest = target.rest
    if (rest.is_resting(now) or rest.needs_probe(now)) and not target.may_probe:
        return Why.RESTING
    return None


def _not_asked(misp: str, positions: Sequence[int], why: Why) -> tuple[ChunkAnswer, ...]:
    if not positions:
        return ()
    return (ChunkAnswer(misp, tuple(positions), CellState.NOT_ASKED, why),)


def _cut(values: Sequence[Value], safe: Sequence[bool], wanted: frozenset[int] | None) -> _Cut:
    positions = range(len(values)) if wanted is None else sorted(wanted)
    if positions and not 0 <= positions[0] <= positions[-1] < len(values):
        raise ValueError("a position outside the values")
    sendable = [position for position in positions if safe[position]]
    return _Cut(
        positions,
        tuple(position for position in positions if not safe[position]),
        tuple(
            _chunk(values, part)
            for group in _by_noise(values, sendable)
            for part in _parts(values, group)
        ),
    )


def _by_noise(values: Sequence[Value], positions: Sequence[int]) -> tuple[list[int], list[int]]:
    """AS numbers apart: asked as bare digits, they also find ports, and those rows must not
    fill the pages of other values."""
    return (
        [position for position in positions if values[position].kind is not Kind.AS],
        [position for position in positions if values[position].kind is Kind.AS],
    )


def _parts(values: Sequence[Value], positions: Sequence[int]) -> list[list[int]]:
    """As few parts as fit, of even size: the slowest part decides when a MISP is done."""
    left = sum(len(values[position].spellings) for position in positions)
    parts: list[list[int]] = []
    size, room = 0, 0
    for position in positions:
        more = len(values[position].spellings)
        if size + more > room:
            parts.append([])
            size, room = 0, max(more, _even_share(left))
        parts[-1].append(position)
        size += more
        left -= more
    return parts


def _even_share(spellings: int) -> int:
    parts = -(-spellings // MAX_VALUES)
    return -(-spellings // parts)


def _chunk(values: Sequence[Value], positions: Sequence[int]) -> Chunk:
    asked: dict[str, tuple[int, ...]] = {}
    for position in positions:
        text = values[position].text
        asked[text] = (*asked.get(text, ()), position)
    spellings = dict.fromkeys(text for position in positions for text in values[position].spellings)
    return Chunk(tuple(positions), tuple(spellings), asked)
