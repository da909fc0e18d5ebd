"""A MISP that goes wrong in each way, beside healthy ones, searched through the portal."""

from random import Random

import pytest

from securegrid.federation.outcomes import CellState
from securegrid.portal.searches.models import Search, SearchState
from tests.faults.conftest import Told
from tests.faults.fault import EXPECTED, Fault
from tests.faults.faulty_misp import FaultyMisp, serving
from tests.faults.stage import DEADLINE_S, HELD, HIT, Pairs, Stage, columns, holding, states

pytestmark = pytest.mark.django_db(transaction=True)

FLOODS = (Fault.FLOOD, Fault.FLOOD_REPEATED)
SLOW = (Fault.HANGS, Fault.DRIPS)
OTHERS: Pairs = {("Hits", HIT), ("Own", HIT)}
# How exactly is proved in virtual time (test_seeds, test_each_fault); here a busy machine must not
# fail a portal that ends at its deadline rather than when the faulty MISP would have.
GRACE_S = 3.0
HEALTHY_S = DEADLINE_S / 2
"""Plenty: alone they take some hundredths."""


def others() -> tuple[FaultyMisp, FaultyMisp, FaultyMisp]:
    """A healthy MISP without a hit, one with, and the searcher's own with the same."""
    return holding("Healthy"), holding("Hits", HIT), holding("Own", HIT)


def connect_others(stage: Stage, misps: tuple[FaultyMisp, FaultyMisp, FaultyMisp]) -> None:
    healthy, hits, own = misps
    stage.connect(healthy, "Healthy")
    stage.connect(hits, "Hits")
    stage.connect(own, "Own", own=True)


@pytest.mark.parametrize("fault", [*sorted(set(EXPECTED) - {Fault.NONE}), *FLOODS])
def test_each_fault_is_a_result_and_harms_nobody_else(stage: Stage, fault: Fault) -> None:
    misps = others()
    with serving(holding("Faulty", HIT, HELD, fault=fault), *misps) as (faulty, *_):
        connect_others(stage, misps)
        stage.connect(faulty, "Faulty")

        search = stage.ask()

        grid = columns(search["id"])
        _whole(grid, search)
        _others_unharmed(grid, search)
        own_hits = {("Faulty", HIT), ("Faulty", HELD)} if fault in FLOODS else set()
        assert states(grid["Faulty"]) == _expected(fault)
        assert stage.check_shown(search["id"]) == OTHERS | own_hits


def _expected(fault: Fault) -> set[str]:
    # The flood fills the first chunk's pages; the second chunk meets the same.
    if fault in FLOODS:
        return {"hit", "not_answered: too_many_rows"}
    return {f"not_answered: {EXPECTED[fault]}"}


def _whole(grid: dict[str, list[object]], search: dict[str, object]) -> None:
    """One state per cell in the database, in time; the answer counts the same cells."""
    stored = Search.objects.get(public_id=search["id"])
    assert stored.state == SearchState.COMPLETE
    assert {len(column) for column in grid.values()} == {stored.values_count}
    cells = [cell for column in grid.values() for cell in column]
    counted = {state: sum(c.state == state for c in cells) for state in CellState}  # type: ignore[attr-defined]
    assert counted.pop(CellState.RUNNING) == 0
    assert search["cells"] == {state.value: number for state, number in counted.items()}
    assert stored.elapsed_ms is not None
    assert stored.elapsed_ms <= (DEADLINE_S + GRACE_S) * 1000


def _others_unharmed(grid: dict[str, list[object]], search: dict[str, object]) -> None:
    assert states(grid["Healthy"]) == {"miss"}  # type: ignore[arg-type]
    assert states(grid["Hits"]) == states(grid["Own"]) == {"hit", "miss"}  # type: ignore[arg-type]
    for misp in search["misps"]:  # type: ignore[attr-defined]
        assert misp["name"] == "Faulty" or misp["elapsed_ms"] < HEALTHY_S * 1000


def test_when_everything_goes_wrong_at_once_nothing_leaks_and_asking_again_heals(
    stage: Stage, told: Told
) -> None:
    kinds = sorted(set(EXPECTED) - {Fault.NONE, Fault.REFUSES, Fault.HUGE_UNANNOUNCED})
    faulty = [holding(f"Faulty {fault}", HIT, HELD, fault=fault) for fault in kinds]
    refusing = holding("Faulty refuses", HELD, fault=Fault.REFUSES)
    misps = others()
    with serving(*misps, refusing, *faulty):
        connect_others(stage, misps)
        stage.connect(refusing, "Faulty refuses")
        known = {m: stage.connect(m, f"Faulty {m.fault}") for m in faulty}

        search = stage.ask()
        grid = columns(search["id"])
        for misp, known_misp in known.items():
            assert states(grid[known_misp.name]) == _expected(misp.fault), misp.fault
        assert stage.check_shown(search["id"]) == OTHERS
        stage.check_silence(told.everything())

        for misp in faulty:
            misp.fault = Fault.NONE
        for known_misp in known.values():  # some rest now: a test that succeeds wakes them
            tested = stage.call(stage.owner, "POST", f"/misps/{known_misp.public_id}/test")
            assert tested.body["ok"] is True
        again = stage.ask_again(search["id"])

        assert again["cells"]["not_answered"] == len(columns(search["id"])["Faulty refuses"])
        healed = {(one.name, value) for one in known.values() for value in (HIT, HELD)}
        assert stage.check_shown(search["id"]) == OTHERS | healed
        stage.check_silence(told.everything())
    # What was answered before was not asked again.
    assert all(len(misp.searches()) == 2 for misp in misps)


# Faults whose outcome does not hang on how fast the machine is.
STEADY = sorted(set(EXPECTED) - {*SLOW, Fault.NONE, Fault.HUGE, Fault.HUGE_UNANNOUNCED})


@pytest.mark.parametrize("seed", range(4))
def test_the_same_seed_gives_the_same_run(stage: Stage, seed: int) -> None:
    """MISPs drawn from a seed, made and asked twice: the grids are the same, cell by cell."""
    grids = []
    for turn in ("first", "second"):
        misps = _drawn(seed, turn)
        with serving(*misps.values()):
            ids = [str(stage.connect(misp, name).public_id) for name, misp in misps.items()]
            search = stage.ask(misps=ids)
        grid = columns(search["id"])
        _whole(grid, search)
        stage.check_shown(search["id"])
        grids.append([grid[name] for name in misps])
    assert grids[0] == grids[1]


def _drawn(seed: int, turn: str) -> dict[str, FaultyMisp]:
    draw = Random(seed)
    misps = {}
    for name in (f"{turn} {place}" for place in range(5)):
        held = draw.sample([HIT, HELD], draw.randint(0, 2))
        fault = draw.choice([Fault.NONE, draw.choice(STEADY)])
        misps[name] = holding(name, *held, fault=fault)
    return misps
