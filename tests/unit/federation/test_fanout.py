"""Asking many at once: every cell gets one state, in time, whatever the MISPs do."""

import asyncio
import math
from datetime import timedelta
from typing import NoReturn

import pytest
from structlog.testing import capture_logs

from securegrid.federation import conversation
from securegrid.federation.breaker import NO_REST, Rest
from securegrid.federation.fanout import GRACE_S, ask
from securegrid.federation.gate import Gates
from securegrid.federation.outcomes import ChunkAnswer, MispDone, Outcome
from securegrid.federation.plan import Target
from securegrid.federation.questions import PAGE_ROWS
from securegrid.misp.failures import MispFailure, Reason
from securegrid.misp.query import AttributeQuery
from securegrid.misp.records import Attribute
from tests.faults.virtual_time import VirtualClock, run_virtual
from tests.unit.federation.samples import (
    MispInMemory,
    address,
    attribute,
    cells_of,
    done_of,
    gather,
    holding,
    ip_value,
    outcomes_of,
    raising,
    states,
)

VALUES = [ip_value(number) for number in range(400)]
THREE_CHUNKS = VALUES
ONE_CHUNK = VALUES[:50]
CHUNKS = 3

KEY_REJECTED = MispFailure(Reason.KEY_REJECTED, permanent=True)
TIMED_OUT = MispFailure(Reason.TIMED_OUT, permanent=False)
LOST = MispFailure(Reason.CONNECTION_LOST, permanent=False)


def limited(retry_after_s: float | None) -> MispFailure:
    return MispFailure(Reason.RATE_LIMITED, permanent=False, retry_after_s=retry_after_s)


def test_hits_and_misses_of_every_misp() -> None:
    misps = {
        "A": MispInMemory(holding(address(0), address(399))),
        "B": MispInMemory(holding(address(7)), delay_s=0.3),
    }
    cells = cells_of(outcomes_of(VALUES, misps))
    assert {p for p, state in cells["A"].items() if state == "hit"} == {0, 399}
    assert {p for p, state in cells["B"].items() if state == "hit"} == {7}
    assert all(set(own.values()) == {"hit", "miss"} for own in cells.values())
    assert all(own.keys() == set(range(400)) for own in cells.values())


def test_answers_are_streamed_as_they_come_and_the_last_word_comes_last() -> None:
    misps = {"slow": MispInMemory(delay_s=2.0), "fast": MispInMemory(delay_s=0.1)}
    outcomes = outcomes_of(ONE_CHUNK, misps)
    assert [(type(each), each.misp) for each in outcomes] == [
        (ChunkAnswer, "fast"),
        (MispDone, "fast"),
        (ChunkAnswer, "slow"),
        (MispDone, "slow"),
    ]
    assert [round(each.elapsed_ms) for each in outcomes] == [100, 100, 2000, 2000]


def test_the_last_word_tells_requests_and_round_trips() -> None:
    outcomes = outcomes_of(THREE_CHUNKS, {"A": MispInMemory(delay_s=0.25)})
    done = done_of(outcomes, "A")
    assert (done.requests, done.failure, done.rest) == (CHUNKS, None, NO_REST)
    assert [round(each) for each in done.round_trips_ms] == [250] * CHUNKS


def test_chunks_side_by_side_do_not_count_each_others_requests_twice() -> None:
    outcomes = outcomes_of(THREE_CHUNKS, {"A": MispInMemory(delay_s=0.25)})
    answers = [each for each in outcomes if isinstance(each, ChunkAnswer)]
    assert [answer.requests for answer in answers] == [CHUNKS] * CHUNKS


def test_requests_of_one_misp_are_bounded_and_paused() -> None:
    misp = MispInMemory(delay_s=1.0)
    outcomes_of(THREE_CHUNKS, {"A": misp}, [Target("A", concurrency=2)])
    assert (misp.most_in_flight, len(misp.queries)) == (2, CHUNKS)
    paused = MispInMemory(delay_s=0.1)
    outcomes_of(THREE_CHUNKS, {"A": paused}, [Target("A", pause_s=0.5)])
    assert paused.started_at == [0.0, 0.5, 1.0]


