"""A sync, one story at a time: what is read, what is kept, what is removed, what is asked."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from securegrid.index import feed, reading
from securegrid.index.port import GenerationMissing
from securegrid.index.rules import Pace, Quiet, Rules
from securegrid.index.sync import Progress, SyncReport, sync
from securegrid.index.trouble import Trouble
from securegrid.misp.failures import Case, MispFailure, Reason, failure
from securegrid.misp.identities import ContentsQuery
from tests.unit.index.memory_store import MemoryStore
from tests.unit.index.small_misp import GENERATION, KEY, JumpingClock, SmallMisp

Run = Callable[..., Awaitable[SyncReport]]


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
def misp(clock: JumpingClock) -> SmallMisp:
    return SmallMisp(clock)


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.create(GENERATION)
    return store


@pytest.fixture
def run(misp: SmallMisp, store: MemoryStore, clock: JumpingClock) -> Run:
    """Lets a minute go by, and syncs."""

    async def go(rules: Rules = Rules(), **options: Any) -> SyncReport:  # noqa: B008 - frozen
        clock.s += 60
        misp.asked.clear()
        misp.queries.clear()
        return await sync(misp, store, GENERATION, KEY, rules, clock=clock, **options)

    return go


def _rows(store: MemoryStore) -> set[Any]:
    return store.rows(GENERATION)


async def test_a_first_sync_holds_everything(run: Run, misp: SmallMisp, store: MemoryStore) -> None:
    for size in (0, 3, 200, 1):
        misp.add_event(size)
    report = await run()
    assert report.complete
    assert report.failure is None
    assert _rows(store) == misp.rows(Rules()) != set()
    assert (report.listed, report.written.events, report.written.attributes) == (4, 4, 204)
    assert report.requests == len(misp.asked) == 3


async def test_what_did_not_change_is_not_read_again(run: Run, misp: SmallMisp) -> None:
    misp.add_event(5)
    await run()
    report = await run()
    assert misp.asked == ["events"]
    assert report.complete
    assert report.written.events == 0


async def test_only_changed_events_are_read(
    run: Run, misp: SmallMisp, store: MemoryStore, clock: JumpingClock
) -> None:
    events = [misp.add_event(5) for _ in range(4)]
    await run()
    clock.s += 60
    misp.add(events[2])
    await run()
    (counts, contents) = misp.queries
    assert counts.event_ids == contents.event_ids == (events[2].id,)
    assert _rows(store) == misp.rows(Rules())


async def test_a_timestamp_that_goes_back_is_a_change(
    run: Run, misp: SmallMisp, store: MemoryStore
) -> None:
    event = misp.add_event(2)
    await run()
    misp.add(event)
    event.timestamp -= 100_000
    await run()
    assert _rows(store) == misp.rows(Rules())


async def test_deletions_are_followed_at_once(
    run: Run, misp: SmallMisp, store: MemoryStore, clock: JumpingClock
) -> None:
    kept, lessened, gone = (misp.add_event(3) for _ in range(3))
    await run()
    clock.s += 60
    del misp.events_held[gone.id]
    lessened.attributes[0].deleted = True
    misp.touch(lessened)
    held_at_first_read: list[int] = []

    async def note(what: str) -> None:
        if what == "counts":
            held_at_first_read.append(len(store.stamps(GENERATION)))

    misp.before = note
    report = await run()
    assert report.removed == 1
    assert held_at_first_read == [2], "what is gone must go before anything is read"
    assert _rows(store) == misp.rows(Rules())
    assert len(kept.attributes) == 3


async def test_an_attribute_marked_deleted_in_the_answer_stays_out(
    run: Run, misp: SmallMisp, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = misp.add_event(2)
    event.attributes[0].deleted = True
    monkeypatch.setattr(type(event), "live", lambda self: iter(self.attributes))
    real = misp._contents

    def told_deleted(query: ContentsQuery) -> Any:
        first, second = real(query)
        return (type(first)(first.uuid, first.event_id, first.type, first.value, True), second)

    misp._contents = told_deleted  # type: ignore[method-assign]
    await run()
    assert {row.attribute for row in _rows(store)} == {event.attributes[1].uuid.bytes}


async def test_unpublished_events_are_left_out_where_the_owner_wants_it(
    run: Run, misp: SmallMisp, store: MemoryStore
) -> None:
    rules = Rules(published_only=True)
    event, draft = misp.add_event(3), misp.add_event(2, published=False)
    await run(rules)
    assert _rows(store) == misp.rows(rules)
    assert all(draft.id not in query.event_ids for query in misp.queries)
    event.published, draft.published = False, True
    await run(rules)
    assert _rows(store) == misp.rows(rules) != set()
    assert event.uuid.bytes not in store.stamps(GENERATION)


async def test_an_event_unpublished_while_it_is_read_is_not_kept(
    run: Run, misp: SmallMisp, store: MemoryStore
) -> None:
    event = misp.add_event(3)

    async def unpublish(what: str) -> None:
        event.published = event.published and what != "counts"

    misp.after = unpublish
    await run(Rules(published_only=True))
    assert _rows(store) == set()
    await run(Rules(published_only=True))
    assert store.stamps(GENERATION) == {}


async def test_left_out_types_and_tags_are_not_kept(
    run: Run, misp: SmallMisp, store: MemoryStore
) -> None:
    rules = Rules(left_out_tags=("tlp:red",), left_out_types=("ip-dst",))
    event, red = misp.add_event(2), misp.add_event(2, tags=("tlp:red",))
    misp.add(event, "ip-dst", "198.51.100.7")
    misp.add(event, "domain", "inner.example", tags=("tlp:red",))
    await run(rules)
    assert _rows(store) == misp.rows(rules)
    assert len({row.attribute for row in _rows(store)}) == 2
    assert all(query.event_ids == (event.id,) for query in misp.queries[1:])
    assert red.uuid.bytes in store.stamps(GENERATION), "known, so that it is not asked again"


async def test_an_event_whose_tags_are_not_told_is_not_kept_where_tags_are_left_out(
    run: Run, misp: SmallMisp, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    misp.add_event(2)
    monkeypatch.setattr(misp, "_counts", lambda _query: ())
    await run(Rules(left_out_tags=("tlp:red",)))
    assert _rows(store) == set()
    await run(Rules())
    assert _rows(store) == misp.rows(Rules())


async def test_batches_are_sized_by_attributes(
    run: Run, misp: SmallMisp, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE_ATTRIBUTES", 1_000)
    sizes = (300, 600, 300, 999, 2_500, 1_000, 1)
    events = [misp.add_event(size) for size in sizes]
    await run()
    asked = [(q.event_ids, q.page) for q in misp.queries if isinstance(q, ContentsQuery)]
    ids = [event.id for event in events]
    assert asked == [
        ((ids[0], ids[1]), 1),
        ((ids[2],), 1),
        ((ids[3],), 1),
        *(((ids[4],), page) for page in (1, 2, 3)),
        ((ids[5],), 1),
        ((ids[5],), 2),
        ((ids[6],), 1),
    ]
    assert _rows(store) == misp.rows(Rules())
    assert (await run()).written.events == 0


async def test_at_most_190_events_in_a_list(run: Run, misp: SmallMisp, store: MemoryStore) -> None:
    for _ in range(400):
        misp.add_event(1)
    await run()
    assert max(len(query.event_ids) for query in misp.queries) == 190
    assert _rows(store) == misp.rows(Rules())


async def test_an_event_that_changes_while_it_is_read_is_read_again(
    run: Run, misp: SmallMisp, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pages shift: one attribute is missed, and the timestamp need not tell."""
    monkeypatch.setattr(reading, "PAGE_ATTRIBUTES", 500)
    event = misp.add_event(1_200)
    pages = 0

    async def delete_the_first(what: str) -> None:
        nonlocal pages
        pages += what == "contents"
        if pages == 1:
            event.attributes[0].deleted = True

    misp.after = delete_the_first
    report = await run()
    assert report.written.unequal == 1
    assert _rows(store) != misp.rows(Rules())
    await run()
    assert _rows(store) == misp.rows(Rules())


