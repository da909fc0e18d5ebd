"""Searching indexed MISPs: cells from the index, details by UUID, and what the owner learns."""

import threading
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from securegrid.federation.outcomes import CellState, Why
from securegrid.index.port import Row
from securegrid.misp.failures import Reason
from securegrid.portal.accounts.models import User
from securegrid.portal.alliance.models import Misp, Visibility
from securegrid.portal.disclosure import ledger, owner
from securegrid.portal.disclosure.models import Basis, LedgerEntry
from securegrid.portal.indexing import services as indexing
from securegrid.portal.searches import cells, services
from securegrid.portal.searches.columns import columns, misp_shape
from securegrid.portal.searches.engine import Engine, engine
from securegrid.portal.searches.models import Hit, Search
from securegrid.portal.searches.shapes import MispState
from securegrid.values.model import Extraction, Kind
from tests.conftest import MakeMisp
from tests.fake_misp import answer_status, attribute, hang
from tests.unit.portal.searches.conftest import (
    RunSearch,
    StartMisp,
    entry,
    extraction,
    finish,
)
from tests.unit.portal.searches.indexes import EVENT, HIT, Indexed, synced

pytestmark = pytest.mark.django_db(transaction=True)


def cell(search: Search, misp: Misp, position: int) -> cells.Cell:
    stored = bytes(search.answers.get(misp=misp).cells)
    return cells.cell(stored[position])


def shape(search: Search, misp: Misp) -> Any:
    return next(misp_shape(c) for c in columns(search) if c.misp_id == str(misp.public_id))


def test_only_uuids_of_hits_are_sent(
    indexed: Indexed, searcher: User, run_search: RunSearch
) -> None:
    search = run_search(searcher, "hit.example", "miss.example")
    assert cell(search, indexed.misp, 0) == cells.Cell(CellState.HIT)
    assert cell(search, indexed.misp, 1) == cells.Cell(CellState.MISS)
    assert (indexed.fake.asked, indexed.fake.fetched) == ([], [[HIT["uuid"]]])
    assert Hit.objects.get().attribute["value"] == "hit.example"
    row = LedgerEntry.objects.get()
    assert (row.value, row.basis, len(row.events)) == ("hit.example", Basis.CHECKED, 1)


def test_a_search_without_a_hit_sends_nothing(
    indexed: Indexed, searcher: User, run_search: RunSearch
) -> None:
    search = run_search(searcher, "miss.example")
    assert (indexed.fake.asked, indexed.fake.fetched) == ([], [])
    told = shape(search, indexed.misp)
    assert (told.state, told.requests, told.mode) == (MispState.ANSWERED, 0, "indexed")
    assert told.index_age_s < 60
    assert not LedgerEntry.objects.exists()


def test_what_was_deleted_since_the_sync_is_a_miss_and_leaves_no_trace(
    indexed: Indexed, searcher: User, run_search: RunSearch
) -> None:
    search = run_search(searcher, "stale.example", "hit.example")
    assert cell(search, indexed.misp, 0) == cells.Cell(CellState.MISS)
    assert [row.value for row in LedgerEntry.objects.all()] == ["hit.example"]
    assert [hit.position for hit in Hit.objects.all()] == [1]
    assert search.values_hit == 1


def test_what_changed_since_the_sync_is_dropped(
    indexed: Indexed, searcher: User, run_search: RunSearch
) -> None:
    indexed.fake.attributes[:] = [HIT | {"value": "other.example"}]
    search = run_search(searcher, "hit.example", "other.example")
    assert shape(search, indexed.misp).values_hit == 0
    assert not LedgerEntry.objects.exists()
    assert not Hit.objects.exists()


def test_a_misp_that_is_down_shows_hits_without_details(
    indexed: Indexed, searcher: User, run_search: RunSearch, member: Any
) -> None:
    indexed.fake.behaviour = answer_status(500)
    search = run_search(searcher, "hit.example", "miss.example")
    assert cell(search, indexed.misp, 0) == cells.Cell(CellState.HIT, Reason.SERVER_ERROR)
    told = shape(search, indexed.misp)
    assert (told.state, told.reason, told.values_hit) == (MispState.PARTLY, "server_error", 1)
    hit = Hit.objects.get()
    assert (hit.count, hit.event, hit.attribute, hit.relation) == (1, None, None, "equal")
    (line,) = owner.page(ledger.entries(member)).lines
    assert (line.value, line.basis, line.events) == ("hit.example", "last_sync", [])


def test_asking_again_brings_the_details(
    indexed: Indexed, searcher: User, run_search: RunSearch
) -> None:
    indexed.fake.behaviour = answer_status(500)
    search = run_search(searcher, "hit.example", "stale.example", "miss.example")
    assert columns(search)[0].missing() == (0, 1)
    indexed.fake.behaviour = None
    search = finish(services.retry(search))
    assert cell(search, indexed.misp, 0) == cells.Cell(CellState.HIT)
    assert cell(search, indexed.misp, 1) == cells.Cell(CellState.MISS)
    assert [bool(hit.attribute) for hit in Hit.objects.all()] == [True]
    entries = {row.value: row.basis for row in LedgerEntry.objects.all()}
    # The searcher was told of both by the first round, and that stays in the ledger.
    assert entries == {"hit.example": Basis.CHECKED, "stale.example": Basis.LAST_SYNC}


