"""The proofs can fail: each way of breaking the rule is noticed, and by what it breaks."""

from collections.abc import Callable
from pathlib import Path

import pytest

from securegrid.portal.config import config
from tests.faults.traces import read_apart
from tests.privacy import mutants
from tests.privacy.finder import Finder
from tests.privacy.indexed import Portal
from tests.privacy.mutants import Patch
from tests.privacy.questions import HITS
from tests.privacy.rule import Breach, broken_by
from tests.privacy.world import MISSES, World

pytestmark = pytest.mark.django_db(transaction=True)
LOOKS_INTO_FILES = True

MANY_MISSES = tuple(f"miss-filler-{number}.example" for number in range(700))
FOUND = HITS[:40]
STALE = HITS[3]
"""Deleted at a MISP after the sync, so that it hits nothing there any more."""
ONE = (*FOUND, *MISSES, *MANY_MISSES[:300])
OTHER = (*MANY_MISSES, *FOUND[20:], *MISSES[::-1], *FOUND[:20])


def _breaches(portal: Portal) -> set[Breach]:
    """What the index, two searches with the same hits, and one without any, show."""
    told = {Breach.GUESSABLE} if Finder(HITS[-30:]).found_in(_index_files(portal)) else set()
    portal.world["A"].delete(STALE)
    finder = Finder([*MISSES, "miss-filler-", STALE])
    sent = []
    for question, hits in ((ONE, FOUND), (OTHER, FOUND), (MISSES, ())):
        sent.append(portal.ask_recorded(question)[1])
        told |= broken_by(portal.world, hits, finder)
    return told | ({Breach.TRAFFIC_DIFFERS} if sent[0] != sent[1] else set())


def _index_files(portal: Portal) -> bytes:
    folder = Path(config().index.removeprefix("sqlite:///"))
    names = {str(portal.generation(name)) for name in portal.misps}
    files = [path for path in folder.iterdir() if any(name in path.name for name in names)]
    assert files
    return read_apart(files)


def test_the_honest_way_breaks_nothing(portal: Portal) -> None:
    assert _breaches(portal) == set()


@pytest.mark.parametrize(
    ("mutant", "breaks"),
    [
        (
            mutants.plain_fan_out,
            {Breach.VALUE_TOLD, Breach.TRAFFIC_DIFFERS, Breach.ASKED_FOR_NOTHING},
        ),
        (mutants.confirms_by_value, {Breach.VALUE_TOLD}),
        (mutants.bloom_filter, {Breach.FOREIGN_UUID, Breach.TRAFFIC_DIFFERS}),
        (mutants.bloom_filter_confirmed_by_value, {Breach.VALUE_TOLD, Breach.TRAFFIC_DIFFERS}),
        (mutants.unsorted_uuids, {Breach.TRAFFIC_DIFFERS}),
        (mutants.chunks_by_place, {Breach.TRAFFIC_DIFFERS}),
        (mutants.fetches_even_nothing, {Breach.FOREIGN_UUID, Breach.ASKED_FOR_NOTHING}),
        (mutants.unkeyed_hash, {Breach.GUESSABLE}),
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)
def test_a_mutant_is_noticed(
    stage: object,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    mutant: Callable[[Patch], None],
    breaks: set[Breach],
) -> None:
    mutant(monkeypatch)
    portal = Portal(stage, world)  # type: ignore[arg-type]
    portal.connect()
    assert _breaches(portal) >= breaks  # by chance a Bloom filter breaks more
