"""Each rule finds what it is there for, and leaves alone what only comes close."""

from itertools import chain

import msgspec
import pytest

from securegrid.ingest.quality.findings import RuleId, Severity, Subject
from securegrid.ingest.quality.profile import Profile
from securegrid.ingest.quality.rules import RULES
from tests.unit.ingest.quality.cases import ATTRIBUTE_CASES, EVENT_CASES, Case
from tests.unit.ingest.quality.composed import (
    Given,
    attribute,
    event,
    found,
    given,
    rules_of,
    thing,
)

CASES = tuple(chain(EVENT_CASES, ATTRIBUTE_CASES))
OF_WHOLE_EVENTS = {RuleId.EVENT_EMPTY, RuleId.EVENT_TOO_LARGE}
WITH_LISTS = {RuleId.ON_WARNING_LIST}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}: {case.example}"[:80])
def test_a_rule_finds_its_case_once_and_leaves_others_alone(case: Case) -> None:
    findings = [one for one in found(case.drafts) if one.rule is case.rule]
    assert [one.example for one in findings] == ([] if case.example is None else [case.example])


def test_every_rule_has_a_case_that_it_finds_and_one_that_it_does_not() -> None:
    others = OF_WHOLE_EVENTS | WITH_LISTS
    positive = {case.rule for case in CASES if case.example is not None}
    negative = {case.rule for case in CASES if case.example is None}
    assert positive | others == negative | others == set(RuleId) == set(RULES)


def test_the_trials_event_meets_every_rule() -> None:
    assert found(given()) == []


def test_a_finding_says_of_what_it_is() -> None:
    draft = attribute("10.0.0.1")
    (finding,) = found(given(draft, tags=("IPAlert", "tlp:red")))
    assert finding.severity is Severity.ERROR
    assert (finding.event, finding.attribute) == (event().uuid, draft.uuid)
    (finding,) = found(given(tags=("IPAlert",)))
    assert (finding.rule, finding.attribute) == (RuleId.TLP_MISSING, None)
    assert RULES[finding.rule].subject is Subject.EVENT


def test_an_event_without_attributes_is_found() -> None:
    (finding,) = found(Given(event(), ()))
    assert (finding.rule, finding.example) == (RuleId.EVENT_EMPTY, event().info)


def test_an_event_beyond_the_profiles_bound_is_found_and_one_at_it_is_not() -> None:
    sizes = msgspec.structs.replace(Profile.load().sizes, event=2)
    profile = msgspec.structs.replace(Profile.load(), sizes=sizes)
    two = [attribute("219.167.13.11"), thing(attribute("219.167.13.12", relation="ip"))]
    assert found(given(*two), profile) == []
    (finding,) = found(given(*two, attribute("219.167.13.13")), profile)
    assert finding.rule is RuleId.EVENT_TOO_LARGE
    assert finding.example.startswith("3: ")


def test_a_rule_can_be_off_or_of_another_severity() -> None:
    drafts = given(attribute("10.0.0.1"), tags=("IPAlert",))
    profile = Profile.of_text('[rules]\naddress-private = "off"\ntlp-missing = "warning"\n', "test")
    (finding,) = found(drafts, profile)
    assert (finding.rule, finding.severity) == (RuleId.TLP_MISSING, Severity.WARNING)


def test_an_example_cannot_command_a_terminal() -> None:
    drafts = given(info="[X] \x1b]0;title\x07 2021-06-11 \u202e", tags=("IPAlert",))
    (finding,) = found(drafts)
    assert finding.example.isprintable()
    assert "\\x1b]0;title\\x07" in finding.example


def test_the_events_rules_come_before_those_of_what_is_inside() -> None:
    drafts = given(attribute("10.0.0.1", comment="with 45.32.43.59"), tags=("IPAlert",))
    assert rules_of(found(drafts)) == [
        RuleId.TLP_MISSING,
        RuleId.ADDRESS_PRIVATE,
        RuleId.ADDRESS_IN_COMMENT,
    ]
