"""The command line's words: complete in both languages, with the same parts."""

from string import Formatter
from typing import Any

import pytest

from securegrid.cli import demo_words, words
from securegrid.cli.export import words as export_words
from securegrid.cli.ingest import words as ingest_words
from securegrid.cli.words import Language, Say, user_language


def parts(text: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize(
    ("catalogues", "codes"),
    [
        (words.CATALOGUES, Say),
        (demo_words.CATALOGUES, demo_words.Tell),
        (export_words.CATALOGUES, export_words.Says),
        (ingest_words.CATALOGUES, ingest_words.Says),
    ],
)
def test_both_languages_say_everything_with_the_same_parts(catalogues: Any, codes: Any) -> None:
    english, japanese = catalogues[Language.ENGLISH], catalogues[Language.JAPANESE]
    assert set(english) == set(japanese) == set(codes)
    for code in codes:
        assert parts(english[code]) == parts(japanese[code]), code


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, Language.ENGLISH),
        ({"LANG": "ja_JP.UTF-8"}, Language.JAPANESE),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, Language.ENGLISH),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ja"}, Language.JAPANESE),
    ],
)
def test_the_environment_chooses_as_posix_says(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], language: Language
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert user_language() is language
