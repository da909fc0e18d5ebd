"""Queries are shared by the MISPs that are asked the same, and by no others."""

from datetime import UTC, datetime

import pytest

from securegrid.federation.plan import Chunk, Target, plan
from securegrid.federation.questions import Questions
from tests.unit.federation.samples import ip_value


def chunks() -> tuple[Chunk, ...]:
    values = [ip_value(number) for number in range(300)]
    return plan(values, [Target("A")], datetime(2026, 11, 23, tzinfo=UTC))[0].chunks


def test_the_same_question_is_made_once() -> None:
    questions, (chunk, _) = Questions(), chunks()
    query = questions.of(Target("A"), chunk, 1)
    assert questions.of(Target("B", concurrency=1), chunk, 1) is query
    assert set(query.values) == set(chunk.spellings)


@pytest.mark.parametrize(
    "other",
    [
        Target("B", published_only=True),
        Target("B", left_out_tags=("tlp:red",)),
        Target("B", left_out_types=("comment",)),
    ],
)
def test_what_an_owner_leaves_out_makes_another_question(other: Target) -> None:
    questions, (chunk, _) = Questions(), chunks()
    plain, asked = questions.of(Target("A"), chunk, 1), questions.of(other, chunk, 1)
    assert plain != asked
    assert (asked.published_only, asked.left_out_tags, asked.left_out_types) == (
        other.published_only,
        other.left_out_tags,
        other.left_out_types,
    )


def test_another_page_and_another_chunk_make_another_question() -> None:
    questions, (first, second) = Questions(), chunks()
    asked = [questions.of(Target("A"), chunk, page) for chunk in (first, second) for page in (1, 2)]
    assert len(set(asked)) == 4
    assert [query.page for query in asked] == [1, 2, 1, 2]
