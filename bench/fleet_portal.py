"""The fleet of simulated MISPs through the portal: when the first hits come, and when the end."""

import time
from pathlib import Path

from bench.baselines import Node
from bench.fleet import (
    ALL_BUT_SLOW_WITHIN_S,
    DEADLINE_S,
    FIRST_HITS_WITHIN_S,
    OVERTIME_S,
    SLOW,
    VALUES,
    the_fleet,
)
from bench.portal import Asking, portal
from bench.report import Section
from bench.simulated import simulated


def measure(folder: Path) -> Section:
    """POST a search and follow its stream; seconds from the POST as the client sees them."""
    fleet = the_fleet()
    values = [f"198.{18 + n // 65_536}.{n // 256 % 256}.{n % 256}" for n in range(VALUES)]
    with simulated(list(fleet.values())) as urls:
        misps = {name: Node(url, "k" * 40) for name, url in zip(fleet, urls, strict=True)}
        with portal(folder, misps) as served:
            # The first search opens the connections, as the first of a day does.
            rows = [_row(name, Asking(served), values) for name in ("first", "second")]
    return Section(
        title=f"{VALUES} values at {len(fleet)} simulated MISPs of 50 to 300 ms, one of them dead, "
        f"one of 30 s, deadline {DEADLINE_S:.0f} s, through the portal",
        rows=rows,
        wanted={
            f"first hits within {FIRST_HITS_WITHIN_S} s": _all(
                rows, "first hits s", FIRST_HITS_WITHIN_S
            ),
            f"all but the slow one within {ALL_BUT_SLOW_WITHIN_S} s": _all(
                rows, "all but slow s", ALL_BUT_SLOW_WITHIN_S
            ),
            f"complete at the deadline plus at most {OVERTIME_S} s": _all(
                rows, "complete s", DEADLINE_S + OVERTIME_S
            ),
        },
    )


def _row(name: str, client: Asking, values: list[str]) -> dict[str, str | int | float]:
    started = time.perf_counter()
    search = client.post("/searches", {"values": values, "deadline_s": DEADLINE_S})
    first_hits_s = all_but_slow_s = complete_s = 0.0
    hits = 0
    for at, event, data in client.follow(search["id"]):
        seconds = at - started
        if event == "hits":
            first_hits_s = first_hits_s or seconds
            hits += len(data)
        elif event == "misp" and data["state"] != "running" and data["name"] != SLOW:
            all_but_slow_s = max(all_but_slow_s, seconds)
        elif event == "done":
            complete_s = seconds
    return {
        "search": name,
        "first hits s": first_hits_s,
        "all but slow s": all_but_slow_s,
        "complete s": complete_s,
        "hits": hits,
    }


def _all(rows: list[dict[str, str | int | float]], column: str, limit_s: float) -> bool:
    return all(0 < float(row[column]) <= limit_s for row in rows)
