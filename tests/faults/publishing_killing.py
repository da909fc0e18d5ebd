"""Imports that are killed at each step in turn, and begun again: one JSON object for each.

Run as ``python -m tests.faults.publishing_killing URL KEY FOLDER EVERY``. Each import is into an
alliance of its own, so that one node serves all; each attempt is a fork, so that everything is
loaded once. A step is a request, its answer, or a transaction of the journal or of the run.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from securegrid.ingest.pipeline import Job, Rules, journal_of, run_import, undo_import
from securegrid.ingest.publishing import publish as publishing
from securegrid.ingest.publishing.journal import Journal
from securegrid.ingest.publishing.outcomes import ImportState
from securegrid.ingest.publishing.pieces import Limits
from securegrid.ingest.quality.profile import Profile
from securegrid.ingest.quality.warning_lists import WarningLists
from securegrid.ingest.readers.format import ReadOptions
from securegrid.ingest.readers.honeypot import HONEYPOT
from securegrid.ingest.runs.run import Run
from securegrid.ingest.shapes.options import ShapeOptions
from securegrid.misp.client import MispClient
from tests.contract.publishing import connection

NOW = 1_623_500_000
SIGKILLED = -signal.SIGKILL
ROW = '{{"time":"2021-06-11T{clock}Z","source":"{source}","port":{port},"protocol":"tcp"}}\n'
MORNING = "".join(
    ROW.format(clock=f"0{hour}:12:45", source=source, port=port)
    for hour, source, port in (
        (3, "219.167.13.11", 445),
        (4, "219.167.13.11", 445),
        (5, "1.0.16.9", 22),
    )
)
EVENING = "".join(
    ROW.format(clock=f"2{hour}:30:00", source=source, port=port)
    for hour, source, port in ((1, "219.167.13.11", 445), (2, "1.0.64.3", 23))
)
_steps = 0
_dies_at = -1


def step() -> None:
    """One more step; the last one for some."""
    global _steps
    if _steps == _dies_at:
        os.kill(os.getpid(), signal.SIGKILL)
    _steps += 1


def main(url: str, key: str, folder: Path, every: int) -> None:
    """Kill at every ``every``-th step until an import comes through unharmed."""
    _make_mortal()
    for dies_at in range(0, 1_000, every):
        alliance = f"dies-at-{dies_at}"
        place = folder / alliance
        place.mkdir()
        log = place / "honeypot.json"
        ended = _whole_day(url, key, place, log, alliance, dies_at)
        print(json.dumps({"alliance": alliance, "killed": ended}), flush=True)
        if not any(ended):
            break


def job(log: Path, alliance: str) -> Job:
    """Reading the honeypot's log for one alliance."""
    shape = HONEYPOT.shape(ShapeOptions(alliance=alliance, source="IPAlert"))
    return Job("IPAlert", (str(log),), HONEYPOT, ReadOptions(now=NOW), shape, workers=1)


def import_once(url: str, key: str, place: Path, log: Path, alliance: str) -> None:
    """One import, as the command does it."""
    rules = Rules(Profile.load(), WarningLists.none())
    with journal_of(place) as journal:
        run_import(job(log, alliance), place, rules, connection(url, key), journal)


def _whole_day(
    url: str, key: str, place: Path, log: Path, alliance: str, dies_at: int
) -> list[bool]:
    """Two parts of a day and an import undone, each killed once at its step and begun again."""
    other = f"undone-{dies_at}"
    acts: list[Callable[[], None]] = [
        lambda: import_once(url, key, place, log, alliance),
        lambda: import_once(url, key, place, log, alliance),
        lambda: _undo(url, key, place / other),
    ]
    killed = []
    for number, act in enumerate(acts):
        if number < 2:
            with log.open("a") as out:
                out.write((MORNING, EVENING)[number])
        else:
            _fork(lambda: import_once(url, key, place / other, log, other), -1)
        killed.append(_fork(act, dies_at) == SIGKILLED)
        if killed[-1] and _fork(act, -1) != 0:
            raise SystemExit(f"{alliance}: step {number} did not go on")
    return killed


def _undo(url: str, key: str, place: Path) -> None:
    with journal_of(place) as journal:
        ((one, _),) = journal.imports()
        if one.state is not ImportState.UNDONE:
            undo_import(one.name, place, connection(url, key), journal)


def _make_mortal() -> None:
    """Make steps of requests, answers and transactions; pieces are small, so there are more."""
    send, writing, read, acknowledge = (
        MispClient._send, Journal.writing, Run.read, Run.acknowledge,
    )  # fmt: skip

    async def mortal_send(*given: Any) -> Any:
        step()
        answer = await send(*given)
        step()
        return answer

    @contextmanager
    def mortal_writing(self: Journal) -> Iterator[None]:
        step()
        with writing(self):
            yield
            step()
        step()

    def around(act: Callable[..., Any]) -> Callable[..., Any]:
        def mortal(*given: Any, **named: Any) -> Any:
            step()
            done = act(*given, **named)
            step()
            return done

        return mortal

    class Small(Limits):
        def __init__(self) -> None:
            super().__init__(attributes=8)

    MispClient._send = mortal_send  # type: ignore[method-assign, assignment]
    Journal.writing = mortal_writing  # type: ignore[method-assign]
    Run.read, Run.acknowledge = around(read), around(acknowledge)  # type: ignore[method-assign]
    publishing.Limits = Small  # type: ignore[misc]
    publishing.AT_ONCE = 1


def _fork(act: Callable[[], None], dies_at: int) -> int:
    """Run ``act`` in a process of its own; its exit code, negative when it was killed."""
    global _dies_at
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            _dies_at = dies_at
            act()
            code = 0
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
