"""Spreads reading, and putting together what was read, over several processes, in order."""

import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from itertools import chain, islice
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, Self, TypeAlias, TypeVar

from securegrid.ingest.model import Block, Reader
from securegrid.ingest.runs.folding import Group, Groups, in_this_process
from securegrid.ingest.runs.work import Result, do

T = TypeVar("T")
Task: TypeAlias = tuple[list[Block], T]
"""Blocks, and what belongs to them."""

_AHEAD = 4
"""Tasks begun per worker while an earlier one is not done."""


class ReaderFault(Exception):  # noqa: N818 - a fault of the program, not of the data
    """A reader raised, or a process of the crew died."""


class _Worker:
    """One process, and what it is doing."""

    def __init__(self) -> None:
        self.connection: Connection[Any, Any]
        self.connection, theirs = Pipe()
        fd = theirs.fileno()
        command = [sys.executable, "-m", "securegrid.ingest.runs.worker", str(fd), *sys.path]
        self.process = subprocess.Popen(command, pass_fds=(fd,), stdin=subprocess.DEVNULL)  # noqa: S603
        theirs.close()
        self.reader: Reader | None = None
        self.doing: int | None = None

    def begin(self, number: int, reader: Reader | None, work: object) -> None:
        """Give it a task; it is idle."""
        try:
            if reader is not None and self.reader is not reader:
                self.connection.send(reader)
                self.reader = reader
            self.connection.send(work)
        except ConnectionError as error:
            raise ReaderFault("a reading process died") from error
        self.doing = number

    def result(self) -> tuple[int, Any]:
        """Wait for what it is doing."""
        try:
            answer = self.connection.recv()
        except (EOFError, ConnectionError) as error:
            raise ReaderFault("a reading process died") from error
        if isinstance(answer, str):
            raise ReaderFault(answer)
        assert self.doing is not None  # noqa: S101
        number, self.doing = self.doing, None
        return number, answer

    def end(self) -> None:
        """It ends, whatever it is doing."""
        self.connection.close()
        self.process.kill()
        self.process.wait()


class Crew(Generic[T]):
    """Up to ``size`` processes; none is started for what is a single task."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._workers: list[_Worker] = []

    def read(self, reader: Reader, tasks: Iterator[Task[T]]) -> Iterator[tuple[Result, T]]:
        """What the blocks of each task hold, with what came beside them, in their order.

        Raises ReaderFault, and what ``tasks`` raises once everything before it is given.
        """
        first = list(islice(tasks, 2)) if self._size > 1 else []
        if len(first) < 2:
            return self._alone(reader, chain(first, tasks))
        self._workers = self._workers or [_Worker() for _ in range(self._size)]
        return _Spread(self._workers, reader, chain(first, tasks)).results()

    def _alone(self, reader: Reader, tasks: Iterator[Task[T]]) -> Iterator[tuple[Result, T]]:
        for blocks, beside in tasks:
            yield do(reader, blocks), beside

    def merge(self, groups: Groups) -> Iterator[tuple[bytes, Group]]:
        """See ``fold``; in this process if what was read was a single task.

        Raises ReaderFault.
        """
        if not self._workers:
            return in_this_process(groups)
        return _Spread(self._workers, None, groups).results()

    def processes(self) -> list[int]:
        """The ids of those that were started."""
        return [worker.process.pid for worker in self._workers]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.end()


class _Spread(Generic[T]):
    """Tasks, of one file or of what was counted, on their way through the workers."""

    def __init__(
        self, workers: list[_Worker], reader: Reader | None, tasks: Iterator[tuple[Any, T]]
    ) -> None:
        self._workers = workers
        self._reader = reader
        self._tasks = tasks
        self._beside: deque[T] = deque()
        self._done: dict[int, Any] = {}
        self._begun = self._given = 0
        self._failure: Exception | None = None
        self._ended = False

    def results(self) -> Iterator[tuple[Any, T]]:
        while not self._ended or self._given < self._begun:
            # Begun before results are given: what is done with those takes its time.
            self._begin()
            while self._given in self._done:
                yield self._done.pop(self._given), self._beside.popleft()
                self._given += 1
            self._done.update(worker.result() for worker in self._ready())
        if self._failure is not None:
            raise self._failure

    def _begin(self) -> None:
        idle = (worker for worker in self._workers if worker.doing is None)
        for worker in idle:
            if self._begun - self._given >= _AHEAD * len(self._workers):
                return
            if (task := self._next()) is None:
                return
            worker.begin(self._begun, self._reader, task[0])
            self._beside.append(task[1])
            self._begun += 1

    def _next(self) -> tuple[Any, T] | None:
        if self._ended:
            return None
        try:
            return next(self._tasks)
        except StopIteration:
            self._ended = True
        except Exception as error:  # told when everything before it was given
            self._failure, self._ended = error, True
        return None

    def _ready(self) -> list[_Worker]:
        busy = {one.connection: one for one in self._workers if one.doing is not None}
        # None at all: every task that may be begun ahead is done, and the next can be.
        if not busy:
            return []
        return [busy[found] for found in wait(list(busy)) if isinstance(found, Connection)]
