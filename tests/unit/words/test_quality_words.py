"""Every rule says what it is, why it is there and how to mend, in both languages."""

from enum import StrEnum

import pytest

from securegrid.ingest.quality.findings import RuleId, Severity, Subject
from securegrid.ingest.quality.profile import Refused
from securegrid.words import LANGUAGES, advice, say, why

JAPANESE = range(0x3040, 0xA000)


def is_japanese(text: str) -> bool:
    return any(ord(character) in JAPANESE for character in text)


@pytest.mark.parametrize("enum", [RuleId, Severity, Subject, Refused])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_is_said_and_none_like_another(enum: type[StrEnum], language: str) -> None:
    said = [say(code, language) for code in enum]
    assert all(words and words == words.strip() for words in said)
    assert len(set(said)) == len(said)
    assert all(is_japanese(words) == (language == "ja") for words in said)


@pytest.mark.parametrize("rule", RuleId)
@pytest.mark.parametrize("telling", [why, advice])
def test_reason_and_mend_are_sentences(rule: RuleId, telling: object) -> None:
    english, japanese = telling(rule, "en"), telling(rule, "ja")  # type: ignore[operator]
    assert english[0].isupper() or english.startswith("hxxp")
    assert english.endswith(".")
    assert not is_japanese(english)
    assert is_japanese(japanese)
    assert japanese.rstrip(" ").endswith(("。", "。)")) or japanese.endswith(")。")


def test_no_two_rules_give_the_same_reason_but_where_misp_does_the_same() -> None:
    reasons = [why(rule, "en") for rule in RuleId]
    assert len(reasons) == len(RuleId)
    assert len({advice(rule, "en") for rule in RuleId}) == len(RuleId)