def test_asking_again_while_it_is_still_down_doubles_nothing(
    indexed: Indexed, searcher: User, run_search: RunSearch
) -> None:
    indexed.fake.behaviour = answer_status(500)
    search = finish(services.retry(run_search(searcher, "hit.example")))
    assert cell(search, indexed.misp, 0).reason is Reason.SERVER_ERROR
    assert Hit.objects.count() == LedgerEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("visibility", "count"), [(Visibility.EXISTS, None), (Visibility.COUNT, 1)]
)
def test_where_only_numbers_may_be_shown_nothing_is_fetched(
    indexed: Indexed,
    searcher: User,
    run_search: RunSearch,
    visibility: Visibility,
    count: int | None,
) -> None:
    Misp.objects.update(visibility=visibility)
    search = run_search(searcher, "hit.example", "stale.example", "miss.example")
    assert (indexed.fake.asked, indexed.fake.fetched) == ([], [])
    assert [cell(search, indexed.misp, at).state for at in range(3)] == [
        CellState.HIT,
        CellState.HIT,
        CellState.MISS,
    ]
    assert [hit.count for hit in Hit.objects.all()] == [count, count]
    assert {row.basis for row in LedgerEntry.objects.all()} == {Basis.LAST_SYNC}
    told = shape(search, indexed.misp)
    assert (told.state, told.attributes) == (MispState.ANSWERED, None if count is None else 2)


def test_the_own_member_sees_everything_and_leaves_no_entry(
    indexed: Indexed, analyst: User, run_search: RunSearch
) -> None:
    Misp.objects.update(visibility=Visibility.EXISTS)
    run_search(analyst, "hit.example")
    assert indexed.fake.fetched == [[HIT["uuid"]]]
    assert Hit.objects.get().attribute is not None
    assert not LedgerEntry.objects.exists()


def test_cells_appear_before_the_details_with_an_entry_that_the_owner_does_not_see_yet(
    indexed: Indexed, searcher: User, member: Any
) -> None:
    indexed.fake.delay_s = 1.5
    search = services.ask(searcher, extraction("hit.example", "stale.example", "miss.example"))
    _until(lambda: bytes(search.answers.get().cells) == bytes([cells.COMING] * 2 + [cells.MISS]))
    assert shape(search, indexed.misp).state is MispState.RUNNING
    assert {row.basis for row in LedgerEntry.objects.all()} == {Basis.PENDING}
    assert not ledger.entries(member).exists()
    later = timezone.now() + 2 * ledger.PENDING_UNSEEN
    assert ledger.entries(member, now=later).count() == 2
    finish(search)
    assert [row.value for row in ledger.entries(member)] == ["hit.example"]


def test_a_search_that_is_cut_off_leaves_what_was_shown(indexed: Indexed, searcher: User) -> None:
    indexed.fake.behaviour = hang
    search = services.ask(searcher, extraction("hit.example", "miss.example"))
    _until(lambda: cells.COMING in bytes(search.answers.get().cells))
    engine().cancel(search.public_id)
    search = finish(search)
    assert cell(search, indexed.misp, 0) == cells.Cell(CellState.HIT, Why.INTERRUPTED)
    assert cell(search, indexed.misp, 1) == cells.Cell(CellState.MISS)
    assert LedgerEntry.objects.get().basis == Basis.LAST_SYNC
    assert Hit.objects.get().event is None


def test_a_stale_index_is_not_asked_and_never_asked_live(
    indexed: Indexed, searcher: User, run_search: RunSearch
) -> None:
    synced(indexed.misp, [HIT], timezone.now() - timedelta(days=365))
    search = run_search(searcher, "hit.example")
    assert cell(search, indexed.misp, 0) == cells.Cell(CellState.NOT_ASKED, Why.INDEX_STALE)
    assert (indexed.fake.asked, indexed.fake.fetched) == ([], [])
    assert columns(search)[0].missing() == (0,)
    synced(indexed.misp, [HIT])
    search = finish(services.retry(search))
    assert cell(search, indexed.misp, 0) == cells.Cell(CellState.HIT)


def test_an_index_that_was_never_filled_is_not_asked(
    start_misp: StartMisp, make_misp: MakeMisp, searcher: User, run_search: RunSearch
) -> None:
    fake = start_misp([HIT])
    misp = make_misp(url=fake.url, mode="indexed")
    search = run_search(searcher, "hit.example")
    assert cell(search, misp, 0) == cells.Cell(CellState.NOT_ASKED, Why.INDEX_MISSING)
    assert shape(search, misp).index_age_s is None
    assert (fake.asked, fake.fetched) == ([], [])


