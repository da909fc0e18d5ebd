"""How far an import is, on one line of a terminal; and stopping it with Ctrl-C."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TextIO

from securegrid.cli.clean import printable
from securegrid.cli.ingest.words import Says, say
from securegrid.cli.words import Language
from securegrid.ingest.pipeline import AnyProgress
from securegrid.ingest.publishing.outcomes import Progress, Stage
from securegrid.ingest.runs.reports import Progress as ReadProgress
from securegrid.ingest.runs.reports import Stage as ReadStage
from securegrid.words import say as say_code

_EVERY_S = 0.2
_CLEAR = "\r\x1b[2K"
_WIDTH = 110


class Line:
    """One line that is written over and over; nothing where nobody watches."""

    def __init__(
        self,
        language: Language,
        out: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._out = out or sys.stderr
        self._language = language
        self._clock = clock
        self._shown_at = float("-inf")
        self._is_shown = False

    def tell(self, progress: AnyProgress) -> None:
        """Show it, if the last time is long enough ago; a wait is always shown."""
        is_waiting = isinstance(progress, Progress) and progress.stage is Stage.WAITING
        now = self._clock()
        if not self._out.isatty() or (now - self._shown_at < _EVERY_S and not is_waiting):
            return
        self._shown_at, self._is_shown = now, True
        self._out.write(_CLEAR + printable(in_words(progress, self._language))[:_WIDTH])
        self._out.flush()

    def clear(self) -> None:
        """Make room for what is said next."""
        if self._is_shown:
            self._out.write(_CLEAR)
            self._out.flush()


def in_words(progress: AnyProgress, language: Language) -> str:
    """Where an import stands."""
    if isinstance(progress, ReadProgress):
        return _reading(progress, language)
    match progress.stage:
        case Stage.CHECKING:
            return say(
                Says.NOW_CHECKING,
                language,
                events=progress.done,
                attributes=progress.attributes,
            )
        case Stage.WAITING:
            reason = say_code(progress.reason, language.value) if progress.reason else ""
            return say(Says.NOW_WAITING, language, seconds=round(progress.pause_s), reason=reason)
        case Stage.WRITING:
            return say(Says.NOW_WRITING, language, done=progress.done, of=progress.of)
        case Stage.TAKING_BACK:
            return say(Says.NOW_UNDOING, language, done=progress.done, of=progress.of)


def _reading(progress: ReadProgress, language: Language) -> str:
    if progress.stage is ReadStage.COUNTING:
        return say(Says.NOW_COUNTING, language)
    whole = progress.bytes_all
    part = f", {progress.bytes_read / whole:.0%}" if whole else ""
    return say(
        Says.NOW_READING,
        language,
        file=Path(progress.file).name,
        lines=progress.lines,
        rate=round(progress.lines_per_s),
        bad=progress.bad,
        part=part,
    )


@contextmanager
def stopping() -> Iterator[Callable[[], bool]]:
    """Ctrl-C and SIGTERM ask to stop at the next good moment; a second Ctrl-C does so at once."""
    asked: list[int] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    kept = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, before in kept.items():
            signal.signal(number, before)
