"""Measures the SQLite store of the index: ``make bench-index ROWS=10000000``.

The rows are synthetic, spread over five MISPs. The report keeps the last run of each size, the
largest first.
"""

import json
import os
import random
import shutil
import statistics
import sys
import threading
import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path
from sqlite3 import connect
from typing import Any
from uuid import UUID, uuid4

import psutil

from bench.machine import describe, peak_mb
from bench.report import Section, markdown_of, tell
from securegrid.index.port import EventRows, EventStamp, Row
from securegrid.index.sqlite import SqliteStore
from securegrid.values.fingerprints import Mark, fingerprints

FOLDER = Path("var/bench")
ROWS = 10_000_000
MISPS = 5
VALUES = 710
HITS = 142
KNOWN = 14_200
"""Different values that are held, of which each question draws its hits."""
EVENT_ROWS = 2_500
"""As on a real MISP of 5 million attributes in 2,009 events."""
BYTES_PER_ROW = 64
"""Asked of the disk before a run: a row, its trace, and a part of the build's file."""
SPARE_BYTES = 4 * 2**30
WARM_ROUNDS, COLD_ROUNDS = 60, 12
UPDATE_S = 8.0
SCANNED = 1_000_000
WANTED_MS = {100_000_000: {"warm": 10.0}, 1_000_000_000: {"warm": 60.0, "cold": 200.0}}

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Held:
    """One MISP's index: its generation, its key, its known values."""

    generation: UUID
    key: bytes


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of one kind of look-up."""

    p50: float
    p95: float


def main() -> None:
    """Measure with the number of rows given, and rewrite the report."""
    rows = int(sys.argv[1].replace("_", "")) if len(sys.argv) > 1 else ROWS
    sections = measure(FOLDER / "index", rows, tell)
    report = _keep(FOLDER, rows, sections)
    print(report.read_text())
    print(f"Written to {report} and {report.with_suffix('.json')}")


def measure(folder: Path, rows: int, tell: Tell) -> list[Section]:
    """Build, look up, update; ``folder`` is emptied before and after.

    Ends the program with a message when the disk has too little room.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _check_room(folder, rows)
    try:
        return _measured(folder, rows, tell)
    finally:
        shutil.rmtree(folder)


