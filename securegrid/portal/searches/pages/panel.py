"""The panel of one value: what each MISP said of it."""

from dataclasses import dataclass

from securegrid.federation.outcomes import CellState
from securegrid.portal.searches.pages.hitting import HitLook, looks
from securegrid.portal.searches.pages.looks import known_reason, language
from securegrid.portal.searches.shapes import GridCell, MispShape, ValueView
from securegrid.words import advice, say


@dataclass(frozen=True, slots=True)
class CellLook:
    """One MISP's answer about the value, with its hits; ``coming``: their details are fetched."""

    misp: str
    member: str
    own: bool
    state: CellState
    words: str
    reason: str
    advice: str
    count: int | None
    hits: tuple[HitLook, ...]
    coming: bool


def cell_looks(told: ValueView, most_hits: int) -> tuple[CellLook, ...]:
    """All MISPs: those with hits first, at most ``most_hits`` hits in all."""
    shown = told.hits[:most_hits]
    together = zip(told.misps, told.row.cells, strict=True)
    cells = [
        _cell(misp, cell, looks(h for h in shown if h.misp_id == misp.id))
        for misp, cell in together
    ]
    return tuple(sorted(cells, key=lambda cell: cell.state is not CellState.HIT))


def _cell(misp: MispShape, cell: GridCell, hits: tuple[HitLook, ...]) -> CellLook:
    reason = known_reason(cell.reason)
    return CellLook(
        misp=misp.name,
        member=misp.member,
        own=misp.own,
        state=cell.state,
        words=say(cell.state, language()),
        reason="" if reason is None else say(reason, language()),
        advice="" if reason is None else advice(reason, language()),
        count=cell.count,
        hits=hits,
        coming=cell.coming,
    )