async def test_attributes_that_are_counted_and_never_given_are_asked_for_twice_only(
    run: Run, misp: SmallMisp, store: MemoryStore
) -> None:
    event = misp.add_event(3)
    misp.add(event, hidden=True)
    assert (await run()).written.unequal == 1
    assert (await run()).written.events == 1
    assert (await run()).written.events == 0
    assert _rows(store) == misp.rows(Rules())


async def test_an_edit_in_the_second_of_the_list_is_not_missed(
    run: Run, misp: SmallMisp, store: MemoryStore, clock: JumpingClock
) -> None:
    event = misp.add_event(3)

    async def edit_before_and_after(what: str) -> None:
        if what == "events":
            misp.add(event)

    misp.before = edit_before_and_after
    await run()
    clock.s -= 60  # still the same second, by the MISP's clock
    misp.before = SmallMisp(clock).before
    clock.s += 60
    event.attributes[0].value = "unseen.example"
    await run()
    assert _rows(store) == misp.rows(Rules())
    assert (await run()).written.events == 0


async def test_an_event_that_vanishes_while_it_is_read_is_not_kept(
    run: Run, misp: SmallMisp, store: MemoryStore
) -> None:
    gone, kept = misp.add_event(2), misp.add_event(2)

    async def delete(what: str) -> None:
        if what == "counts":
            misp.events_held.pop(gone.id, None)

    misp.before = delete
    await run()
    assert set(store.stamps(GENERATION)) == {kept.uuid.bytes}


