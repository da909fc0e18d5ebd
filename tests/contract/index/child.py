"""A process of its own that works on a store: ``python -m … OPENER WHERE TASK GENERATION …``.

It tells each step with one line on its standard output; its tests kill it between two of them.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from itertools import count
from uuid import UUID

from securegrid.index.port import EventRows, Store
from tests.contract.index.places import Place
from tests.contract.index.samples import event, events, fingerprints, found, rows_of

EVENTS = 3
"""How many events ``replace`` exchanges in one transaction, and ``read`` reads."""


def main(opener: str, where: str, task: str, generation: str, *words: str) -> None:
    """Do one task until it is done, or until killed."""
    store = Place(opener, where).open()
    numbers = [int(word) for word in words]
    _TASKS[task](store, UUID(generation), *numbers)
    store.close()


def build(store: Store, generation: UUID, count: int, rows: int, dies_at: int) -> None:
    """Build ``count`` events of ``rows``; dies before it gives event ``dies_at``."""
    store.build(generation, _dying(count, rows, dies_at))
    _tell("built")


def replace(store: Store, generation: UUID, rows: int) -> None:
    """Exchange the same events for one version after the other, without end."""
    for version in count(1):
        _tell(version)
        store.replace(generation, events(EVENTS, version, rows))


def toggle(store: Store, generation: UUID, rows: int) -> None:
    """Remove the same events and put them in again, without end."""
    for turn in count(1):
        _tell(turn)
        store.remove(generation, [one.event for one in events(EVENTS)])
        store.replace(generation, events(EVENTS, 0, rows))


def read(store: Store, generation: UUID, versions: int, rows: int) -> None:
    """Read until the last version is there; ends with 1 when a version was not whole."""
    held = [events(EVENTS, version, rows) for version in range(versions)]
    wanted = [one for version in held for one in fingerprints(version)]
    wholes = [rows_of(version) for version in held]
    _tell("reading")
    while (rows_now := found(store, generation, wanted)) != wholes[-1]:
        if rows_now not in wholes:
            raise SystemExit(1)
    _tell("done")


def _dying(total: int, rows: int, dies_at: int) -> Iterator[EventRows]:
    for number in range(total):
        if number == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        yield event(number, rows=rows)
    _tell("given")


def _tell(what: object) -> None:
    print(what, flush=True)


_TASKS: dict[str, Callable[..., None]] = {
    "build": build,
    "replace": replace,
    "toggle": toggle,
    "read": read,
}

if __name__ == "__main__":
    main(*sys.argv[1:])
