"""The numbers in docs/federation.md are those of the code."""

from pathlib import Path

import pytest

from securegrid.federation import breaker, conversation, fanout, fetching, questions
from securegrid.federation.plan import Target
from securegrid.misp.identities import MAX_UUIDS
from securegrid.misp.query import MAX_VALUES

DOCS = " ".join(
    (Path(__file__).parents[3] / "docs" / "federation.md").read_text(encoding="utf-8").split()
)


@pytest.mark.parametrize(
    "sentence",
    [
        f"**Deadline**: {fanout.DEFAULT_DEADLINE_S:.0f} s unless",
        f"{fanout.SHORTEST_DEADLINE_S:.0f} to {fanout.LONGEST_DEADLINE_S:.0f} s, from",
        f"told at most {fanout.GRACE_S} s later",
        f"**One request**: {fanout.DEFAULT_REQUEST_TIMEOUT_S:.0f} s",
        f"at least {conversation.SHORTEST_RATE_LIMIT_WAIT_S:.0f} s and at most "
        f"{conversation.MAX_RATE_LIMIT_WAITS} times",
        f"into {MAX_VALUES} spellings",
        f"A page holds {questions.PAGE_ROWS:,} rows",
        f"up to {conversation.MAX_PAGES} pages",
        f"({Target('A').concurrency} unless changed)",
        f"but {conversation.FAILED_CHUNKS_BEFORE_GIVING_UP} failed chunks in a row",
        f"| the {breaker.FAILURES_BEFORE_REST}rd failed search in a row "
        f"| {breaker.FIRST_PAUSE_S:.0f} s | doubles | {breaker.LONGEST_PAUSE_S / 60:.0f} min |",
        f"| the 1st | {breaker.FIRST_PERMANENT_PAUSE_S / 60:.0f} min | doubles "
        f"| {breaker.LONGEST_PERMANENT_PAUSE_S / 60:.0f} min |",
        f"up to {breaker.JITTER:.0%}".replace("%", " %"),
        f"No more than {fetching.MAX_FETCHED:,} attributes are fetched",
        f"at most {MAX_UUIDS} in one list",
        f"only after {conversation.SILENCE_S:.0f} s of silence",
    ],
)
def test_the_documented_numbers_are_true(sentence: str) -> None:
    assert sentence in DOCS
