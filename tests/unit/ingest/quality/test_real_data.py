"""Real exports of a MISP, beside the project: what the rules find there stands in the document."""

from pathlib import Path

import pytest

from securegrid.ingest.quality.checking import check
from securegrid.ingest.quality.findings import RuleId
from securegrid.ingest.quality.misp_events import Held, read_events
from securegrid.ingest.quality.profile import Profile
from securegrid.ingest.quality.reporting import report
from securegrid.ingest.quality.scoring import Score, Tally
from securegrid.ingest.quality.warning_lists import WarningLists

ESET = Path(__file__).resolve().parents[5] / "shared" / "data" / "eset"
DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "quality-rules.md"


def exports() -> list[Path]:
    if not ESET.is_dir():
        pytest.skip(f"no real data in {ESET}")
    return sorted(ESET.rglob("*.json"))


@pytest.fixture(scope="module")
def score(tmp_path_factory: pytest.TempPathFactory) -> Score:
    """Of all exports together."""
    events = [read_events(file.read_bytes()) for file in exports()]
    profile, lists = Profile.load(), WarningLists.load(tmp_path_factory.mktemp("lists"))
    tally = Tally(profile)
    for held in events:
        _count(tally, held, lists)
    return tally.score()


def _count(tally: Tally, held: Held, lists: WarningLists) -> None:
    whole = report(held, tally.profile, lists)
    tally.events += whole.events
    tally.attributes += whole.attributes
    for finding in check(held, tally.profile, lists):
        tally.add(finding)


@pytest.mark.shared
def test_what_is_found_in_real_exports_is_what_the_document_says(score: Score) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert f"{score.events} events with {score.attributes:,} attributes" in text
    assert f"**{score.points} points**" in text
    for one in score.deductions:
        row = f"| {one.rule} | {one.severity} | {one.found:,} of {one.of:,} | {one.points} |"
        assert row in text, row


@pytest.mark.shared
def test_the_worst_of_real_exports_is_seen(score: Score) -> None:
    found = {one.rule: [each.example for each in one.examples] for one in score.deductions}
    assert "url: smallcloud.ga" in found[RuleId.TYPE_UNFIT]
    assert RuleId.TLP_MISSING in found
    assert RuleId.COMPOSITE_BROKEN not in found
    assert RuleId.ADDRESS_PRIVATE not in found
