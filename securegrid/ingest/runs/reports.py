"""What a reading tells while it goes on, and at its end."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

import msgspec

from securegrid.ingest.model import Bad, BadLine


class Stage(StrEnum):
    """What a reading is doing."""

    READING = "reading"
    COUNTING = "counting"
    """Everything is read; what was counted in parts is put together."""


class FileState(StrEnum):
    """How the reading of one file ended."""

    READ = "read"
    """To its end as it is now."""
    NOTHING_NEW = "nothing_new"
    """Read before, under this or another name, and not grown since."""
    INTERRUPTED = "interrupted"
    """Goes on where it stopped when it is read again."""
    NO_FILE = "no_file"
    NOT_READABLE = "not_readable"
    UNKNOWN_FORMAT = "unknown_format"
    EMPTY = "empty"
    DAMAGED = "damaged"
    """Compressed and broken off; what came before counts."""
    TOO_LARGE = "too_large"
    """Has to be read as a whole, and is more than that."""
    CHANGED = "changed"
    """Standard input that begins like a file read before and then goes on otherwise."""


class Progress(msgspec.Struct, frozen=True):
    """How far a reading is. ``bytes_read`` and ``bytes_all`` are of the files as they lie on disk;
    ``bytes_all`` is None while one of them has no size beforehand."""

    stage: Stage
    file: str
    file_number: int
    files: int
    lines: int
    bad: int
    bytes_read: int
    bytes_all: int | None
    seconds: float

    @property
    def lines_per_s(self) -> float:
        """Since the reading began; 0 in its first moment."""
        return self.lines / self.seconds if self.seconds > 0 else 0.0


class FileReport(msgspec.Struct, frozen=True):
    """One file of this reading. ``lines`` = ``counted`` + ``passed_over`` + all of ``bad``;
    lines of earlier readings are not in it. ``detail`` says more of some states."""

    name: str
    state: FileState
    lines: int = 0
    counted: int = 0
    passed_over: int = 0
    bad: Mapping[BadLine, int] = {}
    detail: str = ""


class ReadReport(msgspec.Struct, frozen=True):
    """What a reading did."""

    files: tuple[FileReport, ...]
    seconds: float
    interrupted: bool = False

    @property
    def lines(self) -> int:
        """Of all files."""
        return sum(one.lines for one in self.files)

    @property
    def counted(self) -> int:
        """Lines that became data."""
        return sum(one.counted for one in self.files)

    @property
    def bad(self) -> Mapping[BadLine, int]:
        """Bad lines of all files, by reason."""
        total: dict[BadLine, int] = {}
        for one in self.files:
            for reason, count in one.bad.items():
                total[reason] = total.get(reason, 0) + count
        return total


class BadLines(msgspec.Struct, frozen=True):
    """The bad lines of one file, kept for the report. ``count`` is of all of them; the state
    keeps the first ``KEPT`` of a file."""

    file: str
    count: int
    kept: Iterator[Bad]
