"""Adds up what a reading did, and tells of it now and then."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from securegrid.ingest.inputs.source import Source
from securegrid.ingest.model import Bad, BadLine
from securegrid.ingest.runs.reports import FileReport, FileState, Progress, ReadReport, Stage
from securegrid.ingest.runs.work import Result

TELL_EVERY_S: Final = 0.2


class Tally:
    """Of one reading. ``clock``: seconds since some moment, never going back."""

    def __init__(
        self,
        sources: Sequence[Source],
        tell: Callable[[Progress], None],
        clock: Callable[[], float],
    ) -> None:
        sizes = [source.size for source in sources]
        self._sizes = sizes
        self._all = None if None in sizes else sum(size or 0 for size in sizes)
        self._tell = tell
        self._clock = clock
        self._began = clock()
        self._told = self._began - TELL_EVERY_S
        self._reports: list[FileReport] = []
        self._lines = self._bad = self._before = 0
        self._name = ""
        self._file_lines = self._counted = self._passed_over = self._consumed = 0
        self._bad_by_reason: Counter[BadLine] = Counter()

    def begin(self, source: Source) -> None:
        """The next file."""
        self._name = source.path
        self._file_lines = self._counted = self._passed_over = self._consumed = 0
        self._bad_by_reason = Counter()

    def add(self, result: Result, consumed: int) -> None:
        """A piece was read, and ``consumed`` bytes of its file so far."""
        self._file_lines += result.lines
        self._counted += result.counted
        self._passed_over += result.passed_over
        self._add_bad(result.bad)
        self._consumed = consumed
        self._lines += result.lines
        self._say(Stage.READING)

    def end(self, state: FileState, detail: str) -> FileReport:
        """The file ended so."""
        self._before += self._sizes[len(self._reports)] or self._consumed
        self._consumed = 0
        report = FileReport(
            name=self._name,
            state=state,
            lines=self._file_lines,
            counted=self._counted,
            passed_over=self._passed_over,
            bad=dict(self._bad_by_reason),
            detail=detail,
        )
        self._reports.append(report)
        return report

    def counting(self) -> None:
        """All files are read; what was counted is put together."""
        self._say(Stage.COUNTING, now=True)

    def report(self, *, interrupted: bool) -> ReadReport:
        """Of everything."""
        return ReadReport(tuple(self._reports), self._clock() - self._began, interrupted)

    @property
    def file_lines(self) -> int:
        """Lines read of this file."""
        return self._file_lines

    def _add_bad(self, bad: Sequence[Bad]) -> None:
        self._bad_by_reason.update(one.reason for one in bad)
        self._bad += len(bad)

    def _say(self, stage: Stage, *, now: bool = False) -> None:
        at = self._clock()
        if not now and at - self._told < TELL_EVERY_S:
            return
        self._told = at
        self._tell(
            Progress(
                stage=stage,
                file=self._name,
                file_number=min(len(self._reports) + 1, len(self._sizes)),
                files=len(self._sizes),
                lines=self._lines,
                bad=self._bad,
                bytes_read=self._before + self._consumed,
                bytes_all=self._all,
                seconds=at - self._began,
            )
        )
