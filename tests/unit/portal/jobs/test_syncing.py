"""From a node through a job to the index: what is in step, what failed, what was given back."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone
from structlog.testing import capture_logs

from securegrid.index.port import EventStamp
from securegrid.node.accounts import Role
from securegrid.node.app import app_of
from securegrid.node.records import NewAttribute, NewEvent
from securegrid.node.store import Store as NodeStore
from securegrid.portal.alliance.models import Misp
from securegrid.portal.indexing import services
from securegrid.portal.indexing.models import Generation, MispIndex
from securegrid.portal.indexing.services import Claim, Overview, Standing, Trouble
from securegrid.portal.jobs.running import Runs
from securegrid.portal.jobs.syncing import Job, sync_one
from securegrid.values.fingerprints import fingerprints
from tests.conftest import KEY, MakeMisp
from tests.contract.serving import served

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Node:
    """An embedded MISP that is served."""

    store: NodeStore
    url: str

    def add(self, number: int, *values: str) -> None:
        """An event with these host names."""
        attributes = tuple(NewAttribute(type="domain", value=value) for value in values)
        at = 1_700_000_000 + number
        self.store.load([
            NewEvent(info=f"Event {number}", attributes=attributes, published=True, timestamp=at)
        ])  # fmt: skip


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """A node with two events."""
    store = NodeStore(tmp_path / "node.sqlite3", host_org="ORG")
    store.add_key(Role.READ_ONLY, raw=KEY)
    with served(app_of(store)) as url:
        node = Node(store, url)
        node.add(1, "one.example", "two.example")
        node.add(2, "three.example")
        yield node


@pytest.fixture
def indexed(make_misp: MakeMisp, node: Node) -> Misp:
    """The node as a MISP whose index was never filled."""
    return make_misp(mode="indexed", url=node.url)


def told(misp: Misp) -> Overview:
    """How its index stands."""
    return services.overview(Misp.objects.get(pk=misp.pk), timezone.now())


def holds(misp: Misp, value: str) -> bool:
    """Whether the index that answers has this value."""
    current = MispIndex.objects.get(misp=misp).current
    assert current is not None
    ready = services.indexed_misps([misp], timezone.now())[str(misp.public_id)]
    assert isinstance(ready, services.Ready)
    (wanted,) = fingerprints(ready.key, [value])
    found = services.store().look_up({ready.generation: [wanted]})
    return bool(found[ready.generation])


def stamps(misp: Misp) -> dict[bytes, EventStamp]:
    """What the index that answers holds of each event."""
    current = MispIndex.objects.get(misp=misp).current
    assert current is not None
    return services.store().stamps(current.name)


def claimed(misp: Misp) -> Claim:
    """A claim that must be had."""
    claim = services.claim_sync(Misp.objects.get(pk=misp.pk), timezone.now())
    assert claim is not None
    return claim


def make_due(misp: Misp) -> None:
    """As if the interval were over."""
    services.sync_now(misp, timezone.now())


def test_a_first_sync_fills_the_index_and_it_answers(indexed: Misp, node: Node) -> None:
    sync_one(indexed.public_id)
    assert told(indexed).standing is Standing.READY
    assert (told(indexed).events, told(indexed).rows) == (2, 3)
    assert holds(indexed, "one.example")
    assert holds(indexed, "three.example")
    assert not holds(indexed, "four.example")
    assert {stamp.timestamp for stamp in stamps(indexed).values()} == {
        1_700_000_001, 1_700_000_002,
    }  # fmt: skip
    assert told(indexed).running is None


def test_a_later_sync_brings_what_changed(indexed: Misp, node: Node) -> None:
    sync_one(indexed.public_id)
    node.add(3, "four.example")
    make_due(indexed)
    sync_one(indexed.public_id)
    assert holds(indexed, "four.example")
    assert holds(indexed, "one.example")
    assert told(indexed).changes == services.Changes(replaced=1, removed=0)


def test_a_sync_that_is_not_due_asks_nothing(indexed: Misp, node: Node) -> None:
    sync_one(indexed.public_id)
    node.add(3, "four.example")
    sync_one(indexed.public_id)
    assert not holds(indexed, "four.example")


@pytest.mark.parametrize("what", ["pause", "quiet", "live", "claimed"])
def test_who_must_not_be_asked_is_not_asked(indexed: Misp, what: str) -> None:
    now = timezone.now()
    if what == "pause":
        services.pause(indexed, now)
    elif what == "live":
        services.set_mode(indexed, "live", now)
    elif what == "claimed":
        claimed(indexed)
    else:
        _be_quiet(now)
    sync_one(indexed.public_id)
    assert told(indexed).events == 0


def test_a_misp_that_is_away_waits_longer_with_each_failure(indexed: Misp) -> None:
    Misp.objects.update(url="http://127.0.0.1:9")
    pauses = []
    for _ in range(2):
        MispIndex.objects.update(due_at=None)
        before = timezone.now()
        claim = claimed(indexed)
        Job(claim, services.store(), Runs()).run()
        due_at = told(indexed).due_at
        assert due_at is not None
        pauses.append(round((due_at - before).total_seconds() / 60))
    assert told(indexed).failures == 2
    assert told(indexed).last_error in {"unreachable", "key_rejected"}
    assert pauses[1] > pauses[0]


def test_two_syncs_at_once_are_one(indexed: Misp) -> None:
    both = threading.Barrier(2)

    def one() -> None:
        both.wait(10)
        sync_one(indexed.public_id)

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert told(indexed).events == 2
    assert Generation.objects.count() == 1


def test_a_sync_that_is_ended_gives_its_claim_back_and_the_next_finishes(indexed: Misp) -> None:
    runs = Runs()
    runs.end_all()
    Job(claimed(indexed), services.store(), runs).run()
    index = MispIndex.objects.get(misp=indexed)
    assert index.claim is None
    assert index.failures == 0
    sync_one(indexed.public_id)
    assert told(indexed).events == 2


def test_a_slice_that_is_over_gives_its_claim_back(
    indexed: Misp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("securegrid.portal.jobs.syncing.sync", _never_ends)
    Job(claimed(indexed), services.store(), Runs(), slice_s=0.0, told_every_s=0.01).run()
    assert MispIndex.objects.get(misp=indexed).claim is None


async def _never_ends(*_: object, **__: object) -> None:
    await asyncio.Event().wait()


def test_quiet_hours_that_begin_meanwhile_stop_a_sync_without_blame(indexed: Misp) -> None:
    claim = claimed(indexed)
    _be_quiet(timezone.now())
    Job(claim, services.store(), Runs()).run()
    index = MispIndex.objects.get(misp=indexed)
    assert index.claim is None
    assert (index.failures, index.last_error) == (0, "")
    assert services.due(timezone.now()) == []


def _be_quiet(now: datetime) -> None:
    begins = (now - timedelta(hours=1)).astimezone(UTC).time()
    ends = (now + timedelta(hours=1)).astimezone(UTC).time()
    MispIndex.objects.update(quiet_from=begins, quiet_until=ends)


def test_a_rotation_fills_the_next_and_swaps(indexed: Misp) -> None:
    sync_one(indexed.public_id)
    before = MispIndex.objects.get(misp=indexed).current
    assert before is not None
    services.begin_rotation(indexed, timezone.now())
    assert holds(indexed, "one.example"), "the present one answers until then"
    sync_one(indexed.public_id)
    after = MispIndex.objects.get(misp=indexed).current
    assert after is not None
    assert after.name != before.name
    assert holds(indexed, "one.example")
    services.drop_retired(timezone.now() + timedelta(minutes=2))
    assert before.name not in services.store().generations()


def test_an_index_that_the_store_has_lost_is_built_anew_never_made_empty(indexed: Misp) -> None:
    sync_one(indexed.public_id)
    lost = MispIndex.objects.get(misp=indexed).current
    assert lost is not None
    services.store().drop(lost.name)
    make_due(indexed)
    sync_one(indexed.public_id)
    assert lost.name not in services.store().generations()
    sync_one(indexed.public_id)
    assert holds(indexed, "one.example")
    assert MispIndex.objects.get(misp=indexed).current_id != lost.pk


def test_an_index_destroyed_meanwhile_stays_destroyed(indexed: Misp) -> None:
    claim = claimed(indexed)
    services.destroy(indexed, timezone.now())
    Job(claim, services.store(), Runs()).run()
    assert told(indexed).standing is Standing.MISSING
    assert services.drop_retired(timezone.now()) == 0
    assert claim.generation not in services.store().generations()


def test_a_key_that_cannot_be_opened_fails_the_sync(indexed: Misp) -> None:
    claim = claimed(indexed)
    claim.misp.sealed_key = b"damaged"
    Job(claim, services.store(), Runs()).run()
    assert told(indexed).last_error == "key_rejected"


def test_a_store_that_is_broken_fails_the_sync(indexed: Misp) -> None:
    class Broken:
        """No disk."""

        def create(self, _generation: UUID) -> None:
            raise OSError("disk full")

    Job(claimed(indexed), Broken(), Runs()).run()  # type: ignore[arg-type]
    assert told(indexed).last_error == Trouble.STORE_FAILED


def test_no_line_of_the_log_holds_a_value_or_a_key(indexed: Misp) -> None:
    with capture_logs() as lines:
        sync_one(indexed.public_id)
    assert lines
    assert "example" not in str(lines)
    assert KEY not in str(lines)


def test_a_clock_that_jumps_back_does_not_stop_syncing(indexed: Misp, node: Node) -> None:
    sync_one(indexed.public_id)
    node.add(3, "four.example")
    far = datetime.now(UTC) + timedelta(days=30)
    MispIndex.objects.update(due_at=far)
    Generation.objects.update(synced_at=far)
    sync_one(indexed.public_id)
    assert told(indexed).events == 3
