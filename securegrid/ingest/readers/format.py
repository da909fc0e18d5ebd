"""The protocol behind which every reader stands: what makes it, and how its events look."""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from securegrid.ingest.model import Reader, Shape
from securegrid.ingest.shapes.options import ShapeOptions


class UnknownFormatError(Exception):
    """The beginning of a file is not what the reader understands; ``wanted`` names what is."""

    def __init__(self, wanted: str) -> None:
        super().__init__(wanted)
        self.wanted = wanted


class ReadOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What every reader can be told; readers with further options derive from it.

    ``zone`` (IANA name) is taken for times written without one, and says where a day begins.
    ``now`` (Unix seconds) is when the reading began: a time more than a day later is implausible.
    """

    now: int
    zone: str = "UTC"
    encoding: str = "utf-8"
    """Tried first; a line that is not in it is tried in the others (``readers.lines``)."""


O = TypeVar("O", bound=ReadOptions)  # noqa: E741 - options


class Format(msgspec.Struct, Generic[O], frozen=True):
    """One format: its name in commands, what makes its reader, and its events' shape.

    ``make_reader`` gets the beginning of a file (``inputs.HEAD`` bytes at most, decompressed)
    and raises ``UnknownFormatError`` when that is nothing it understands. A reader is picklable.
    ``by_line``: blocks are whole lines and may be read in any order, in several processes;
    otherwise a block is a whole file. ``options`` is the type that ``make_reader`` takes.
    """

    name: str
    options: type[O]
    make_reader: Callable[[bytes, O], Reader]
    shape: Callable[[ShapeOptions], Shape]
    by_line: bool = True