def test_searches_of_one_process_share_the_bound() -> None:
    misp = MispInMemory(delay_s=1.0)

    async def two_searches() -> None:
        gates = Gates()
        targets = [Target("A", concurrency=2)]
        both = (gather(THREE_CHUNKS, {"A": misp}, targets, gates=gates) for _ in range(2))
        for outcomes in await asyncio.gather(*both):
            assert states(outcomes, "A") == {"miss"}

    run_virtual(two_searches())
    assert (misp.most_in_flight, len(misp.queries)) == (2, 2 * CHUNKS)


def test_what_the_owner_leaves_out_is_in_the_question() -> None:
    misp = MispInMemory()
    target = Target(
        "A", published_only=True, left_out_tags=("tlp:red",), left_out_types=("comment",)
    )
    outcomes_of(ONE_CHUNK, {"A": misp}, [target])
    (query,) = misp.queries
    assert query.published_only
    assert (query.left_out_tags, query.left_out_types) == (("tlp:red",), ("comment",))
    assert query.limit == PAGE_ROWS


def test_rows_that_were_not_asked_are_dropped_and_counted() -> None:
    flood = [attribute(f"203.0.113.{n}", number=n) for n in range(1, 100)]
    stored = [attribute(address(3), number=1000), *flood]
    outcomes = outcomes_of(ONE_CHUNK, {"A": MispInMemory(lambda query, number: stored)})
    first = outcomes[0]
    assert isinstance(first, ChunkAnswer)
    assert (len(first.found), first.dropped) == (1, 99)


# Failures


@pytest.mark.parametrize("reason", sorted(conversation.OF_THE_WHOLE_MISP))
def test_a_failure_of_the_whole_misp_ends_the_asking_there_and_only_there(reason: Reason) -> None:
    failing = MispInMemory(raising(MispFailure(reason, permanent=False)))
    misps = {"bad": failing, "good": MispInMemory(delay_s=0.5)}
    targets = [Target("bad", concurrency=1), Target("good")]
    outcomes = outcomes_of(THREE_CHUNKS, misps, targets)
    assert states(outcomes, "bad") == {f"not_answered: {reason}"}
    assert states(outcomes, "good") == {"miss"}
    assert len(failing.queries) == 1
    assert done_of(outcomes, "bad").failure is reason


def test_a_failure_of_one_chunk_is_of_that_chunk_only() -> None:
    error = MispFailure(Reason.SERVER_ERROR, permanent=False)
    misp = MispInMemory(raising(error, None))
    outcomes = outcomes_of(THREE_CHUNKS, {"A": misp}, [Target("A", concurrency=1)])
    assert states(outcomes, "A") == {"not_answered: server_error", "miss"}
    done = done_of(outcomes, "A")
    assert (done.failure, done.rest) == (None, NO_REST)


def test_after_some_failed_chunks_in_a_row_the_misp_is_given_up() -> None:
    values = [ip_value(number) for number in range(1900)]
    misp = MispInMemory(raising(TIMED_OUT))
    outcomes = outcomes_of(values, {"A": misp}, [Target("A", concurrency=1)])
    assert len(misp.queries) == conversation.FAILED_CHUNKS_BEFORE_GIVING_UP
    assert states(outcomes, "A") == {"not_answered: timed_out"}
    assert done_of(outcomes, "A").rest == Rest(1, None, Reason.TIMED_OUT)


def test_failed_chunks_with_answers_between_them_do_not_end_the_asking() -> None:
    values = [ip_value(number) for number in range(1140)]
    misp = MispInMemory(raising(TIMED_OUT, TIMED_OUT, None, TIMED_OUT, TIMED_OUT, None))
    outcomes = outcomes_of(values, {"A": misp}, [Target("A", concurrency=1)])
    assert len(misp.queries) == 6
    assert done_of(outcomes, "A").failure is None


