"""The node against a real MISP: every recorded request, replayed, answers in the same shape.

Whatever differs must be one of the deliberate differences, and each of those must still differ.
"""

import shutil
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from securegrid.node.app import app_of
from securegrid.node.differences import DIFFERENCES, Difference
from securegrid.node.store import Store
from tests.contract import node_seed
from tests.contract.replaying import (
    LARGE,
    LATER,
    SHARED,
    Recording,
    findings,
    recordings,
    replay,
)
from tests.contract.serving import Swapped, served

RECORDINGS = recordings()


@pytest.fixture(scope="module")
def behind() -> Swapped:
    return Swapped()


@pytest.fixture(scope="module")
def url(behind: Swapped) -> Iterator[str]:
    with served(behind) as address:
        yield address


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("seeds")
    made = {name: folder / f"{name}.sqlite3" for name in ("first", "later", "large")}
    node_seed.seed(made["first"])
    node_seed.seed_later(made["later"])
    node_seed.seed_large(made["large"])
    return made


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda r: r.name)
def test_it_answers_as_recorded_or_as_listed(
    recording: Recording, behind: Swapped, url: str, seeds: dict[str, Path], tmp_path: Path
) -> None:
    found = _found(recording, behind, url, seeds, tmp_path)
    listed = [d for d in DIFFERENCES if _names(d, recording)]
    unlisted = [f for f in found if not any(_explains(d, f) for d in listed)]
    assert not unlisted, "differs, and no listed difference says so"
    stale = [d.code for d in listed if not any(_explains(d, f) for f in found)]
    assert not stale, "listed as different, and does not differ"


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda d: d.code)
def test_each_pattern_of_a_difference_names_a_recording(difference: Difference) -> None:
    if not SHARED.is_dir() and difference.code in _SEEN_IN_SHARED_ONLY:
        names = {r.name for r in RECORDINGS}
        assert any(fnmatchcase(n, p) for n in names for p in difference.recordings)
        return
    for pattern in difference.recordings:
        assert any(fnmatchcase(r.name, pattern) for r in RECORDINGS), pattern


# Some of their recordings are too large to be copied into the project.
_SEEN_IN_SHARED_ONLY = {
    "unfiltered-search",
    "correlations",
    "galaxies",
    "not-offered",
    "formats",
}


def test_the_differences_have_different_codes_and_full_explanations() -> None:
    assert len({d.code for d in DIFFERENCES}) == len(DIFFERENCES)
    for difference in DIFFERENCES:
        assert all(len(words) > 10 for words in (difference.misp, difference.node, difference.why))


def test_a_broken_node_would_be_noticed(
    behind: Swapped, url: str, seeds: dict[str, Path], tmp_path: Path
) -> None:
    """The comparison itself: an answer without tags, or with a number, is found to differ."""
    recording = next(r for r in RECORDINGS if r.name == "rs_flag_includeContext")
    body: Any = recording.response["json"]
    del body["response"]["Attribute"][0]["Event"]["Tag"]
    body["response"]["Attribute"][1]["timestamp"] = 1
    found = _found(recording, behind, url, seeds, tmp_path)
    assert any("Event.Tag" in f for f in found)
    assert any("timestamp" in f for f in found)


def _found(
    recording: Recording, behind: Swapped, url: str, seeds: dict[str, Path], folder: Path
) -> list[str]:
    name = "later" if recording.name in LATER else "large" if recording.name in LARGE else "first"
    path = folder / "node.sqlite3"
    shutil.copy(seeds[name], path)
    store = Store(path, clock=lambda: node_seed.NOW)
    behind.app = app_of(store)
    try:
        return list(findings(recording, replay(recording, url)))
    finally:
        store.close()


def _names(difference: Difference, recording: Recording) -> bool:
    return any(fnmatchcase(recording.name, pattern) for pattern in difference.recordings)


def _explains(difference: Difference, finding: str) -> bool:
    return any(fnmatchcase(finding, pattern) for pattern in difference.findings)
