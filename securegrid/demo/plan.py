"""Which listed values the composed MISPs hold, and how often: the trial's figures."""

from dataclasses import dataclass
from functools import cache

from securegrid.demo.blacktech import listed, trial_hits
from securegrid.demo.draw import Draw

OSINT_HITS, LAB_HITS, GEO_HITS, IPA_HITS = 355, 177, 13, 0
"""Values that hit in each MISP, of the list's 853."""

# Which part of each label the two GRID-MISPs know (the talk gives only the sums): public
# reports know mostly what is public, the laboratory mostly what it found itself.
_OSINT_SHARE = {"public": 250, "lac_original": 20, "suspicious": 34, "derived": 40}
_LAB_SHARE = {"public": 40, "lac_original": 80, "suspicious": 30, "derived": 17}


@dataclass(frozen=True, slots=True)
class Holding:
    """How many attributes of each MISP equal one listed value (or are half of one that does)."""

    value: str
    osint: int
    lab: int
    geo: int = 0


@cache
def holdings() -> tuple[Holding, ...]:
    """One holding for every listed value that is held anywhere."""
    real = {hit.value: Holding(hit.value, hit.osint, hit.lab, hit.geo) for hit in trial_hits()}
    osint, lab = _counts("osint", _OSINT_SHARE, 24), _counts("lab", _LAB_SHARE, 40)
    composed = {
        entry.value: Holding(entry.value, osint.get(entry.value, 0), lab.get(entry.value, 0))
        for entry in listed()
        if entry.value not in real
    }
    return tuple(held for held in (real | composed).values() if held.osint or held.lab or held.geo)


def _counts(misp: str, share: dict[str, int], most: int) -> dict[str, int]:
    real = {hit.value for hit in trial_hits()}
    counts: dict[str, int] = {}
    for label, known in share.items():
        draw = Draw("holding", misp, label)
        values = [entry.value for entry in listed() if entry.label == label]
        chosen = draw.some([value for value in values if value not in real], known)
        # Most values are known once or twice, a few very often.
        counts |= {value: 1 + draw.below(1 + draw.below(most)) // 2 for value in chosen}
    return counts