def test_a_misp_that_is_given_up_has_failed_even_if_it_answered_before() -> None:
    misp = MispInMemory(raising(None, KEY_REJECTED))
    outcomes = outcomes_of(THREE_CHUNKS, {"A": misp}, [Target("A", concurrency=1)])
    assert states(outcomes, "A") == {"miss", "not_answered: key_rejected"}
    done = done_of(outcomes, "A")
    assert (done.failure, done.rest.failures) == (Reason.KEY_REJECTED, 1)


def test_who_waits_in_the_gate_sends_nothing_after_the_misp_was_given_up() -> None:
    misp = MispInMemory(raising(KEY_REJECTED))
    outcomes = outcomes_of(THREE_CHUNKS, {"A": misp}, [Target("A", pause_s=1.0)])
    assert len(misp.queries) == 1
    assert states(outcomes, "A") == {"not_answered: key_rejected"}


def test_a_lost_connection_is_asked_once_more_but_only_once() -> None:
    once = MispInMemory(raising(LOST, None))
    twice = MispInMemory(raising(LOST))
    outcomes = outcomes_of(ONE_CHUNK, {"once": once, "twice": twice})
    assert states(outcomes, "once") == {"miss"}
    assert states(outcomes, "twice") == {"not_answered: connection_lost"}
    assert (done_of(outcomes, "once").requests, done_of(outcomes, "twice").requests) == (2, 2)


def test_a_time_out_is_not_asked_again() -> None:
    misp = MispInMemory(raising(TIMED_OUT))
    outcomes_of(ONE_CHUNK, {"A": misp})
    assert len(misp.queries) == 1


def test_a_rate_limit_that_ends_in_time_is_waited_for() -> None:
    misp = MispInMemory(raising(limited(8.0), None), delay_s=0.0)
    outcomes = outcomes_of(ONE_CHUNK, {"A": misp})
    assert misp.started_at == [0.0, 8.0]
    assert states(outcomes, "A") == {"miss"}


@pytest.mark.parametrize("retry_after_s", [None, 30.0, 900.0])
def test_a_rate_limit_that_does_not_end_in_time_is_told_at_once(
    retry_after_s: float | None,
) -> None:
    misp = MispInMemory(raising(limited(retry_after_s)))
    outcomes = outcomes_of(THREE_CHUNKS, {"A": misp}, [Target("A", concurrency=1)])
    assert states(outcomes, "A") == {"not_answered: rate_limited"}
    done = done_of(outcomes, "A")
    assert (done.requests, round(done.elapsed_ms)) == (1, 100)
    assert (done.rest.until is None) == (retry_after_s is None)


def test_a_rate_limit_that_never_ends_is_no_busy_loop() -> None:
    misp = MispInMemory(raising(limited(0.0)), delay_s=0.0)
    outcomes = outcomes_of(ONE_CHUNK, {"A": misp})
    assert misp.started_at == [0.0, 1.0, 2.0, 3.0]
    assert states(outcomes, "A") == {"not_answered: rate_limited"}


def test_a_rate_limit_keeps_the_next_search_out_too() -> None:
    misp = MispInMemory(raising(limited(900.0)))

    async def two_searches() -> list[Outcome]:
        gates = Gates()
        await gather(ONE_CHUNK, {"A": misp}, gates=gates)
        return await gather(ONE_CHUNK, {"A": misp}, gates=gates)

    outcomes = run_virtual(two_searches())
    assert states(outcomes, "A") == {"not_answered: rate_limited"}
    assert len(misp.queries) == 1


class BrokenError(Exception):
    """Quotes what it was asked, as a careless error does."""


