"""Keys compare as MISP's database compares (trap 3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from securegrid.node.folding import fold, fold_pattern, prefix_range


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("evil-loader.example", "EVIL-Loader.Example"),
        ("evil-loader.example", "évil-loader.example"),
        ("219.167.13.11", "２１９.167.13.11"),
        ("219.167.13.11", "219.167.13.11   "),
        ("straße.example", "STRASSE.example"),
        ("ｶﾞｲﾄﾞ", "ガイド"),
    ],
)
def test_case_accents_width_and_trailing_blanks_do_not_count(stored: str, asked: str) -> None:
    assert fold(stored) == fold(asked)


@pytest.mark.parametrize(
    ("stored", "asked"),
    [("219.167.13.11", " 219.167.13.11"), ("a b", "ab"), ("日本", "日木"), ("a\t", "a")],
)
def test_everything_else_counts(stored: str, asked: str) -> None:
    assert fold(stored) != fold(asked)


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(max_codepoint=127)))
def test_the_short_way_for_ascii_gives_what_the_long_way_gives(text: str) -> None:
    assert fold(text) == fold(text + "é")[:-1].rstrip(" ")


def test_a_patterns_blanks_before_its_percent_are_kept() -> None:
    assert fold_pattern("Report %") == "report %"
    assert fold_pattern("%ÉVIL  ") == "%evil"
    assert fold_pattern("no pattern ") == "no pattern"


@given(st.text(min_size=1), st.text())
def test_every_key_with_a_prefix_lies_in_its_range(prefix: str, rest: str) -> None:
    start, end = prefix_range(prefix)
    assert start <= prefix + rest < end or (prefix + rest).startswith(prefix + "\U0010ffff")
