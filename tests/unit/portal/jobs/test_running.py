"""What runs can be ended, wherever it is, and nothing begins afterwards."""

import asyncio
import threading

import pytest

from securegrid.portal.jobs.running import Runs


async def three() -> int:
    await asyncio.sleep(0)
    return 3


def test_what_runs_gives_its_result_and_is_not_left() -> None:
    runs = Runs()
    assert runs.run(three()) == 3
    assert not runs.are_left


def test_a_fault_comes_through() -> None:
    async def fail() -> None:
        raise LookupError("no")

    runs = Runs()
    with pytest.raises(LookupError):
        runs.run(fail())
    assert not runs.are_left


def test_everything_that_runs_is_ended_and_nothing_begins_afterwards() -> None:
    runs, began, ended = Runs(), threading.Barrier(3), []

    async def forever() -> None:
        began.wait(10)
        await asyncio.Event().wait()

    def run() -> None:
        try:
            runs.run(forever())
        except asyncio.CancelledError:
            ended.append(True)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    began.wait(10)
    assert runs.are_left
    runs.end_all()
    for thread in threads:
        thread.join(10)
    assert ended == [True, True]
    assert not runs.are_left
    with pytest.raises(asyncio.CancelledError):
        runs.run(three())


def test_a_thread_that_cannot_be_interrupted_is_waited_for() -> None:
    runs, began, go_on, done = Runs(), threading.Event(), threading.Event(), threading.Event()

    def write() -> None:
        began.set()
        go_on.wait(10)
        done.set()

    def run() -> None:
        with pytest.raises(asyncio.CancelledError):
            runs.run(asyncio.to_thread(write))

    thread = threading.Thread(target=run)
    thread.start()
    began.wait(10)
    runs.end_all()
    assert runs.are_left
    go_on.set()
    thread.join(10)
    assert done.is_set()
    assert not runs.are_left
