"""A process that syncs and is killed at each write in turn, and what it leaves.

Run as ``python -m tests.privacy.killing FOLDER URL`` with a database and an index of its
own; the MISP at URL is as after its owner's edits once there is a file ``edited`` in FOLDER. Prints
one JSON object per kill. Each attempt is a fork, so that Django is loaded once.
"""

import importlib
import json
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

KEY = "k" * 40
BEFORE = {
    "kept": ("kept-1.planted.example", "kept-2.planted.example"),
    "edited": ("stays.planted.example", "goes.planted.example"),
    "deleted": ("deleted.planted.example",),
}
AFTER = {
    "kept": BEFORE["kept"],
    "edited": ("stays.planted.example", "comes.planted.example"),
    "added": ("added-1.planted.example", "added-2.planted.example"),
}
"""The values in each event of the MISP."""
EDITED = "edited"
PLANTED = b"planted"
SIGKILLED = -signal.SIGKILL
MOST_STEPS = 400

_USED = ("portal.jobs.syncing", "portal.jobs.sweeping", "index.lookup", "index.sqlite")
_WRITES = ("INSERT", "UPDATE", "DELETE", "CREATE", "REPLACE")
_FILE_EVENTS = frozenset({"os.link", "os.remove", "os.truncate", "os.rename"})


class Story(StrEnum):
    """Which sync is killed."""

    FIRST = "first"
    """The first one, that fills an empty generation."""
    NEXT = "next"
    """One that brings an index into step with the owner's edits."""
    ROTATION = "rotation"
    """One that fills the next epoch, which then takes over."""


def main(folder: Path, url: str) -> None:
    """Tell every story."""
    _set_up(folder / "work")
    _prepare(url)
    shutil.copytree(folder / "work", folder / "new")
    for story in Story:
        _kill_in(story, folder)


def _kill_in(story: Story, folder: Path) -> None:
    """Kill at the first, second, … write, until a sync comes through unharmed."""
    (folder / EDITED).unlink(missing_ok=True)
    shutil.rmtree(folder / "work")
    shutil.copytree(folder / "new", folder / "work")
    assert _fork(lambda: _begin(story)) == 0
    (folder / EDITED).touch()
    shutil.rmtree(folder / "whole", ignore_errors=True)
    shutil.copytree(folder / "work", folder / "whole")
    for step in range(1, MOST_STEPS):
        shutil.rmtree(folder / "work")
        shutil.copytree(folder / "whole", folder / "work")
        ended = _fork(partial(_sync, step))
        found: dict[str, Any] = {
            "story": story,
            "step": step,
            "killed": ended == SIGKILLED,
            "ended": ended,
        }
        found["bare"] = _holds_values(folder / "work")
        found |= _told(_examine)
        print(json.dumps(found), flush=True)
        if ended != SIGKILLED:
            break


def _set_up(work: Path) -> None:
    work.mkdir()
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "securegrid.portal.settings",
        "SECUREGRID_MODE": "test",
        "SECUREGRID_ALLOW_LOOPBACK_MISPS": "true",
        "SECUREGRID_DATABASE_URL": f"sqlite:///{work}/portal.sqlite3",
        "SECUREGRID_INDEX_URL": f"sqlite:///{work}/index",
    }
    import django

    django.setup()
    for module in _USED:  # once, not in every fork
        importlib.import_module(f"securegrid.{module}")


def _prepare(url: str) -> None:
    from django.core.management import call_command
    from django.db import connection

    from securegrid.portal.alliance import services as alliance

    call_command("migrate", verbosity=0)
    owning = alliance.add_member("Owning")
    alliance.add_misp(owning, "MISP", url, KEY, mode="indexed")
    alliance.the_alliance()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _begin(story: Story) -> None:
    """What came before the sync that is killed."""
    from django.utils import timezone

    from securegrid.portal.alliance.models import Misp
    from securegrid.portal.indexing import services as indexing

    if story is not Story.FIRST:
        _sync()
        _make_due()
    if story is Story.ROTATION:
        indexing.begin_rotation(Misp.objects.get(), timezone.now())