@pytest.mark.parametrize("error", [BrokenError(address(1)), asyncio.CancelledError()])
def test_an_unexpected_error_is_a_result(error: BaseException) -> None:
    misps = {"broken": MispInMemory(raising(error)), "good": MispInMemory(delay_s=0.5)}
    with capture_logs() as logs:
        outcomes = outcomes_of(THREE_CHUNKS, misps)
    assert len(states(outcomes, "broken")) == 1
    assert states(outcomes, "broken") <= {
        "not_answered: malformed",
        "not_answered: connection_lost",
    }
    assert states(outcomes, "good") == {"miss"}
    assert address(1) not in repr(logs)


def test_a_line_that_cannot_be_opened_is_a_result() -> None:
    async def both() -> list[Outcome]:
        lines = {"no key": KEY_REJECTED, "broken": BrokenError()}

        def open_line(misp: str) -> NoReturn:
            raise lines[misp]

        targets = [Target(name) for name in lines]
        asking = ask(THREE_CHUNKS, targets, open_line, clock=VirtualClock())
        return [outcome async for outcome in asking]

    with capture_logs() as logs:
        outcomes = run_virtual(both())
    assert states(outcomes, "no key") == {"not_answered: key_rejected"}
    assert states(outcomes, "broken") == {"not_answered: malformed"}
    assert done_of(outcomes, "no key").requests == 0
    assert [entry["event"] for entry in logs] == ["searcher_broke"]


# Pages


def paged(stored: list[Attribute]) -> MispInMemory:
    def answer(query: AttributeQuery, number: int) -> list[Attribute]:
        start = (query.page - 1) * query.limit
        return stored[start : start + query.limit]

    return MispInMemory(answer)


def unasked(count: int) -> list[Attribute]:
    return [attribute("203.0.113.1", number=number) for number in range(1, count + 1)]


@pytest.mark.parametrize(("rows", "requests"), [(4_999, 1), (5_000, 2), (10_001, 3)])
def test_a_full_page_means_another(rows: int, requests: int) -> None:
    misp = paged([*unasked(rows - 1), attribute(address(4), number=99_999)])
    outcomes = outcomes_of(ONE_CHUNK, {"A": misp})
    assert [query.page for query in misp.queries] == list(range(1, requests + 1))
    assert cells_of(outcomes)["A"][4] == "hit"
    assert states(outcomes, "A") == {"hit", "miss"}


def test_after_too_many_rows_a_value_without_a_hit_is_no_miss() -> None:
    misp = paged([attribute(address(4), number=99_999), *unasked(30_000)])
    outcomes = outcomes_of(ONE_CHUNK, {"A": misp})
    assert len(misp.queries) == conversation.MAX_PAGES
    assert states(outcomes, "A") == {"hit", "not_answered: too_many_rows"}
    assert done_of(outcomes, "A").failure is None


def test_a_misp_that_repeats_its_page_is_not_asked_on_and_on() -> None:
    page = unasked(5_000)
    misp = MispInMemory(lambda query, number: page)
    outcomes = outcomes_of(ONE_CHUNK, {"A": misp})
    assert len(misp.queries) == 2
    assert states(outcomes, "A") == {"not_answered: too_many_rows"}


def test_hits_of_earlier_pages_stay_when_a_later_page_fails() -> None:
    def answer(query: AttributeQuery, number: int) -> list[Attribute]:
        if number > 1:
            raise KEY_REJECTED
        return [attribute(address(4), number=99_999), *unasked(4_999)]

    outcomes = outcomes_of(ONE_CHUNK, {"A": MispInMemory(answer)})
    assert states(outcomes, "A") == {"hit", "not_answered: key_rejected"}


# Time


def test_a_slow_misp_is_cut_off_by_the_requests_own_limit() -> None:
    outcomes = outcomes_of(ONE_CHUNK, {"A": MispInMemory(delay_s=math.inf)})
    assert states(outcomes, "A") == {"not_answered: timed_out"}
    assert done_of(outcomes, "A").elapsed_ms == 15_000


