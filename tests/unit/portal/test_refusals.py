"""Every refusal has its words in both languages."""

import pytest

from securegrid.portal.refusals import WORDS, Problem, Refused, say


@pytest.mark.parametrize("problem", Problem)
def test_each_problem_has_words_in_both_languages(problem: Problem) -> None:
    english, japanese = say(problem, "en"), say(problem, "ja")
    assert english.isascii()
    assert not japanese.isascii()


def test_there_are_no_words_without_a_problem() -> None:
    assert set(WORDS) == set(Problem)


def test_a_refusal_speaks_the_readers_language() -> None:
    refused = Refused(Problem.NAME_TAKEN, "name")
    assert refused.words("ja-jp") == say(Problem.NAME_TAKEN, "ja")
    assert str(refused) == refused.words("fr") == say(Problem.NAME_TAKEN, "en")
