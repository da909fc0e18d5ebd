"""A process of its own that moves a partition: ``python -m … WHERE PARTITION TO CHUNK_ROWS``.

It tells each chunk with one line on its standard output; its tests kill it between two of them.
"""

import subprocess
import sys

from tests.contract.index.fleet import opened
from tests.contract.index.places import Place


def main(where: str, partition: str, to: str, chunk_rows: str) -> None:
    """Move it, to the end or until killed."""
    store = opened(where)
    print("moving", flush=True)
    store.servers.move(int(partition), to, copied=_tell, chunk_rows=int(chunk_rows))
    store.close()


def started(place: Place, partition: int, to: str, chunk_rows: int) -> "subprocess.Popen[str]":
    """This as a child."""
    words = [place.where, str(partition), to, str(chunk_rows)]
    return subprocess.Popen(
        [sys.executable, "-m", __name__, *words], stdout=subprocess.PIPE, text=True
    )


def _tell(rows: int) -> None:
    print(rows, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