def test_the_deadline_ends_everything() -> None:
    misps = {"slow": MispInMemory(delay_s=2.5), "hangs": MispInMemory(delay_s=1e6)}
    targets = [Target("slow", concurrency=1), Target("hangs")]
    outcomes = outcomes_of(THREE_CHUNKS, misps, targets, deadline_s=4.0)
    assert states(outcomes, "slow") == {"miss", "not_answered: deadline"}
    assert states(outcomes, "hangs") == {"not_answered: deadline"}
    assert [round(each.elapsed_ms) for each in outcomes][-1] == 4_000


def test_a_short_deadline_says_nothing_against_a_misp_but_a_long_silence_does() -> None:
    misp = {"A": MispInMemory(delay_s=1e6)}
    hurried = done_of(outcomes_of(ONE_CHUNK, misp, deadline_s=4.9), "A")
    patient = done_of(outcomes_of(ONE_CHUNK, misp, deadline_s=5.0), "A")
    assert (hurried.failure, hurried.rest) == (None, NO_REST)
    assert (patient.failure, patient.rest.failures) == (Reason.TIMED_OUT, 1)


class Translating(MispInMemory):
    """Turns being cancelled into a failure of its own."""

    async def search(self, query: AttributeQuery) -> tuple[Attribute, ...]:
        try:
            return await super().search(query)
        except asyncio.CancelledError:
            raise TIMED_OUT from None


def test_a_time_out_at_the_deadline_is_the_deadlines() -> None:
    outcomes = outcomes_of(ONE_CHUNK, {"A": Translating(delay_s=1e6)}, deadline_s=3.0)
    assert states(outcomes, "A") == {"not_answered: deadline"}


class Stubborn(MispInMemory):
    """Does not let itself be cancelled, for a long time."""

    async def search(self, query: AttributeQuery) -> tuple[Attribute, ...]:
        end = asyncio.get_running_loop().time() + 1_000
        while (left := end - asyncio.get_running_loop().time()) > 0:
            try:
                await asyncio.sleep(left)
            except asyncio.CancelledError:
                continue
        return ()


def test_a_searcher_that_will_not_end_does_not_hold_the_search() -> None:
    async def story() -> tuple[list[Outcome], float]:
        misps = {"stubborn": Stubborn(), "good": MispInMemory()}
        outcomes = await gather(ONE_CHUNK, misps, deadline_s=3.0)
        return outcomes, asyncio.get_running_loop().time()

    outcomes, end_s = run_virtual(story())
    assert states(outcomes, "stubborn") == {"not_answered: deadline"}
    assert states(outcomes, "good") == {"miss"}
    assert end_s <= 3.0 + 2 * GRACE_S + 0.001


@pytest.mark.parametrize("deadline_s", [0.0, 0.99, 120.01, math.inf, math.nan])
def test_a_deadline_out_of_range_is_refused(deadline_s: float) -> None:
    with pytest.raises(ValueError, match="deadline"):
        outcomes_of(ONE_CHUNK, {}, deadline_s=deadline_s)


def test_a_reader_slower_than_the_deadline_loses_nothing() -> None:
    values = [ip_value(number) for number in range(3_000)]
    misps = {f"M{number}": MispInMemory() for number in range(10)}

    async def story() -> list[Outcome]:
        told = []
        targets = [Target(name) for name in misps]
        clock = VirtualClock()
        async for outcome in ask(values, targets, misps.__getitem__, deadline_s=1, clock=clock):
            told.append(outcome)
            await asyncio.sleep(0.5)
        return told

    outcomes = run_virtual(story())
    assert all(len(cells) == len(values) for cells in cells_of(outcomes).values())
    answers = [each for each in outcomes if isinstance(each, ChunkAnswer) and each.reason is None]
    assert len(answers) == sum(len(misp.queries) for misp in misps.values()) > 64


# Resting and probing