def _measured(folder: Path, rows: int, tell: Tell) -> list[Section]:
    tell(f"building {rows:,} rows for {MISPS} MISPs")
    store = SqliteStore(folder)
    held = [Held(uuid4(), os.urandom(32)) for _ in range(MISPS)]
    build = _build(store, held, rows, tell)
    tell("look-ups")
    _read_once(folder)
    warm = [_look_up(store, held, seed) for seed in range(WARM_ROUNDS)][WARM_ROUNDS // 6 :]
    only_prints = [_prints(held, seed) for seed in range(WARM_ROUNDS)]
    store.close()
    cold = [_look_up_cold(folder, held, seed) for seed in range(1000, 1000 + COLD_ROUNDS)]
    tell("the limit and an unsorted scan")
    numbers = array("Q", range(0, 2**64 - 2**63 // rows, MISPS * 2**64 // rows))
    limit = [_look_up_array(numbers, held, seed) for seed in range(8)]
    scan = _scan(folder, rows)
    tell("updating while searching")
    update = _update(SqliteStore(folder), held)
    kinds = {
        "SQLite store, warm": _times(warm),
        f"SQLite store, cold, {COLD_ROUNDS} times": _times(cold),
        "of these, making the fingerprints": _times(only_prints),
        "the limit: sorted array in memory and bisect": _times(limit),
        f"unsorted scan (of {SCANNED:,} rows, multiplied)": Times(scan, scan),
    }
    return [_look_ups(rows, kinds), _building(build), _updating(update)]


def _look_ups(rows: int, kinds: dict[str, Times]) -> Section:
    got = list(kinds.values())
    wanted = WANTED_MS.get(rows, {})
    took = {"warm": got[0].p50, "cold": got[1].p50}
    return Section(
        title=f"The index: {VALUES} values × {MISPS} MISPs on {rows:,} rows",
        rows=[{"look-up": kind, "p50 ms": t.p50, "p95 ms": t.p95} for kind, t in kinds.items()],
        wanted={f"{k}: at most {ms:.0f} ms (p50)": took[k] <= ms for k, ms in wanted.items()},
        note="Fingerprints are made within the time. Before a cold look-up the system's cache of"
        " every file is dropped and the store is opened anew. Warm: each question is another one,"
        " after all files were read once, as far as memory holds them.",
    )


def _building(figures: dict[str, float]) -> Section:
    return Section(
        title="The index: building",
        rows=[{"what": name, "measured": figure} for name, figure in figures.items()],
    )


def _updating(figures: dict[str, float]) -> Section:
    return Section(
        title="The index: updating one MISP while another thread searches all",
        rows=[{"what": name, "measured": figure} for name, figure in figures.items()],
        note=f"Batches of four events of {EVENT_ROWS} rows that are already held; all of their"
        " rows change, then 2 % of them.",
    )


def _build(store: SqliteStore, held: Sequence[Held], rows: int, tell: Tell) -> dict[str, float]:
    took = 0.0
    for one in held:
        store.create(one.generation)
        source = _Source(one, rows // MISPS)
        started = time.perf_counter()
        store.build(one.generation, source.events())
        took += time.perf_counter() - started - source.took_s
        tell(f"{rows // MISPS:,} rows built")
    sizes = [store.size(one.generation) for one in held]
    total = sum(size.rows for size in sizes)
    return {
        "rows": total,
        "rows a second, from rows in memory to a finished index": total / took,
        "bytes a row": sum(size.bytes for size in sizes) / total,
        "peak memory MB, with this measurement": peak_mb(),
    }


class _Source:
    """Makes the events of one MISP, and keeps account of the time that this takes."""

    def __init__(self, held: Held, rows: int) -> None:
        self._key = held.key
        self._rows = rows
        self.took_s = 0.0

    def events(self) -> Iterator[EventRows]:
        """Known values first, then random fingerprints."""
        left = self._rows
        known = fingerprints(self._key, map(_known, range(KNOWN)))
        while left > 0:
            started = time.perf_counter()
            count = min(EVENT_ROWS, left)
            event = _event(known[:count] + _random(max(0, count - len(known))))
            known = known[count:]
            left -= count
            self.took_s += time.perf_counter() - started
            yield event


def _event(prints: Sequence[bytes], uuid: bytes | None = None) -> EventRows:
    rows = tuple(map(Row, prints, _random(len(prints)), repeat(Mark.WHOLE)))
    stamp = EventStamp(int(time.time()), published=True)
    return EventRows(uuid or os.urandom(16), stamp, len(rows), rows)


def _random(count: int) -> list[bytes]:
    raw = os.urandom(16 * count)
    return [raw[start : start + 16] for start in range(0, len(raw), 16)]


def _known(number: int) -> str:
    return f"known-{number}.example"


def _question(seed: int) -> list[str]:
    """Values of which HITS are held; each seed asks another question."""
    dice = random.Random(seed)
    hits = [_known(number) for number in dice.sample(range(KNOWN), HITS)]
    return hits + [f"{dice.getrandbits(64):x}.example" for _ in range(VALUES - HITS)]


def _look_up(store: SqliteStore, held: Sequence[Held], seed: int, changing: int = 0) -> float:
    """The first ``changing`` MISPs may have lost what they held."""
    values = _question(seed)
    started = time.perf_counter()
    found = store.look_up({one.generation: fingerprints(one.key, values) for one in held})
    took = time.perf_counter() - started
    if any(len(found[one.generation]) != HITS for one in held[changing:]):
        raise AssertionError("the store did not find what it holds")
    return took


def _look_up_cold(folder: Path, held: Sequence[Held], seed: int) -> float:
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    store = SqliteStore(folder)
    took = _look_up(store, held, seed)
    store.close()
    return took


def _prints(held: Sequence[Held], seed: int) -> float:
    values = _question(seed)
    started = time.perf_counter()
    for one in held:
        fingerprints(one.key, values)
    return time.perf_counter() - started


def _look_up_array(numbers: "array[int]", held: Sequence[Held], seed: int) -> float:
    """In an array as long as one MISP has rows, once for each MISP."""
    values = _question(seed)
    started = time.perf_counter()
    for one in held:
        for print_ in fingerprints(one.key, values):
            bisect_left(numbers, int.from_bytes(print_[:8], "big"))
    return time.perf_counter() - started


def _scan(folder: Path, rows: int) -> float:
    """Milliseconds to go once through as many unsorted rows as there are."""
    with connect(folder / "scan.sqlite") as connection:
        connection.execute("CREATE TABLE row (key BLOB)")
        connection.executemany("INSERT INTO row VALUES (?)", zip(_random(SCANNED), strict=True))
        asked = _random(VALUES)
        places = ",".join("?" * VALUES)
        started = time.perf_counter()
        connection.execute(f"SELECT count(*) FROM row WHERE key IN ({places})", asked).fetchall()
        took = time.perf_counter() - started
    (folder / "scan.sqlite").unlink()
    return took * 1000 * rows / SCANNED


def _update(store: SqliteStore, held: Sequence[Held]) -> dict[str, float]:
    target = held[0].generation
    events = sorted(store.stamps(target))[:400]
    alone = _update_for(store, target, events, UPDATE_S / 2, 1.0)
    done = threading.Event()
    searched: list[float] = []

    def search() -> None:
        while not done.is_set():
            searched.append(_look_up(store, held, random.randrange(10**9), changing=1))

    searcher = threading.Thread(target=search)
    searcher.start()
    beside = _update_for(store, target, events, UPDATE_S, 1.0)
    part = _update_for(store, target, events, UPDATE_S / 2, 0.02)
    done.set()
    searcher.join()
    store.close()
    return {
        "rows replaced a second, nobody searching": alone,
        "rows replaced a second, while searching": beside,
        "rows a second of events of which 2 % change, while searching": part,
        f"look-up of {VALUES} values at all MISPs meanwhile, p50 ms": _times(searched).p50,
    }


def _update_for(
    store: SqliteStore, target: UUID, events: Sequence[bytes], for_s: float, changed: float
) -> float:
    kept = {event: _random(EVENT_ROWS) for event in events[:4]}
    took, rows, place = 0.0, 0, 0
    while took < for_s:
        if changed == 1.0:
            some = [_event(_random(EVENT_ROWS), e) for e in events[place : place + 4]]
            place = (place + 4) % (len(events) - 4 or 1)
        else:
            some = [_slightly_changed(event, prints, changed) for event, prints in kept.items()]
        started = time.perf_counter()
        store.replace(target, some)
        took += time.perf_counter() - started
        rows += sum(len(event.rows) for event in some)
    return rows / took


def _slightly_changed(event: bytes, prints: list[bytes], changed: float) -> EventRows:
    count = round(len(prints) * changed)
    prints[:count] = _random(count)
    random.shuffle(prints)
    rows = tuple(Row(one, one, Mark.WHOLE) for one in prints)
    return EventRows(event, EventStamp(int(time.time()), published=True), len(rows), rows)


def _read_once(folder: Path) -> None:
    for path in folder.iterdir():
        with path.open("rb") as file:
            while file.read(2**22):
                pass


def _times(seconds: Sequence[float]) -> Times:
    cut = statistics.quantiles(seconds, n=20, method="inclusive") if len(seconds) > 1 else seconds
    return Times(p50=statistics.median(seconds) * 1000, p95=cut[-1] * 1000)


def _check_room(folder: Path, rows: int) -> None:
    free = psutil.disk_usage(str(folder)).free
    needed = rows * BYTES_PER_ROW + SPARE_BYTES
    if free < needed:
        raise SystemExit(
            f"{rows:,} rows need {needed / 2**30:.0f} GiB of disk;"
            f" {free / 2**30:.0f} GiB are free in {folder}"
        )


def _keep(folder: Path, rows: int, sections: Sequence[Section]) -> Path:
    """Put this run into the report in place of the last one of its size."""
    kept = folder / "index.json"
    runs: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {}
    at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    runs[str(rows)] = {
        "at": at,
        "machine": asdict(describe()),
        "sections": [asdict(section) for section in sections],
        "markdown": markdown_of(at, describe(), sections),
    }
    kept.write_text(json.dumps(runs, indent=2, ensure_ascii=False))
    largest_first = sorted(runs.items(), key=lambda run: -int(run[0]))
    report = folder / "index.md"
    report.write_text("\n".join(run["markdown"] for _, run in largest_first))
    return report


if __name__ == "__main__":
    main()