def _make_due() -> None:
    from securegrid.portal.indexing.models import MispIndex

    MispIndex.objects.update(due_at=None)


def _fork(act: Callable[[], None]) -> int:
    """Run ``act`` in a process of its own; its exit code, negative when it was killed."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            act()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _told(act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What ``act``, run in a process of its own, gives."""
    reading, writing = os.pipe()

    def tell() -> None:
        with os.fdopen(writing, "w") as pipe:
            json.dump(act(), pipe)

    code = _fork(tell)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        return {"code": code, **json.loads(pipe.read() or "{}")}


def _sync(kill_at: int = 0) -> None:
    """Sync as a job does, and die just before a write: of the database, the index, or a file."""
    from securegrid.portal.alliance.models import Misp
    from securegrid.portal.jobs.syncing import sync_one

    misp = Misp.objects.get()
    if kill_at:
        _die_at(kill_at)
    sync_one(misp.public_id)


def _die_at(step: int) -> None:
    steps = iter(range(1, 10_000))

    def count() -> None:
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        is_opened = event == "open" and ".parts" in str(arguments[0])
        if event in _FILE_EVENTS or is_opened:
            count()

    _watch_connections(count)
    sys.addaudithook(audit)


def _watch_connections(count: Callable[[], None]) -> None:
    """Count what reaches the disk: each COMMIT, and each write outside of a transaction."""
    from django.db import connection

    honest: Callable[..., sqlite3.Connection] = sqlite3.connect

    def connect(*given: Any, **more: Any) -> sqlite3.Connection:
        made = honest(*given, **more)

        def trace(statement: str) -> None:
            told = statement.lstrip()[:8].upper()
            if told.startswith("COMMIT") or (told.startswith(_WRITES) and not made.in_transaction):
                count()

        made.set_trace_callback(trace)
        return made

    sqlite3.connect = sqlite3.dbapi2.connect = connect  # type: ignore[assignment]
    connection.close()


def _examine() -> dict[str, Any]:
    """What searches would find now, and after the next sync."""
    from django.utils import timezone

    from securegrid.portal.indexing import services as indexing
    from securegrid.portal.indexing.models import MispIndex
    from securegrid.portal.jobs.sweeping import sweep

    left = _found()
    past = timezone.now() - timedelta(seconds=1)
    MispIndex.objects.update(due_at=None)
    MispIndex.objects.exclude(claim=None).update(claimed_until=past)
    _sync()
    if MispIndex.objects.get().next_id is not None:  # first the one that answers was overdue
        _make_due()
        _sync()
    sweep(indexing.store(), timezone.now() + timedelta(minutes=2))
    current = MispIndex.objects.select_related("current").get().current
    assert current is not None
    alone = indexing.store().generations() == {current.name}
    return {"left": left, "healed": _found(), "epoch": current.epoch, "alone": alone}


def _found() -> list[str] | None:
    """The values that the index of the MISP says are held; None where it does not answer."""
    from django.utils import timezone

    from securegrid.index.lookup import Holdings, IndexedMisp, look_up
    from securegrid.portal.alliance.models import Misp
    from securegrid.portal.indexing import services as indexing
    from securegrid.values.model import Value
    from securegrid.values.normalise import normalise

    misp = Misp.objects.get()
    (ready,) = indexing.indexed_misps([misp], timezone.now()).values()
    if not isinstance(ready, indexing.Ready):
        return None
    texts = sorted({text for held in (BEFORE, AFTER) for event in held.values() for text in event})
    values = [value for text in texts if isinstance(value := normalise(text), Value)]
    index = IndexedMisp("MISP", ready.generation, ready.key)
    told = look_up(indexing.store(), [index], values, related=False)["MISP"]
    assert isinstance(told, Holdings), told
    return [values[at].text for at in sorted(told.found)]


def _holds_values(work: Path) -> list[str]:
    """The files that hold a value in the clear."""
    files = (path for path in work.rglob("*") if path.is_file())
    return [path.name for path in files if PLANTED in path.read_bytes()]


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
