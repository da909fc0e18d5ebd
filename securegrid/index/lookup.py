"""Looking up: which of the searched values which MISPs held when their index was last synced."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import compress
from uuid import UUID

import structlog

from securegrid.index.port import GenerationMissing, Reader, Row
from securegrid.values.fingerprints import fingerprints
from securegrid.values.model import Relation, Value
from securegrid.values.relations import Probe, TooWide, probes, relation, strongest

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class IndexedMisp:
    """The index of one MISP as a search meets it.

    ``misp`` names it in every answer; ``key`` (32 bytes) is that of the generation;
    ``synced_at`` is when the generation was last in step with the MISP.
    """

    misp: str
    generation: UUID
    key: bytes = field(repr=False)
    synced_at: datetime | None = None


Held = tuple[UUID, Relation]
"""An attribute and what it is to the value."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What one index holds of a question.

    ``found``: the attributes by the position of the value, the strongest relation of each,
    sorted by UUID; a position without any is absent. ``too_wide``: positions of networks of
    which only the network itself, and not what is inside, could be looked up.
    """

    found: Mapping[int, tuple[Held, ...]]
    too_wide: frozenset[int] = frozenset()


class NoHoldings(StrEnum):
    """Why an index told nothing."""

    MISSING = "missing"
    """The store holds no such generation: it was dropped after the search began."""
    BROKEN = "broken"
    """The store could not be read."""


def look_up(
    reader: Reader, misps: Sequence[IndexedMisp], values: Sequence[Value], *, related: bool
) -> Mapping[str, Holdings | NoHoldings]:
    """What each index holds of ``values``, by the MISP's name; blocks until the store answers.

    One pass over all indexes; each is read by itself only when the pass fails, so that a lost
    or broken index does not silence the others. ``related``: also what is related to a value
    without being equal to it or to one half of a composite. Never raises.
    """
    asked = _Asked(values, related)
    wanted = {one.generation: fingerprints(one.key, asked.forms) for one in misps}
    try:
        rows = reader.look_up(wanted) if misps and asked.forms else {}
    except Exception:  # told apart below, index by index
        return {one.misp: _alone(reader, one, wanted[one.generation], asked) for one in misps}
    return {
        one.misp: asked.holdings(wanted[one.generation], rows.get(one.generation, ()))
        for one in misps
    }


def _alone(
    reader: Reader, one: IndexedMisp, wanted: Sequence[bytes], asked: "_Asked"
) -> Holdings | NoHoldings:
    try:
        rows = reader.look_up({one.generation: wanted})
    except GenerationMissing:
        return NoHoldings.MISSING
    except Exception as error:  # whatever a store raises; its text may quote what was asked
        log.error("index_not_read", misp=one.misp, error=type(error).__name__)
        return NoHoldings.BROKEN
    return asked.holdings(wanted, rows.get(one.generation, ()))


class _Asked:
    """The question as forms to look for, made once for all indexes."""

    def __init__(self, values: Sequence[Value], related: bool) -> None:
        self._meant: dict[str, list[tuple[int, Probe]]] = {}
        self._too_wide: set[int] = set()
        for position, value in enumerate(values):
            for probe in self._probes(position, value, related):
                self._meant.setdefault(probe.form, []).append((position, probe))
        self.forms: tuple[str, ...] = tuple(self._meant)

    def _probes(self, position: int, value: Value, related: bool) -> tuple[Probe, ...]:
        try:
            return probes(value, related=related)
        except TooWide:
            self._too_wide.add(position)
            return probes(value)

    def holdings(self, wanted: Sequence[bytes], rows: Sequence[Row]) -> Holdings:
        """What ``rows`` say, found by the fingerprints of ``forms`` in the same order."""
        hit = {row.fingerprint for row in rows}
        forms = dict(compress(zip(wanted, self.forms, strict=True), map(hit.__contains__, wanted)))
        best: dict[int, dict[bytes, Relation]] = {}
        for row in rows:
            for position, probe in self._meant.get(forms.get(row.fingerprint, ""), ()):
                known = relation(probe, row.mark)
                if known is not None:
                    held = best.setdefault(position, {})
                    held[row.attribute] = strongest((known, held.get(row.attribute))) or known
        found = {position: _sorted(held) for position, held in best.items()}
        return Holdings(found, frozenset(self._too_wide))


def _sorted(held: Mapping[bytes, Relation]) -> tuple[Held, ...]:
    return tuple((UUID(bytes=attribute), held[attribute]) for attribute in sorted(held))
