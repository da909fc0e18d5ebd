"""A process that searches and is killed at each SQL statement in turn, and what it leaves.

Run as ``python -m tests.faults.killing FOLDER URL…`` with a SQLite database of its own; prints
one JSON object per kill. Each attempt is a fork, so that Django is loaded once.
"""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

VALUES = ("bad.example", "worse.example", "good.example")
SIGKILLED = -signal.SIGKILL


def main(folder: Path, urls: list[str]) -> None:
    """Kill until a search comes through unharmed."""
    whole, work = folder / "whole.sqlite3", folder / "work.sqlite3"
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "securegrid.portal.settings",
        "SECUREGRID_MODE": "test",
        "SECUREGRID_ALLOW_LOOPBACK_MISPS": "true",
        "SECUREGRID_DATABASE_URL": f"sqlite:///{work}",
    }
    import django

    django.setup()
    _prepare(urls)
    shutil.copy(work, whole)
    for number in range(1, 200):
        _fresh(whole, work)
        ended = _fork(lambda number=number: _search(kill_at=number))
        found = _examine()
        found["healed"] = _fork(_heal) == 0
        print(json.dumps({"statement": number, "killed": ended == SIGKILLED} | found), flush=True)
        if ended != SIGKILLED:
            break


def _prepare(urls: list[str]) -> None:
    from django.core.management import call_command
    from django.db import connection

    from securegrid.portal.accounts import services as accounts
    from securegrid.portal.accounts.roles import Role
    from securegrid.portal.alliance import services as alliance

    call_command("migrate", verbosity=0)
    asking, owning = alliance.add_member("Asking"), alliance.add_member("Owning")
    accounts.create_user("analyst@example.org", None, "A", asking, [Role.ANALYST])
    for number, url in enumerate(urls):
        alliance.add_misp(owning, f"MISP {number}", url, "k" * 40)
    alliance.the_alliance()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _fresh(whole: Path, work: Path) -> None:
    for ending in ("-wal", "-shm"):
        work.with_name(work.name + ending).unlink(missing_ok=True)
    shutil.copy(whole, work)


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


def _search(kill_at: int) -> None:
    """Search; SQLite tells each statement, BEGIN and COMMIT too, just before it runs it."""
    from django.db.backends.signals import connection_created

    from securegrid.portal.accounts.models import User
    from securegrid.portal.searches import services
    from securegrid.portal.searches.engine import engine
    from securegrid.values.extract import extract

    statements = iter(range(1, 10_000))

    def trace(_statement: str) -> None:
        if next(statements) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(connection: Any, **_: object) -> None:
        connection.connection.set_trace_callback(trace)

    connection_created.connect(watch)
    user = User.objects.select_related("member").get()
    search = services.ask(user, extract("\n".join(VALUES)))
    assert engine().wait(search.public_id, 20)


def _examine() -> dict[str, Any]:
    """What the database holds, and whether it is whole."""
    from django.db import connection
    from django.utils import timezone

    from securegrid.portal.searches import document, services
    from securegrid.portal.searches.models import Search, SearchState

    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            (sound,) = cursor.fetchone()
        search = Search.objects.first()
        found = {"sound": sound == "ok", "state": search.state if search else "absent"}
        found |= {"wrong": [*_wrong(search)] if search else []}
        services.recover(now=timezone.now(), everything=True)
        if search:
            search.refresh_from_db()
            read = document.document(search)
            found["cells"] = [read.cells.hit, read.cells.miss, read.cells.not_answered]
            found["recovered"] = search.state == SearchState.COMPLETE and read.cells.running == 0
            found["wrong"] += [*_wrong(search)]
        return found
    finally:
        connection.close()


def _wrong(search: Any) -> Iterator[str]:
    """What must not be: a hit without its cell or ledger row, a ledger row without its hit."""
    from securegrid.portal.disclosure.models import LedgerEntry
    from securegrid.portal.searches import cells
    from securegrid.portal.searches.models import Hit, MispAnswer
    from securegrid.portal.searches.question import unseal_question

    asked = unseal_question(search.public_id, search.sealed_question)
    answers = MispAnswer.objects.filter(search=search)
    if len(answers) != 2:
        yield "a search without all its columns"
    hit_cells = {
        (answer.misp_id, position)
        for answer in answers
        for position, byte in enumerate(bytes(answer.cells))
        if byte == cells.HIT
    }
    hits = {(hit.misp_id, hit.position) for hit in Hit.objects.filter(search=search)}
    told = set(LedgerEntry.objects.values_list("misp_id", "value"))
    if hit_cells != hits:
        yield "cells and hits differ"
    if told != {(misp, asked.entries[position].value.text) for misp, position in hits}:
        yield "ledger and hits differ"


def _heal() -> None:
    """Ask again what is missing: everything must come, and nobody be told twice."""
    from securegrid.portal.disclosure.models import LedgerEntry
    from securegrid.portal.searches import document, services
    from securegrid.portal.searches.engine import engine
    from securegrid.portal.searches.models import Search

    search = Search.objects.first()
    if search is None:
        return
    services.retry(search)
    assert engine().wait(search.public_id, 20)
    search.refresh_from_db()
    counted = document.document(search).cells
    assert (counted.hit, counted.miss, counted.not_answered) == (3, 3, 0)
    assert LedgerEntry.objects.count() == 3


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
