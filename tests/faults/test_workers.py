"""Workers as people run them: one takes over from another, none doubles another's work."""

import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from securegrid.portal.alliance.models import Misp
from securegrid.portal.config import config
from securegrid.portal.indexing import services
from securegrid.portal.indexing.models import MispIndex
from securegrid.portal.indexing.services import Standing
from securegrid.portal.jobs.queue import made
from tests.conftest import KEY, MakeMisp
from tests.faults.traces import read_apart
from tests.faults.workers import Node, Workers, kill, node

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    """Starts workers, on an empty queue; all are gone in the end."""
    running = Workers(tmp_path)
    jobs = made(connection.settings_dict, connection.vendor)
    jobs.flush()
    jobs.storage.close()
    yield running
    running.end()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Node]:
    """A node with 30 events."""
    with node(tmp_path, 30) as running:
        yield running


def is_ready(misp: Misp) -> bool:
    """Whether its index answers."""
    return services.overview(misp, timezone.now()).standing is Standing.READY


def held(misp: Misp) -> dict[bytes, tuple[int, bool]]:
    """The stamps of the index that answers."""
    current = MispIndex.objects.get(misp=misp).current
    assert current is not None
    stamps = services.store().stamps(current.name)
    return {uuid: (stamp.timestamp, stamp.published) for uuid, stamp in stamps.items()}


def two_minutes_later() -> None:
    """As if the lease of a dead worker had ended."""
    now = timezone.now()
    MispIndex.objects.exclude(claim=None).update(claimed_until=now - timedelta(seconds=1))


def test_from_node_to_index_by_a_worker(workers: Workers, small: Node, make_misp: MakeMisp) -> None:
    misp = make_misp(mode="indexed", url=small.url)
    worker = workers.start()
    workers.until(lambda: is_ready(misp))
    assert held(misp) == small.stamps()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0


def test_a_worker_that_is_killed_in_a_first_sync_is_followed_by_another(
    workers: Workers, small: Node, make_misp: MakeMisp
) -> None:
    misp = make_misp(mode="indexed", url=small.url)
    small.gate.lets_through = 0
    first = workers.start()
    workers.until(lambda: bool(small.gate.read))
    kill(first)
    assert MispIndex.objects.get(misp=misp).claim is not None
    two_minutes_later()
    small.gate.lets_through = 1_000
    workers.start()
    workers.until(lambda: is_ready(misp))
    assert held(misp) == small.stamps()


def test_the_follower_goes_on_where_the_killed_one_stopped(
    workers: Workers, tmp_path: Path, make_misp: MakeMisp
) -> None:
    with node(tmp_path, 1_000) as large:
        misp = make_misp(mode="indexed", url=large.url)
        first = workers.start()
        workers.until(lambda: is_ready(misp))
        large.touch(400)
        before = held(misp)
        large.gate.read.clear()
        large.gate.lets_through = 1
        services.sync_now(misp, timezone.now())
        workers.until(lambda: held(misp) != before)
        kill(first)
        done = sum(stamp == before[uuid] for uuid, stamp in held(misp).items())
        assert done > 600, "not all of them"
        read = {event for request in large.gate.read[:1] for event in request}

        two_minutes_later()
        large.gate.read.clear()
        large.gate.lets_through = 1_000
        workers.start()
        workers.until(lambda: held(misp) == large.stamps())
        again = {event for request in large.gate.read for event in request}
        assert read
        assert again.isdisjoint(read)
        assert again | read == set(range(1, 401))


def test_several_workers_share_the_work_and_double_none(
    workers: Workers, small: Node, make_misp: MakeMisp
) -> None:
    misps = [make_misp(mode="indexed", url=small.url) for _ in range(5)]
    for _ in range(2):
        workers.start()
    workers.until(lambda: all(is_ready(misp) for misp in misps))
    assert small.gate.lists == len(misps)
    assert all(held(misp) == small.stamps() for misp in misps)


def test_a_worker_that_is_told_to_end_gives_its_sync_back_at_once(
    workers: Workers, small: Node, make_misp: MakeMisp
) -> None:
    misp = make_misp(mode="indexed", url=small.url)
    small.gate.lets_through = 0
    worker = workers.start()
    workers.until(lambda: bool(small.gate.read))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0
    index = MispIndex.objects.get(misp=misp)
    assert index.claim is None
    assert index.failures == 0


def test_neither_job_tables_nor_logs_hold_a_value_or_a_key(
    workers: Workers, small: Node, make_misp: MakeMisp
) -> None:
    misp = make_misp(mode="indexed", url=small.url)
    jobs = made(connection.settings_dict, connection.vendor)
    jobs.storage.enqueue(b"not one of ours")
    worker = workers.start()
    workers.until(lambda: is_ready(misp))
    kill(worker)
    kept = b"".join(_job_files()) + workers.log.read_bytes()
    assert b"job message dropped" in kept
    assert b"sync ended" in kept
    assert str(misp.public_id).encode() in kept
    master = config().own_key_file.read_bytes().strip()
    for planted in (b"planted-", KEY.encode(), master, small.url.encode()):
        assert planted not in kept
    jobs.storage.close()


def _job_files() -> Iterator[bytes]:
    """Everything that is kept of jobs: SQLite's files as they lie there, PostgreSQL's rows."""
    if connection.vendor == "sqlite":
        folder = Path(connection.settings_dict["NAME"]).parent
        yield read_apart(folder.glob("jobs.sqlite3*"))
        return
    with connection.cursor() as cursor:
        for table in ("huey_task", "huey_schedule", "huey_kv", "huey_counter"):
            cursor.execute(f"SELECT CAST({table} AS text) FROM {table}")
            yield from (str(row).encode() for row in cursor.fetchall())
