"""The score adds up as it says, and its examples are bounded."""

import msgspec
import pytest

from securegrid.ingest.quality.findings import Finding, RuleId, Severity
from securegrid.ingest.quality.profile import Profile
from securegrid.ingest.quality.reporting import report
from securegrid.ingest.quality.scoring import Tally
from securegrid.ingest.quality.warning_lists import WarningLists
from tests.unit.ingest.quality.composed import NOW, attribute, given

PROFILE = Profile.load()


def finding(rule: RuleId, event: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(rule, severity, event, None, "example")


def tally(events: int, attributes: int) -> Tally:
    return Tally(PROFILE, events, attributes)


def test_nothing_found_is_a_hundred_points() -> None:
    score = tally(3, 10).score()
    assert (score.points, score.deductions, score.errors) == (100.0, (), 0)


def test_a_rule_takes_off_its_weight_by_the_share_that_does_not_meet_it() -> None:
    counted = tally(4, 10)
    counted.add(finding(RuleId.TLP_MISSING, "1"))
    for number in range(5):
        counted.add(finding(RuleId.CONTEXT_MISSING, str(number), Severity.WARNING))
    score = counted.score()
    off = {one.rule: (one.found, one.of, one.weight, one.points) for one in score.deductions}
    assert off == {
        RuleId.TLP_MISSING: (1, 4, 30.0, 7.5),
        RuleId.CONTEXT_MISSING: (5, 10, 10.0, 5.0),
    }
    assert score.points == 87.5
    assert (score.errors, score.warnings) == (1, 5)
    assert score.deductions[0].share == 0.25


def test_what_was_found_at_all_always_shows() -> None:
    counted = tally(1, 1_000_000)
    counted.add(finding(RuleId.DOUBLE, "1"))
    assert counted.score().points == 99.9


def test_the_points_on_the_page_always_add_up() -> None:
    counted = tally(7, 13)
    for number, rule in enumerate(RuleId):
        for event in range(number % 5 + 1):
            counted.add(finding(rule, str(event), Severity.WARNING))
    score = counted.score()
    assert score.points == max(0, round(100 - sum(one.points for one in score.deductions), 1))


def test_it_never_falls_below_nothing() -> None:
    counted = tally(1, 1)
    for rule in RuleId:
        counted.add(finding(rule, "1"))
    assert counted.score().points == 0.0


def test_examples_are_bounded_and_of_different_events_where_there_are_some() -> None:
    counted = tally(100, 100)
    for event in ["1"] * 50 + [str(number) for number in range(1, 4)]:
        counted.add(finding(RuleId.DOUBLE, event))
    (deduction,) = counted.score().deductions
    assert len(deduction.examples) == PROFILE.examples
    assert {one.event for one in deduction.examples} == {"1", "2", "3"}


@pytest.mark.parametrize("weight", [0.0, 100.0])
def test_the_profile_weighs(weight: float) -> None:
    profile = msgspec.structs.replace(
        PROFILE, score=msgspec.structs.replace(PROFILE.score, error=weight)
    )
    drafts = given(attribute("10.0.0.1"))
    score = report(drafts, profile, WarningLists.none(), now=NOW)
    assert score.points == (99.9 if weight == 0 else 0.0)


def test_a_report_counts_and_tells_each_finding() -> None:
    told: list[Finding] = []
    drafts = given(attribute("10.0.0.1"), attribute("evil.jp", "domain"))
    score = report(drafts, PROFILE, WarningLists.none(), now=NOW, each=told.append)
    assert (score.events, score.attributes) == (1, 2)
    assert [one.rule for one in told] == [RuleId.ADDRESS_PRIVATE]
    assert score.points == 85.0
