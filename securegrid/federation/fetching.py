"""What an index holds, fetched by UUID: no request depends on a value that did not hit."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol
from uuid import UUID

from securegrid.federation.outcomes import CellReason, Found
from securegrid.federation.verify import ByUuid
from securegrid.misp.identities import MAX_UUIDS
from securegrid.values.model import Value

MAX_FETCHED: Final = 20_000
"""Attributes fetched from one MISP in one search, as many as a chunk of values can get."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Attributes fetched in one list: at most 190 UUIDs, sorted.

    ``asked`` finds by UUID the values that it should answer, to verify what comes back;
    ``related``: whether relations beyond equality count. Equal to itself only.
    """

    positions: tuple[int, ...]
    uuids: tuple[UUID, ...]
    asked: Mapping[str, tuple[tuple[int, Value], ...]] = field(repr=False)
    related: bool = False

    def sieve(self) -> ByUuid:
        """What checks the rows that come back."""
        return ByUuid(self.asked, related=self.related)


def batches(
    values: Sequence[Value], holdings: Mapping[int, Sequence[UUID]], *, related: bool = False
) -> tuple[tuple[Batch, ...], tuple[int, ...]]:
    """The batches that fetch ``holdings``, and the positions that hold too much to be fetched.

    Both depend on the hits alone, not on their places in the question nor on anything beside
    them: whoever reads the requests learns nothing else (non-interference).
    """
    chosen, too_many = _chosen(holdings)
    holders: dict[UUID, list[int]] = {}
    for position in sorted(chosen):
        for uuid in chosen[position]:
            holders.setdefault(uuid, []).append(position)
    made = (_batch(values, part, holders, related) for part in _parts(sorted(holders)))
    return tuple(made), too_many


def _chosen(
    holdings: Mapping[int, Sequence[UUID]],
) -> tuple[dict[int, Sequence[UUID]], tuple[int, ...]]:
    """Rare values first: one that is everywhere must not keep the others from their details."""
    taken: set[UUID] = set()
    chosen: dict[int, Sequence[UUID]] = {}
    for position in sorted(holdings, key=lambda each: (len(holdings[each]), holdings[each])):
        fresh = set(holdings[position]) - taken
        if len(taken) + len(fresh) <= MAX_FETCHED:
            taken |= fresh
            chosen[position] = holdings[position]
    return chosen, tuple(sorted(holdings.keys() - chosen.keys()))


def _parts(uuids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    """As few parts as fit, of even size."""
    count = -(-len(uuids) // MAX_UUIDS)
    for number in range(count):
        yield uuids[len(uuids) * number // count : len(uuids) * (number + 1) // count]


def _batch(
    values: Sequence[Value],
    part: Sequence[UUID],
    holders: Mapping[UUID, Sequence[int]],
    related: bool,
) -> Batch:
    asked = {str(one): tuple((at, values[at]) for at in holders[one]) for one in part}
    positions = dict.fromkeys(position for one in part for position in holders[one])
    return Batch(tuple(positions), tuple(part), asked, related)


@dataclass(frozen=True, slots=True)
class Settled:
    """Positions of which everything was heard; ``reason`` where nothing of them was confirmed."""

    positions: tuple[int, ...]
    reason: CellReason | None
    found: tuple[Found, ...]


class Piece(Protocol):
    """A chunk or a batch: whatever is asked at once."""

    @property
    def positions(self) -> tuple[int, ...]:
        """The positions that wait for it."""


class Straight:
    """Each position waits for one chunk only."""

    def settle(
        self, piece: Piece, reason: CellReason | None, found: Sequence[Found] = ()
    ) -> list[Settled]:
        """Enter the end of a chunk."""
        return [Settled(piece.positions, reason, tuple(found))]

    def abandon(self, pieces: Iterable[Piece], reason: CellReason) -> list[Settled]:
        """Enter the end of chunks that are not asked."""
        positions = tuple(position for piece in pieces for position in piece.positions)
        return [Settled(positions, reason, ())] if positions else []


class Tally:
    """Which positions still wait: the attributes of one value may come in several batches."""

    def __init__(self, waiting: Iterable[Piece]) -> None:
        self._left: dict[int, int] = {}
        self._found: dict[int, list[Found]] = {}
        self._reasons: dict[int, CellReason] = {}
        for batch in waiting:
            for position in batch.positions:
                self._left[position] = self._left.get(position, 0) + 1

    def settle(
        self, piece: Piece, reason: CellReason | None, found: Sequence[Found] = ()
    ) -> list[Settled]:
        """Enter the end of a batch; what is complete with it, by reason."""
        for one in found:
            self._found.setdefault(one.position, []).append(one)
        complete: dict[CellReason | None, list[int]] = {}
        for position in piece.positions:
            if reason is not None:
                self._reasons.setdefault(position, reason)
            self._left[position] -= 1
            if not self._left[position]:
                complete.setdefault(self._why_not(position), []).append(position)
        return [self._settled(positions, why) for why, positions in complete.items()]

    def abandon(self, pieces: Iterable[Piece], reason: CellReason) -> list[Settled]:
        """Enter the end of batches that are not asked."""
        return [settled for piece in pieces for settled in self.settle(piece, reason)]

    def _why_not(self, position: int) -> CellReason | None:
        return None if position in self._found else self._reasons.get(position)

    def _settled(self, positions: list[int], reason: CellReason | None) -> Settled:
        found = (one for position in positions for one in self._found.pop(position, ()))
        return Settled(tuple(positions), reason, tuple(found))
