"""Blocking work under a claim: told of, stopped when the claim is lost or the worker ends."""

import asyncio
import threading
import time
from collections.abc import Callable

import pytest
from django.db import DatabaseError

from securegrid.portal.jobs.holding import Holding, Stopped
from securegrid.portal.jobs.running import Runs


class LostError(Exception):
    """The claim is another's."""


def holding(note: Callable[[int, int], object], lease_s: float = 60.0) -> Holding:
    def told(done: int, total: int) -> None:
        note(done, total)

    return Holding(told, LostError, lease_s, told_every_s=0.01)


def until_stopped(held: Holding) -> None:
    """Work that goes on until it is to stop."""
    while True:
        held.hear(3, 9)
        time.sleep(0.005)


def test_what_the_work_gives_is_given_and_its_progress_told() -> None:
    told: list[tuple[int, int]] = []
    held = holding(lambda done, total: told.append((done, total)))

    def work() -> str:
        held.hear(1, 2)
        while (1, 2) not in told:
            time.sleep(0.005)
        return "done"

    assert held.run(Runs(), work) == "done"


def test_what_the_work_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        holding(lambda *_: None).run(Runs(), lambda: 1 / 0)


def test_lost_work_stops() -> None:
    def note(_done: int, _total: int) -> None:
        raise LostError

    held = holding(note)
    with pytest.raises(LostError):
        held.run(Runs(), lambda: until_stopped(held))


def test_work_that_the_database_has_not_heard_of_for_a_lease_stops() -> None:
    def note(_done: int, _total: int) -> None:
        raise DatabaseError

    held = holding(note, lease_s=0.05)
    with pytest.raises(LostError):
        held.run(Runs(), lambda: until_stopped(held))


def test_work_ends_with_the_worker() -> None:
    runs, began, ended = Runs(), threading.Event(), threading.Event()
    held = holding(lambda *_: None)

    def work() -> None:
        began.set()
        try:
            until_stopped(held)
        except Stopped:
            ended.set()
            raise

    def end() -> None:
        began.wait(5)
        runs.end_all()

    ending = threading.Thread(target=end)
    ending.start()
    with pytest.raises(asyncio.CancelledError):
        held.run(runs, work)
    ending.join()
    assert ended.wait(5), "the thread has noticed"
    assert held.stop()
