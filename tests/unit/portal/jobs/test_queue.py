"""A queue gives back what was sent, once; what is none of ours is dropped with a line."""

import json
import pickle
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from securegrid.portal.jobs.messages import Job
from securegrid.portal.jobs.queue import FILE, JobQueue, made
from tests.unit.portal.jobs.conftest import settings_of
from tests.unit.portal.jobs.test_messages import Trap


@pytest.fixture
def done(jobs: JobQueue) -> list[str]:
    """What the jobs of the queue have done."""
    return follow(jobs)


def follow(jobs: JobQueue) -> list[str]:
    """Let every job of the queue only write down that it ran."""
    told: list[str] = []

    def noting(name: str) -> Callable[..., None]:
        def note(*misp: str) -> None:
            told.append(" ".join((name, *misp)))

        note.__module__ = "securegrid.portal.jobs.tasks"
        return note

    for job in Job:
        jobs.task(name=job.value)(noting(job.value))
    return told


def work_off(jobs: JobQueue) -> None:
    """Do what is waiting, as a worker does."""
    while jobs.storage.queue_size():
        job = jobs.dequeue()
        if job is not None:
            jobs.execute(job)


def test_a_job_makes_the_round(jobs: JobQueue, done: list[str]) -> None:
    misp = uuid4()
    jobs.send(Job.LOOK)
    jobs.send(Job.SYNC, misp)
    work_off(jobs)
    assert done == ["look", f"sync {misp}"]
    assert jobs.dequeue() is None


def test_the_same_job_waits_once(jobs: JobQueue, done: list[str]) -> None:
    one, other = uuid4(), uuid4()
    for misp in (one, other, one):
        jobs.send(Job.SYNC, misp)
    jobs.send(Job.LOOK)
    jobs.send(Job.LOOK)
    work_off(jobs)
    assert done == [f"sync {one}", f"sync {other}", "look"]
    jobs.send(Job.LOOK)
    assert jobs.storage.queue_size() == 1, "done, it may be sent again"


def test_what_is_none_of_ours_is_dropped_with_a_line_and_the_next_is_done(
    jobs: JobQueue, done: list[str], tmp_path: Path
) -> None:
    unknown = json.dumps({"job": "format-disk", "id": str(uuid4())}).encode()
    trap = pickle.dumps(Trap(tmp_path / "sprung"))
    for data in (b"secret.example", unknown, trap):
        jobs.storage.enqueue(data)
    jobs.send(Job.LOOK)
    with capture_logs() as lines:
        work_off(jobs)
    assert done == ["look"]
    assert [line["event"] for line in lines] == ["job message dropped"] * 3
    assert "secret.example" not in str(lines)
    assert "format-disk" not in str(lines)
    assert not (tmp_path / "sprung").exists()


def test_a_job_that_this_worker_does_not_know_is_dropped(jobs: JobQueue) -> None:
    jobs.storage.enqueue(json.dumps({"job": "look", "id": str(uuid4())}).encode())
    with capture_logs() as lines:
        assert jobs.dequeue() is None
    assert [line["fault"] for line in lines] == ["unknown job"]


def test_a_job_that_fails_leaves_no_words_behind(jobs: JobQueue) -> None:
    def look() -> None:
        raise ValueError("secret.example")

    look.__module__ = "securegrid.portal.jobs.tasks"
    jobs.task(name="look")(look)
    jobs.send(Job.LOOK)
    work_off(jobs)
    assert jobs.storage.result_store_size() == 0
    assert jobs.storage.queue_size() == jobs.storage.schedule_size() == 0


def test_one_message_goes_to_one_of_several_workers(jobs: JobQueue, done: list[str]) -> None:
    sent = [uuid4() for _ in range(40)]
    for misp in sent:
        jobs.send(Job.SYNC, misp)
    workers = [threading.Thread(target=work_off, args=(jobs,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(done) == sorted(f"sync {misp}" for misp in sent)


@pytest.mark.postgres
def test_workers_that_start_at_once_make_the_tables_once(postgres_url: str) -> None:
    faults: list[Exception] = []

    def start() -> None:
        try:
            made(settings_of(postgres_url), "postgresql").storage.close()
        except Exception as fault:
            faults.append(fault)

    with_tables = made(settings_of(postgres_url), "postgresql")
    for table in ("kv", "schedule", "task", "counter"):
        with_tables.storage.sql(f"drop table huey_{table}")
    with_tables.storage.close()
    starting = [threading.Thread(target=start) for _ in range(8)]
    for each in starting:
        each.start()
    for each in starting:
        each.join()
    assert faults == []


def test_the_embedded_queue_lies_beside_the_database(tmp_path: Path) -> None:
    jobs: Any = made({"NAME": str(tmp_path / "portal.sqlite3")}, "sqlite")
    follow(jobs)
    jobs.send(Job.LOOK)
    assert (tmp_path / FILE).read_bytes().startswith(b"SQLite format 3")
