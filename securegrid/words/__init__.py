"""The words for people: what codes mean, in English and Japanese, and what to do about them."""

from enum import StrEnum
from typing import Final

from securegrid.ingest.quality.findings import RuleId
from securegrid.words import advices, ingest, kinds, quality, reasons

LANGUAGES: Final = ("en", "ja")

Words = tuple[str, str]
"""English, Japanese."""

_TABLES: Final[tuple[dict[type[StrEnum], dict[str, Words]], ...]] = (
    ingest.WORDS,
    kinds.WORDS,
    quality.WORDS,
    reasons.WORDS,
)
_ADVICES: Final[dict[type[StrEnum], dict[str, Words]]] = {
    **advices.WORDS,
    RuleId: quality.MENDS,
}
_WORDS: Final = {kind: words for table in _TABLES for kind, words in table.items()}


def say(code: StrEnum, language: str) -> str:
    """What ``code`` is called: a noun for kinds and states, a sentence fragment for reasons.

    ``language`` is a tag such as ``ja`` or ``en-GB``; whatever is not Japanese is
    English. Raises KeyError for a code of an enum without words, which is a mistake
    in the program.
    """
    return _WORDS[type(code)][code.value][_column(language)]


def advice(code: StrEnum, language: str) -> str:
    """What to do next about a Reason, a Why, a Reject, or a RuleId: one sentence."""
    return _ADVICES[type(code)][code.value][_column(language)]


def why(rule: RuleId, language: str) -> str:
    """Why there is a rule for data: one sentence."""
    return quality.WHY[rule.value][_column(language)]


def _column(language: str) -> int:
    return 1 if language.lower().partition("-")[0].partition("_")[0] == "ja" else 0