def test_a_private_search_asks_no_live_misp(
    indexed: Indexed,
    start_misp: StartMisp,
    make_misp: MakeMisp,
    searcher: User,
    run_search: RunSearch,
) -> None:
    fake = start_misp([HIT])
    live = make_misp(url=fake.url)
    search = run_search(searcher, "hit.example", private=True)
    assert cell(search, live, 0) == cells.Cell(CellState.NOT_ASKED, Why.NOT_PRIVATE)
    assert cell(search, indexed.misp, 0) == cells.Cell(CellState.HIT)
    assert (fake.asked, fake.fetched) == ([], [])
    assert [column.missing() for column in columns(search)] == [(), ()]


def test_live_and_indexed_misps_in_one_search(
    indexed: Indexed,
    start_misp: StartMisp,
    make_misp: MakeMisp,
    searcher: User,
    run_search: RunSearch,
) -> None:
    fake = start_misp([HIT])
    live = make_misp(url=fake.url)
    search = run_search(searcher, "hit.example", "miss.example")
    assert fake.asked_values == {"hit.example", "miss.example"}
    assert indexed.fake.asked == []
    assert {shape(search, one).mode for one in (live, indexed.misp)} == {"live", "indexed"}
    assert search.values_hit == 1
    assert shape(search, live).index_age_s is None


def test_related_hits_only_when_wanted(
    indexed: Indexed, searcher: User, run_search: RunSearch
) -> None:
    url = attribute("http://hit.example/payload", EVENT, "url")
    indexed.fake.attributes.append(url)
    synced(indexed.misp, [HIT, url])
    run_search(searcher, "hit.example")
    assert [hit.relation for hit in Hit.objects.all()] == ["equal"]
    Hit.objects.all().delete()
    search = run_search(searcher, "hit.example", related=True)
    assert sorted(hit.relation for hit in search.hits.all()) == ["equal", "same_host"]


def test_a_network_too_wide_says_so(indexed: Indexed, searcher: User) -> None:
    asked = Extraction((entry("10.0.0.0/8", Kind.CIDR),), ())
    search = finish(services.ask(searcher, asked, related=True))
    assert cell(search, indexed.misp, 0) == cells.Cell(CellState.NOT_ASKED, Why.TOO_WIDE)


def test_a_misp_that_is_switched_off_is_not_looked_up(
    indexed: Indexed, searcher: User, run_search: RunSearch
) -> None:
    Misp.objects.update(enabled=False)
    search = run_search(searcher, "hit.example")
    assert cell(search, indexed.misp, 0) == cells.Cell(CellState.NOT_ASKED, Why.SWITCHED_OFF)
    assert not LedgerEntry.objects.exists()


def test_a_resting_misp_shows_what_its_index_holds(
    indexed: Indexed, searcher: User, run_search: RunSearch
) -> None:
    Misp.objects.update(resting_until=timezone.now() + timedelta(hours=1), failures_in_a_row=9)
    search = run_search(searcher, "hit.example", "miss.example")
    assert cell(search, indexed.misp, 0) == cells.Cell(CellState.HIT, Why.RESTING)
    assert cell(search, indexed.misp, 1) == cells.Cell(CellState.MISS)
    assert indexed.fake.fetched == []


class BrokenStore:
    """A reader that raises, or never answers until it is let go."""

    def __init__(self, release: threading.Event | None = None) -> None:
        self.release = release

    def look_up(self, wanted: Mapping[UUID, Sequence[bytes]]) -> dict[UUID, list[Row]]:
        if self.release is not None:
            self.release.wait(30)
        raise OSError("hit.example is not readable")


def test_an_index_that_cannot_be_read_says_so(indexed: Indexed, searcher: User) -> None:
    runner = Engine(index=BrokenStore)
    try:
        search = services.ask(searcher, extraction("hit.example"), runner=runner)
        assert runner.wait(search.public_id, 20)
    finally:
        runner.stop()
    told = cell(search, indexed.misp, 0)
    assert told == cells.Cell(CellState.NOT_ANSWERED, Why.INDEX_FAILED)
    assert indexed.fake.asked == []


def test_an_index_that_hangs_holds_up_nobody(
    indexed: Indexed, start_misp: StartMisp, make_misp: MakeMisp, searcher: User
) -> None:
    fake = start_misp([HIT])
    live = make_misp(url=fake.url)
    release = threading.Event()
    runner = Engine(index=lambda: BrokenStore(release))
    try:
        search = services.ask(searcher, extraction("hit.example"), deadline_s=1.0, runner=runner)
        _until(lambda: cell(search, live, 0).state is CellState.HIT)
        assert runner.wait(search.public_id, 20)
    finally:
        release.set()
        runner.stop()
    told = cell(search, indexed.misp, 0)
    assert told == cells.Cell(CellState.NOT_ANSWERED, Why.DEADLINE)


def test_an_index_that_was_dropped_meanwhile_is_missing(
    indexed: Indexed, searcher: User, run_search: RunSearch
) -> None:
    ready = indexing.indexed_misps([indexed.misp], timezone.now())[str(indexed.misp.public_id)]
    assert not isinstance(ready, Why)
    indexing.store().drop(ready.generation)
    search = run_search(searcher, "hit.example")
    assert cell(search, indexed.misp, 0) == cells.Cell(CellState.NOT_ASKED, Why.INDEX_MISSING)


def _until(holds: Any, timeout_s: float = 15.0) -> None:
    end = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)