def test_a_resting_misp_is_not_asked_and_stays_as_it_is() -> None:
    rest = Rest(3, VirtualClock.START + timedelta(minutes=1), Reason.TIMED_OUT)
    misp = MispInMemory()
    outcomes = outcomes_of(THREE_CHUNKS, {"A": misp}, [Target("A", rest=rest)])
    assert states(outcomes, "A") == {"not_asked: resting"}
    done = done_of(outcomes, "A")
    assert (done.rest, done.requests, done.elapsed_ms) == (rest, 0, 0.0)
    assert misp.queries == []


def probed(misp: MispInMemory) -> list[Outcome]:
    rest = Rest(4, VirtualClock.START - timedelta(seconds=1), Reason.TIMED_OUT)
    return outcomes_of(THREE_CHUNKS, {"A": misp}, [Target("A", rest=rest, may_probe=True)])


def test_a_probe_that_succeeds_goes_on_with_the_rest_and_heals() -> None:
    misp = MispInMemory(delay_s=1.0)
    outcomes = probed(misp)
    assert misp.started_at == [0.0, 1.0, 1.0]
    assert states(outcomes, "A") == {"miss"}
    assert done_of(outcomes, "A").rest == NO_REST


def test_a_probe_that_fails_asks_nothing_more_and_rests_longer() -> None:
    misp = MispInMemory(raising(MispFailure(Reason.SERVER_ERROR, permanent=False)))
    outcomes = probed(misp)
    assert len(misp.queries) == 1
    assert states(outcomes, "A") == {"not_answered: server_error"}
    rest = done_of(outcomes, "A").rest
    assert rest.failures == 5
    assert rest.until is not None
    assert rest.until > VirtualClock.START + timedelta(minutes=1)


# The end of the asker


def test_a_cancelled_search_tells_what_is_left_and_then_ends() -> None:
    misps = {"fast": MispInMemory(), "hangs": MispInMemory(delay_s=1e6)}
    told: list[Outcome] = []

    async def search() -> None:
        targets = [Target(name) for name in misps]
        async for outcome in ask(ONE_CHUNK, targets, misps.__getitem__, clock=VirtualClock()):
            told.append(outcome)

    async def story() -> None:
        task = asyncio.create_task(search())
        await asyncio.sleep(2.0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert misps["hangs"].in_flight == 0

    run_virtual(story())
    assert states(told, "fast") == {"miss"}
    assert states(told, "hangs") == {"not_answered: interrupted"}
    assert done_of(told, "hangs").failure is None


def test_a_reader_that_leaves_stops_the_requests() -> None:
    misp = MispInMemory(delay_s=5.0)

    async def story() -> None:
        asking = ask(
            ONE_CHUNK,
            [Target("A"), Target("off", enabled=False)],
            lambda name: misp,
            clock=VirtualClock(),
        )
        await anext(asking)
        await asyncio.sleep(1.0)
        assert misp.in_flight == 1
        await asking.aclose()
        assert misp.in_flight == 0

    run_virtual(story())


def test_a_mistake_in_a_worker_leaves_no_cell_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    async def mistaken(self: object, group: object) -> None:
        raise BrokenError

    monkeypatch.setattr(conversation.Conversation, "run", mistaken)
    with capture_logs() as logs:
        outcomes = outcomes_of(ONE_CHUNK, {"A": MispInMemory()})
    assert states(outcomes, "A") == {"not_answered: interrupted"}
    assert [entry["event"] for entry in logs] == ["asking_broke"]


def test_nobody_to_ask_and_nothing_to_ask() -> None:
    assert outcomes_of(ONE_CHUNK, {}) == []
    (done,) = outcomes_of([], {"A": MispInMemory()})
    assert (type(done), done.misp) == (MispDone, "A")


def test_ten_thousand_values_at_twenty_misps() -> None:
    values = [ip_value(number) for number in range(10_000)]
    misps = {f"M{number}": MispInMemory(holding(address(number))) for number in range(20)}
    outcomes = outcomes_of(values, misps)
    cells = cells_of(outcomes)
    assert all(len(own) == 10_000 for own in cells.values())
    assert all(cells[f"M{number}"][number] == "hit" for number in range(20))
