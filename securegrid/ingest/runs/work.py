"""What one process does with one task: read its blocks, and pack what they hold."""

from collections.abc import Sequence
from typing import Final

import msgspec

from securegrid.ingest.model import Bad, Block, Reader
from securegrid.ingest.runs.packing import merged, pack

TASK_BYTES: Final = 4 << 20
"""About so much of a file is one task; a kill loses the tasks that were being done."""


class Result(msgspec.Struct, frozen=True):
    """What the blocks of one task held. ``parts``: packed segments, by part."""

    parts: dict[int, bytes]
    lines: int
    passed_over: int
    bad: tuple[Bad, ...]

    @property
    def counted(self) -> int:
        """Lines that became data."""
        return self.lines - self.passed_over - len(self.bad)


def do(reader: Reader, blocks: Sequence[Block]) -> Result:
    """Read ``blocks``; an exception is a fault of the reader."""
    batches = [reader.read(block) for block in blocks]
    return Result(
        parts=pack(merged(batch.seen for batch in batches)),
        lines=sum(batch.lines for batch in batches),
        passed_over=sum(batch.passed_over for batch in batches),
        bad=tuple(bad for batch in batches for bad in batch.bad),
    )