async def test_answers_with_other_events_are_not_taken(
    run: Run, misp: SmallMisp, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As from a MISP that ignores the filter (trap 1)."""
    first, second = misp.add_event(2), misp.add_event(2)
    await run()
    misp.add(first)
    real = misp._contents
    everything = lambda q: real(ContentsQuery((first.id, second.id), q.limit, q.page))  # noqa: E731
    monkeypatch.setattr(misp, "_contents", everything)
    await run()
    assert _rows(store) == misp.rows(Rules())


async def test_one_request_at_a_time_unless_the_owner_allows_more(
    run: Run, misp: SmallMisp, store: MemoryStore
) -> None:
    for _ in range(800):
        misp.add_event(1)
    await run()
    assert misp.most_at_once == 1
    for event in misp.events_held.values():
        event.timestamp += 1
    await run(pace=Pace(at_a_time=3))
    assert misp.most_at_once == 3
    assert _rows(store) == misp.rows(Rules())


@pytest.mark.parametrize(
    ("pace", "at_least_s"),
    [
        (Pace(requests_per_minute=2), 2 * 30),
        (Pace(attributes_per_minute=600), 2 * 50),
        (Pace(), 0),
    ],
)
async def test_the_owner_sets_the_rate(
    run: Run, misp: SmallMisp, clock: JumpingClock, pace: Pace, at_least_s: float
) -> None:
    for _ in range(3):
        misp.add_event(500)
    before = clock.s + 60
    report = await run(pace=pace)
    assert report.complete
    assert at_least_s <= clock.s - before <= 1.5 * at_least_s
    assert report.elapsed_s == clock.s - before


async def test_quiet_hours_stop_a_sync_which_then_goes_on(
    run: Run, misp: SmallMisp, store: MemoryStore
) -> None:
    for _ in range(300):
        misp.add_event(2)
    quiet = Quiet(time(10, 5), time(18), ZoneInfo("Europe/Berlin"))  # 9:05 UTC, in winter
    pace = Pace(requests_per_minute=1, quiet=(quiet,))
    report = await run(pace=pace)
    assert (report.quiet, report.complete, report.failure) == (True, False, None)
    assert len(store.stamps(GENERATION)) == 190
    assert (await run(pace=pace)).requests == 0
    report = await run(pace=Pace())
    assert report.written.events == 110
    assert _rows(store) == misp.rows(Rules())


@pytest.mark.parametrize("case", Case)
@pytest.mark.parametrize("at", ["events", "counts", "contents"])
async def test_one_failure_of_any_kind_is_survived_or_told(
    run: Run, misp: SmallMisp, store: MemoryStore, at: str, case: Case
) -> None:
    misp.add_event(2)
    misp.add_event(3)
    failed: list[str] = []

    async def fail_once(what: str) -> None:
        if what == at and not failed:
            failed.append(what)
            raise failure(case)

    misp.before = fail_once
    report = await run()
    told = failure(case)
    ends = told.permanent or (told.retry_after_s or 0) > 120
    assert report.complete is not ends
    assert report.failure == (told.reason if ends else None)
    assert report.retry_after_s == (told.retry_after_s if ends else None)
    assert (await run()).complete
    assert _rows(store) == misp.rows(Rules())


async def test_the_wait_that_a_misp_names_is_kept(
    run: Run, misp: SmallMisp, clock: JumpingClock
) -> None:
    moments: list[float] = []

    async def limit(_what: str) -> None:
        moments.append(clock.s)
        if len(moments) == 1:
            raise failure(Case.TOO_MANY_REQUESTS, retry_after_s=70)

    misp.before = limit
    assert (await run()).complete
    assert moments[1] - moments[0] == 70


async def test_a_misp_that_never_answers_is_given_up(run: Run, misp: SmallMisp) -> None:
    async def refuse(_what: str) -> None:
        raise failure(Case.NOT_LISTENING)

    misp.before = refuse
    report = await run()
    assert (report.failure, report.complete, report.requests) == (Reason.UNREACHABLE, False, 4)
    assert 60 < report.elapsed_s < 300


async def test_an_event_that_a_misp_chokes_on_is_left_and_told(
    run: Run, misp: SmallMisp, store: MemoryStore
) -> None:
    events = [misp.add_event(3) for _ in range(40)]
    bad = events[17]

    async def choke(what: str) -> None:
        if what == "contents" and bad.id in misp.queries[-1].event_ids:
            raise failure(Case.INTERNAL_ERROR)

    misp.before = choke
    report = await run()
    assert report.complete
    assert (report.unreadable, report.failure) == (1, Reason.SERVER_ERROR)
    assert len(store.stamps(GENERATION)) == 39
    misp.before = SmallMisp(misp.clock).before
    assert (await run()).failure is None
    assert _rows(store) == misp.rows(Rules())


async def test_an_answer_too_large_is_asked_for_in_parts(
    run: Run, misp: SmallMisp, store: MemoryStore
) -> None:
    for size in (800, 900, 1_000, 3_000, 10):
        misp.add_event(size)

    async def refuse_large(what: str) -> None:
        query = misp.queries[-1] if misp.queries else None
        if isinstance(query, ContentsQuery) and what == "contents":
            inside = sum(len(misp.events_held[i].attributes) for i in query.event_ids)
            if min(query.limit, inside) > 1_300:
                raise failure(Case.BODY_TOO_LARGE)

    misp.before = refuse_large
    report = await run()
    assert report.complete
    assert report.unreadable == 0
    assert _rows(store) == misp.rows(Rules())


async def test_a_large_event_whose_later_page_fails_is_begun_anew(
    run: Run, misp: SmallMisp, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE_ATTRIBUTES", 2_000)
    misp.add_event(5_000)

    async def fail_late(what: str) -> None:
        query = misp.queries[-1] if misp.queries else None
        late = isinstance(query, ContentsQuery) and (query.page, query.limit) == (2, 2_000)
        if late and what == "contents":
            raise failure(Case.BROKEN_JSON)

    misp.before = fail_late
    report = await run()
    assert report.complete
    assert (report.written.attributes, report.written.unequal) == (5_000, 0)
    assert _rows(store) == misp.rows(Rules())


async def test_a_page_that_became_full_is_asked_for_in_halves(
    run: Run, misp: SmallMisp, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE_ATTRIBUTES", 600)
    events = [misp.add_event(100) for _ in range(5)]

    async def grow(what: str) -> None:
        while what == "counts" and len(events[4].attributes) < 250:
            misp.add(events[4])

    misp.after = grow
    report = await run()
    assert report.written.attributes == 650
    await run()
    assert _rows(store) == misp.rows(Rules())


async def test_a_misp_that_turns_no_pages_is_not_asked_for_ever(
    run: Run, misp: SmallMisp, monkeypatch: pytest.MonkeyPatch
) -> None:
    misp.add_event(700)
    real = misp._contents
    same = lambda q: real(ContentsQuery(q.event_ids, min(q.limit, 500)))  # noqa: E731
    monkeypatch.setattr(reading, "PAGE_ATTRIBUTES", 500)
    monkeypatch.setattr(misp, "_contents", same)
    report = await run()
    assert report.unreadable == 1
    assert report.failure is Reason.MALFORMED


async def test_a_store_that_fails_is_told_without_its_words(
    run: Run, misp: SmallMisp, store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    misp.add_event(2)

    def full(_what: str) -> None:
        raise OSError("planted-secret.example: no space left")

    store.before = full
    report = await run()
    assert (report.failure, report.complete) == (Trouble.STORE_FAILED, False)
    assert "planted" not in caplog.text + repr(report)


async def test_a_generation_dropped_meanwhile_is_not_made_again(
    run: Run, misp: SmallMisp, store: MemoryStore
) -> None:
    misp.add_event(2)

    async def drop(what: str) -> None:
        if what == "contents":
            store.drop(GENERATION)

    misp.before = drop
    with pytest.raises(GenerationMissing):
        await run()
    with pytest.raises(GenerationMissing):
        await run()
    assert store.generations() == frozenset()


async def test_builds_end_often_enough_and_grow(
    run: Run,
    misp: SmallMisp,
    store: MemoryStore,
    clock: JumpingClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """40 answers of 20 s: each build has at least half of all before it, or takes long."""
    # However busy the machine is, the writing is one answer behind the reading at most.
    monkeypatch.setattr(feed, "MAX_WAITING_BYTES", 0)
    for _ in range(190 * 20):
        misp.add_event(1)
    builds: list[int] = []
    real = store.build

    def build(generation: Any, events: Any) -> None:
        before = store.size(generation).rows
        real(generation, events)
        builds.append(store.size(generation).rows - before)

    async def take_time(_what: str) -> None:
        clock.s += 20

    store.build = build  # type: ignore[method-assign]
    misp.after = take_time
    await run()
    assert sum(builds) == len(_rows(store))
    assert 3 <= len(builds) <= 8
    assert all(2 * one >= sum(builds[:n]) for n, one in enumerate(builds[:-1]))


async def test_progress_is_told(run: Run, misp: SmallMisp, clock: JumpingClock) -> None:
    for _ in range(400):
        misp.add_event(2)

    async def take_time(_what: str) -> None:
        clock.s += 10

    misp.after = take_time
    told: list[Progress] = []
    await run(progress=told.append)
    assert told[0] == Progress(events_total=400)
    assert told[-1].events_done == told[-1].events_total == 400
    assert told[-1].attributes_done == told[-1].attributes_total == 800
    assert told[-1].remaining_s == 0
    assert told[-1].rate_per_s == pytest.approx(800 / 70)
    between = [one for one in told if 0 < one.events_done < 400]
    assert between
    assert all(one.remaining_s is not None and one.remaining_s > 0 for one in between)


async def test_progress_names_the_last_error_until_it_is_over(run: Run, misp: SmallMisp) -> None:
    for _ in range(400):
        misp.add_event(2)
    asked = 0

    async def fail_sometimes(what: str) -> None:
        nonlocal asked
        asked += 1
        if asked == 4:
            await asyncio.sleep(0.05)
            raise MispFailure(Reason.UNAVAILABLE, permanent=False)

    misp.before = fail_sometimes
    told: list[Progress] = []
    await run(progress=told.append)
    assert told[-1].last_error is None


async def test_nothing_of_a_value_is_in_what_is_told(
    run: Run, misp: SmallMisp, caplog: pytest.LogCaptureFixture
) -> None:
    event = misp.add_event(0)
    misp.add(event, "domain", "planted-secret.example")
    told: list[Progress] = []
    report = await run(progress=told.append)
    assert "planted" not in caplog.text + repr(report) + repr(told)
