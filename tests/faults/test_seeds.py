"""Whole searches over alliances drawn from a seed: the promises hold, and the seed is the run."""

from random import Random

import pytest

from securegrid.federation.outcomes import MispDone
from securegrid.federation.plan import Target
from tests.faults.alliance import MIB, Run, address, addresses, search
from tests.faults.fault import Fault
from tests.faults.faulty_misp import FaultyMisp, Stored
from tests.faults.virtual_time import run_virtual

SEEDS = range(25)
FAULTS = sorted(Fault)
GRACE_S = 0.5


class Drawn:
    """An alliance with a search, drawn from a seed; the same seed draws the same."""

    def __init__(self, seed: int) -> None:
        draw = Random(seed)
        self.seed = seed
        self.values = addresses(draw.choice([1, 40, 300, 900]))
        self.deadline_s = draw.choice([1.0, 4.0, 16.0, 30.0, 120.0])
        self.misps = {f"M{number}": self._misp(draw) for number in range(draw.randint(2, 8))}
        self.targets = [self._target(draw, name) for name in self.misps]

    def _misp(self, draw: Random) -> FaultyMisp:
        held = draw.sample(range(len(self.values)), min(len(self.values), 20))
        return FaultyMisp(
            [Stored(address(number)) for number in held],
            fault=draw.choice([Fault.NONE, draw.choice(FAULTS)]),
            script=[draw.choice(FAULTS) for _ in range(draw.choice([0, 0, 3]))],
            delay_s=draw.choice([0.05, 0.3, 2.0]),
        )

    def _target(self, draw: Random, name: str) -> Target:
        some = frozenset(draw.sample(range(len(self.values)), len(self.values) // 2))
        return Target(
            name,
            enabled=draw.random() > 0.1,
            concurrency=draw.randint(1, 4),
            pause_s=draw.choice([0.0, 0.0, 0.5]),
            positions=draw.choice([None, None, some]),
            may_probe=draw.random() < 0.2,
        )

    def run(self) -> Run:
        """The search, in virtual time; takes milliseconds."""
        return run_virtual(
            search(
                self.values,
                self.misps,
                targets=self.targets,
                deadline_s=self.deadline_s,
                max_bytes=2 * MIB,
                seed=self.seed,
            )
        )


@pytest.mark.parametrize("seed", SEEDS)
def test_the_promises_hold_and_the_same_seed_gives_the_same_run(seed: int) -> None:
    drawn = Drawn(seed)
    run = drawn.run()
    _one_outcome_per_cell(drawn, run)
    _the_deadline_is_kept(drawn, run)
    _nothing_is_invented(drawn, run)
    assert Drawn(seed).run().log == run.log


def _one_outcome_per_cell(drawn: Drawn, run: Run) -> None:
    for target in drawn.targets:
        wanted = target.positions
        asked = set(range(len(drawn.values))) if wanted is None else set(wanted)
        assert run.cells(target.misp).keys() == asked
        own = [outcome for outcome in run.outcomes if outcome.misp == target.misp]
        assert [isinstance(outcome, MispDone) for outcome in own] == [False] * (len(own) - 1) + [
            True
        ]


def _the_deadline_is_kept(drawn: Drawn, run: Run) -> None:
    assert run.took_s <= drawn.deadline_s + GRACE_S
    for outcome in run.outcomes:
        assert outcome.elapsed_ms <= (drawn.deadline_s + GRACE_S) * 1000


def _nothing_is_invented(drawn: Drawn, run: Run) -> None:
    """A hit is stored there; a miss is not; a MISP that was not asked saw nothing."""
    for target in drawn.targets:
        misp = drawn.misps[target.misp]
        stored = {each.value for each in misp.stored}
        for position, state in run.cells(target.misp).items():
            held = drawn.values[position].text in stored
            assert held or state != "hit"
            assert not held or state != "miss"
        if not target.enabled:
            assert misp.requests == []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_healthy_misp_is_as_fast_beside_faulty_ones_as_alone(seed: int) -> None:
    drawn = Drawn(seed)
    healthy = Target("healthy")
    stored = [Stored(address(0))]
    alone = run_virtual(search(drawn.values, {"healthy": FaultyMisp(stored, delay_s=0.1)}))
    drawn.misps["healthy"] = FaultyMisp(stored, delay_s=0.1)
    drawn.targets.append(healthy)
    beside = drawn.run()
    assert beside.done("healthy").elapsed_ms == pytest.approx(alone.done("healthy").elapsed_ms)
    assert beside.cells("healthy") == alone.cells("healthy")


def test_a_misp_that_keeps_failing_rests_and_comes_back() -> None:
    """Several searches in a row: failures, a rest, a probe that fails, one that succeeds."""
    values, target = addresses(300), Target("A")
    states, faults = [], [Fault.ERROR_500] * 3 + [Fault.NONE] + [Fault.ERROR_500, Fault.NONE]
    for step, fault in enumerate(faults):
        probing = step >= 4
        target = Target("A", rest=target.rest, may_probe=probing)
        misp = FaultyMisp([Stored(address(0))], fault=fault)
        run = run_virtual(search(values, {"A": misp}, targets=[target]))
        target = Target("A", rest=run.done("A").rest)
        states.append((sorted(run.states("A")), len(misp.searches()), target.rest.failures))
    failed = ["not_answered: server_error"]
    assert states == [
        (failed, 2, 1),
        (failed, 2, 2),
        (failed, 2, 3),
        (["not_asked: resting"], 0, 3),
        (failed, 1, 4),
        (["hit", "miss"], 2, 0),
    ]
