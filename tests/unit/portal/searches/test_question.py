"""The frozen question: sealed, bound to its search, kept decoded within bounds."""

from uuid import uuid4

import pytest

from securegrid.portal.sealing import SealError
from securegrid.portal.searches import question
from securegrid.portal.searches.question import Question, Title
from securegrid.values.model import Entry, Kind, Reject, Rejected, Value

ASKED = Question(
    (
        Entry(
            Value(Kind.DOMAIN, "quiet.example", ("quiet.example",)), ("quiet[.]example",), "n", "l"
        ),
        Entry(Value(Kind.DOMAIN, "b.example", ("b.example", "B.example")), ("b.example",)),
    ),
    (Rejected("???", Reject.UNKNOWN_KIND, 3),),
)


def test_a_question_comes_back_as_it_was_frozen() -> None:
    search = uuid4()
    sealed = question.seal_question(search, ASKED)
    question.forget(search)
    assert question.unseal_question(search, sealed) == ASKED
    assert question.unseal_question(search, b"") is question.unseal_question(search, sealed)


def test_sealed_bytes_hold_no_value() -> None:
    assert b"quiet" not in question.seal_question(uuid4(), ASKED)
    assert b"Operation" not in question.seal_title(uuid4(), Title("Operation X", "why"))


def test_a_question_opens_for_its_own_search_only() -> None:
    sealed = question.seal_question(uuid4(), ASKED)
    with pytest.raises(SealError):
        question.unseal_question(uuid4(), sealed)


def test_label_and_purpose_come_back() -> None:
    search = uuid4()
    title = Title("Operation X", "ticket 7")
    assert question.unseal_title(search, question.seal_title(search, title)) == title


def test_the_process_remembers_a_bounded_number_of_values() -> None:
    cache = question._Cache(bound=2 * len(ASKED.entries))
    first, second, third = uuid4(), uuid4(), uuid4()
    cache.put(first, ASKED)
    cache.put(second, ASKED)
    assert cache.get(first) is ASKED
    cache.put(third, ASKED)
    assert cache.get(second) is None
    assert cache.get(first) is ASKED
    cache.drop(first)
    assert cache.get(first) is None
