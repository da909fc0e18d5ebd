"""Several processes give every result, in order, however slow one of them is."""

import os
import signal
from collections.abc import Iterator

import pytest

from securegrid.ingest.model import Block, Counted, Key
from securegrid.ingest.runs.crew import Crew, ReaderFault
from securegrid.ingest.runs.folding import Groups
from securegrid.ingest.runs.packing import events_of, pack
from tests.unit.ingest.runs.composing import WordReader


def tasks(number: int, slow: int = -1) -> Iterator[tuple[list[Block], int]]:
    for n in range(number):
        lines = b"2021-05-13 word 1\n" * (20_000 if n == slow else 1)
        yield [Block(lines, 1)], n


@pytest.mark.parametrize("slow", [-1, 0, 5])
def test_more_tasks_than_may_be_begun_ahead_all_come_back_in_order(slow: int) -> None:
    with Crew[int](2) as crew:
        for _ in range(2):  # for one file after another
            results = list(crew.read(WordReader(), tasks(40, slow)))
            assert [beside for _, beside in results] == list(range(40))
            assert all(result.lines == (20_000 if n == slow else 1) for result, n in results)


def test_a_single_task_starts_no_process() -> None:
    with Crew[int](2) as crew:
        assert [beside for _, beside in crew.read(WordReader(), tasks(1))] == [0]
        assert crew.processes() == []


def test_what_was_read_is_put_together_by_the_same_processes_in_order() -> None:
    def groups() -> Groups:
        for n in range(40):
            key: Key = ("2021-05-13", str(n))
            (segment,) = pack({(key, ("word",)): Counted(n, n, 1)}).values()
            yield (segment, segment), (n % 32, n)

    with Crew[int](2) as crew:
        alone = list(crew.merge(groups()))
        assert crew.processes() == []
        list(crew.read(WordReader(), tasks(2)))
        assert list(crew.merge(groups())) == alone
    assert [group for _, group in alone] == [(n % 32, n) for n in range(40)]
    assert [events_of(data)[0][1][0][1:] for data, _ in alone] == [(n, n, 2) for n in range(40)]


def test_what_the_tasks_raise_comes_behind_what_was_before() -> None:
    def failing() -> Iterator[tuple[list[Block], int]]:
        yield from tasks(5)
        raise OSError("the disk is gone")

    with Crew[int](2) as crew:
        results = crew.read(WordReader(), failing())
        assert [next(results)[1] for _ in range(5)] == list(range(5))
        with pytest.raises(OSError, match="the disk is gone"):
            next(results)


def test_a_killed_process_is_told() -> None:
    with Crew[int](2) as crew:
        results = crew.read(WordReader(), tasks(200))
        next(results)
        for process in crew.processes():
            os.kill(process, signal.SIGKILL)
        with pytest.raises(ReaderFault, match="died"):
            list(results)


def test_no_process_stays() -> None:
    with Crew[int](2) as crew:
        next(crew.read(WordReader(), tasks(10, slow=1)))
        processes = crew.processes()
        assert len(processes) == 2
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
