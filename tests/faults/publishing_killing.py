"""Imports that are killed at each step in turn, and begun again: one JSON object for each.

Run as ``python -m tests.faults.publishing_killing URL KEY FOLDER FORMAT EVERY``. Each import is
into an alliance of its own, so that one node serves all; each attempt is a fork, so that
everything is loaded once. A step is a request, its answer, or a transaction of the journal or of
the run.
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
from securegrid.ingest.readers.registry import registry
from securegrid.ingest.runs.run import Run
from securegrid.ingest.shapes.options import ShapeOptions
from securegrid.misp.client import MispClient
from tests.contract.publishing import connection
from tests.unit.ingest.readers.access import EVERYBODY

NOW = 1_623_500_000
SIGKILLED = -signal.SIGKILL


def _rows(*rows: tuple[str, str, int]) -> str:
    form = '{{"time":"2021-06-11T{}Z","source":"{}","port":{},"protocol":"tcp"}}\n'
    return "".join(form.format(*row) for row in rows)


def _requests(*requests: tuple[str, str]) -> str:
    form = '{} - - [11/Jun/2021:{} +0000] "GET / HTTP/1.1" 200 5 "-" "curl/7.76.1"\n'
    return "".join(form.format(source, clock) for clock, source in requests)


def _alerts(*alerts: tuple[str, str]) -> str:
    form = (
        'date=2021-06-11 time={} tz="+0000" logid="0419016384" type="utm" subtype="ips"'
        ' srcip={} dstip=192.168.1.10 proto=6 attack="Apache.Log4j"\n'
    )
    return "".join(form.format(clock, source) for clock, source in alerts)


def _listed(*values: tuple[str, str]) -> str:
    form = "2021/06/11,LAC,a@lac.example,(2021-06-11) LAC list,tlp:amber,,,,{},{},{},,seen\n"
    return "".join(form.format(value, "Network activity", type_) for type_, value in values)


OTHER_SOURCE, SAME_SOURCE, NEW_SOURCE = "1.0.16.9", "219.167.13.11", "1.0.64.3"
DAYS = {
    "honeypot": (
        _rows(("03:12:45", SAME_SOURCE, 445), ("04:12:45", SAME_SOURCE, 445),
              ("05:12:45", OTHER_SOURCE, 22)),
        _rows(("21:30:00", SAME_SOURCE, 445), ("22:30:00", NEW_SOURCE, 23)),
    ),
    "access-log": (
        _requests(("03:12:45", SAME_SOURCE), ("05:12:45", OTHER_SOURCE)),
        _requests(("21:30:00", SAME_SOURCE), ("22:30:00", NEW_SOURCE)),
    ),
    "fortigate": (
        _alerts(("03:12:45", SAME_SOURCE), ("05:12:45", OTHER_SOURCE)),
        _alerts(("21:30:00", SAME_SOURCE), ("22:30:00", NEW_SOURCE)),
    ),
    "table": (
        _listed(("ip-dst", SAME_SOURCE), ("ip-dst", OTHER_SOURCE)),
        _listed(("ip-dst", NEW_SOURCE), ("hostname", "c2.lac.co.jp")),
    ),
}  # fmt: skip
"""What a log of each format holds in the morning, and what it has grown by in the evening."""
SOURCES = {"honeypot": "IPAlert", "access-log": "docodoco.jp", "fortigate": "FortiGate"}
_steps = 0
_dies_at = -1


def step() -> None:
    """One more step; the last one for some."""
    global _steps
    if _steps == _dies_at:
        os.kill(os.getpid(), signal.SIGKILL)
    _steps += 1


def main(url: str, key: str, folder: Path, format_: str, every: int) -> None:
    """Kill at every ``every``-th step until an import comes through unharmed."""
    _make_mortal()
    for dies_at in range(0, 1_000, every):
        alliance = f"dies-at-{dies_at}"
        place = folder / alliance
        place.mkdir()
        ended = _whole_day(url, key, place, format_, alliance, dies_at)
        print(json.dumps({"alliance": alliance, "killed": ended}), flush=True)
        if not any(ended):
            break


def job(log: Path, format_: str, alliance: str) -> Job:
    """Reading a log for one alliance; everybody is anonymous."""
    found = registry[format_]
    source = SOURCES.get(format_, "LAC")
    told = {"networks": EVERYBODY} if format_ == "access-log" else {}
    shape = found.shape(ShapeOptions(alliance=alliance, source=source))
    return Job(source, (str(log),), found, found.options(now=NOW, **told), shape, workers=1)


def import_once(url: str, key: str, place: Path, asked: Job) -> None:
    """One import, as the command does it."""
    rules = Rules(Profile.load(), WarningLists.none())
    with journal_of(place) as journal:
        run_import(asked, place, rules, connection(url, key), journal)


def _whole_day(
    url: str, key: str, place: Path, format_: str, alliance: str, dies_at: int
) -> list[bool]:
    """Two parts of a day and an import undone, each killed once at its step and begun again."""
    log, other = place / "log", f"undone-{dies_at}"
    asked, undone = job(log, format_, alliance), job(log, format_, other)
    acts: list[Callable[[], None]] = [
        lambda: import_once(url, key, place, asked),
        lambda: import_once(url, key, place, asked),
        lambda: _undo(url, key, place / other),
    ]
    killed = []
    for number, act in enumerate(acts):
        if number < 2:
            with log.open("a") as out:
                out.write(DAYS[format_][number])
        else:
            _fork(lambda: import_once(url, key, place / other, undone), -1)
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
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4], int(sys.argv[5]))
