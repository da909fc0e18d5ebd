"""Every code has words in both languages, and the words can be told apart."""

from enum import StrEnum

import pytest

from securegrid.federation.outcomes import CellState, Why
from securegrid.index.trouble import Trouble
from securegrid.ingest.model import BadLine
from securegrid.ingest.publishing.outcomes import EventState, ImportState
from securegrid.ingest.runs.reports import FileState
from securegrid.misp.failures import Reason
from securegrid.values.model import Kind, Reject, Relation
from securegrid.words import LANGUAGES, advice, say

IMPORTS = (BadLine, FileState, ImportState, EventState)
SAID = (Kind, Reject, Relation, Reason, CellState, Why, Trouble, *IMPORTS)
ADVISED = (Reason, Why, Reject, Trouble)


def codes(enums: tuple[type[StrEnum], ...]) -> list[StrEnum]:
    return [code for enum in enums for code in enum]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", codes(SAID), ids=repr)
def test_every_code_is_said(code: StrEnum, language: str) -> None:
    words = say(code, language)
    assert words
    assert words == words.strip()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("enum", SAID)
def test_two_codes_of_one_enum_are_never_said_alike(enum: type[StrEnum], language: str) -> None:
    said = [say(code, language) for code in enum]
    assert len(set(said)) == len(said)


@pytest.mark.parametrize(
    "code", codes((Reject, Reason, Why, CellState, Relation, Trouble, *IMPORTS)), ids=repr
)
def test_sentences_are_really_translated(code: StrEnum) -> None:
    assert say(code, "en").isascii()
    assert any("\u3040" <= character <= "\u9fff" for character in say(code, "ja"))


@pytest.mark.parametrize("code", codes((Reject, Reason, Why, Trouble)), ids=repr)
def test_reasons_are_fragments_that_fit_into_a_sentence(code: StrEnum) -> None:
    assert not say(code, "en").endswith(".")
    assert not say(code, "ja").endswith("。")


@pytest.mark.parametrize("code", codes(ADVISED), ids=repr)
def test_every_reason_has_advice_as_a_whole_sentence(code: StrEnum) -> None:
    assert advice(code, "en")[0].isupper()
    assert advice(code, "en").endswith(".")
    assert advice(code, "ja").endswith("。")


@pytest.mark.parametrize("tag", ["ja", "ja-JP", "JA", "ja_JP"])
def test_every_tag_of_japanese_is_japanese(tag: str) -> None:
    assert say(CellState.HIT, tag) == "ヒット"


@pytest.mark.parametrize("tag", ["en", "en-GB", "de", "", "javanese"])
def test_everything_else_is_english(tag: str) -> None:
    assert say(CellState.HIT, tag) == "hit"


def test_a_code_is_said_by_its_enum_and_not_by_its_text() -> None:
    class Other(StrEnum):
        HIT = "hit"

    with pytest.raises(KeyError):
        say(Other.HIT, "en")


def test_not_answered_never_sounds_like_a_miss() -> None:
    for language in LANGUAGES:
        assert say(CellState.MISS, language) not in say(CellState.NOT_ANSWERED, language)
