"""A process that works for another: ``python -m securegrid.ingest.runs.worker FD``.

It reads blocks, and puts segments together. Started as a program of its own, not forked: it
holds nothing of what its parent imported, and ends when the parent does, however that ends.
"""

import gc
import signal
import sys
import traceback
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any, TypeAlias

from securegrid.ingest.model import Block, Reader
from securegrid.ingest.runs.packing import together
from securegrid.ingest.runs.work import Result, do

Request: TypeAlias = Reader | list[Block] | tuple[bytes, ...]
"""A reader for all blocks that follow, or blocks, or segments of one part."""
Answer: TypeAlias = Result | bytes | str
"""What the blocks held, the segments together, or where that failed."""


def main(descriptor: int, path: Sequence[str]) -> None:
    """Answer requests until the other side closes."""
    # Ctrl-C reaches every process of the terminal; what becomes of a run, the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Batches are many small objects without cycles; looking for some costs a tenth of the time.
    gc.disable()
    sys.path[:] = path
    serve(Connection(descriptor))


def serve(connection: "Connection[Any, Any]") -> None:
    """Answer what comes through ``connection``."""
    reader: Reader | None = None
    try:
        while True:
            request: Request = connection.recv()
            if not isinstance(request, list | tuple):
                reader = request
            else:
                connection.send(_answer(reader, request))
    except (EOFError, ConnectionError):
        return


def _answer(reader: Reader | None, work: list[Block] | tuple[bytes, ...]) -> Answer:
    try:
        if isinstance(work, tuple):
            return together(work)
        assert reader is not None  # noqa: S101
        return do(reader, work)
    except Exception:
        return traceback.format_exc()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
