"""Every rule stands in docs/quality-rules.md: its words in both languages, and an example."""

import re
from pathlib import Path

import pytest

from securegrid.ingest.quality.findings import RuleId
from securegrid.ingest.quality.rules import RULES
from securegrid.words import LANGUAGES, advice, say, why
from tests.unit.ingest.quality.test_rules import CASES

DOCUMENT = (Path(__file__).resolve().parents[4] / "docs" / "quality-rules.md").read_text("utf-8")
TOO_LONG_TO_SHOW = {
    RuleId.TITLE_TOO_LONG,
    RuleId.TAG_UNUSABLE,
    RuleId.VALUE_TOO_LONG,
    RuleId.COMMENT_TOO_LONG,
}
SECTIONS = dict(re.findall(r"^### (\S+)\n\n(.*?)(?=\n### |\Z)", DOCUMENT, re.DOTALL | re.MULTILINE))


def test_every_rule_is_documented_in_order_and_no_other() -> None:
    assert list(SECTIONS) == [rule.value for rule in RULES]


@pytest.mark.parametrize("rule", RuleId)
def test_its_words_are_those_that_people_are_told(rule: RuleId) -> None:
    for language in LANGUAGES:
        assert say(rule, language) in SECTIONS[rule]
        assert say(RULES[rule].severity, language) in SECTIONS[rule]
        assert why(rule, language) in SECTIONS[rule]
        assert advice(rule, language) in SECTIONS[rule]


@pytest.mark.parametrize("rule", RuleId)
def test_its_example_is_one_that_it_finds(rule: RuleId) -> None:
    example = re.search(r"^Example: (.+)$", SECTIONS[rule], re.MULTILINE)
    assert example is not None
    found = [case.example for case in CASES if case.rule is rule and case.example]
    if found and rule not in TOO_LONG_TO_SHOW:
        assert example[1].strip("`") in found
