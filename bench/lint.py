"""How fast rules look attributes over, and what the warning lists cost: time, memory, disk."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from bench.machine import peak_mb
from bench.report import Section
from securegrid.ingest.model import AttributeDraft, Content, EventDraft
from securegrid.ingest.quality.checking import Checks
from securegrid.ingest.quality.profile import Profile
from securegrid.ingest.quality.scoring import Tally
from securegrid.ingest.quality.warning_lists import WarningLists

ATTRIBUTES, PER_EVENT = 100_000, 2_500
WANTED_S, WANTED_MB = 10.0, 200.0
_NOW = datetime(2026, 11, 23, tzinfo=UTC)
_SEEN = int(_NOW.timestamp()) - 86_400
_TOPS = ("com", "net", "info", "jp", "co.jp", "xyz")


@dataclass(frozen=True, slots=True)
class _Measured:
    build_s: float
    open_ms: float
    disk_mb: float
    rules_s: float
    attributes_per_s: int
    findings: int
    points: float
    peak_mb_lists: float
    peak_mb: float


def measure(tell: Callable[[str], None]) -> Section:
    """In a process of its own, so that its memory is what it says."""
    tell("rules and warning lists")
    told = subprocess.run([sys.executable, "-m", "bench.lint"], check=True, capture_output=True)
    measured = _Measured(**json.loads(told.stdout))
    return Section(
        title=f"Rules look {ATTRIBUTES:,} mixed attributes over, one core",
        rows=[{name: getattr(measured, name) for name in measured.__slots__}],
        wanted={
            f"{ATTRIBUTES:,} attributes in under {WANTED_S:.0f} s": measured.rules_s < WANTED_S,
            f"warning lists in under {WANTED_MB:.0f} MB": measured.peak_mb < WANTED_MB,
        },
        note="pymispwarninglists' own search of the same lists: 26 s and 900 MB to load.",
    )


def main() -> None:
    """Measure here; write JSON to standard output."""
    with TemporaryDirectory() as folder:
        print(json.dumps(_measured(Path(folder))))


def _measured(folder: Path) -> dict[str, float]:
    started = time.perf_counter()
    WarningLists.load(folder)
    built = time.perf_counter()
    lists = WarningLists.load(folder)
    opened = time.perf_counter()
    peak_mb_lists = round(peak_mb(), 1)
    tally, seconds = _looked_over(lists)
    score = tally.score()
    return {
        "build_s": round(built - started, 2),
        "open_ms": round((opened - built) * 1000, 1),
        "disk_mb": round(sum(file.stat().st_size for file in folder.iterdir()) / 1e6, 1),
        "rules_s": round(seconds, 2),
        "attributes_per_s": round(tally.attributes / seconds),
        "findings": score.errors + score.warnings,
        "points": score.points,
        "peak_mb_lists": peak_mb_lists,
        "peak_mb": round(peak_mb(), 1),
    }


def _looked_over(lists: WarningLists) -> tuple[Tally, float]:
    """The rules' time alone; composing what they look at is not counted."""
    profile = Profile.load()
    checks = Checks.of(profile, lists, _NOW)
    tally = Tally(profile)
    dice = random.Random(11)
    seconds = 0.0
    for number in range(ATTRIBUTES // PER_EVENT):
        contents = list(_contents(dice))
        started = time.perf_counter()
        looked = checks.event(_event(number))
        for finding in looked.whole(contents):
            tally.add(finding)
        seconds += time.perf_counter() - started
        tally.events += 1
        tally.attributes += looked.around.attributes
    return tally, seconds


def _event(number: int) -> EventDraft:
    day = date(2026, 11, number % 22 + 1)
    return EventDraft(str(UUID(int=number)), f"[IPAlert] {day} bench", day, ("IPAlert", "tlp:red"))


def _contents(dice: random.Random) -> Iterator[Content]:
    """Types as in members' MISPs; one in a hundred is bad, two of three marked for detection."""
    makers, weights = zip(*_MIX, strict=True)
    for make in dice.choices(makers, weights, k=PER_EVENT):
        type_, value = make(dice)
        if dice.random() < 0.01:
            value = value.replace(".", "[.]", 1)
        yield AttributeDraft(
            uuid=str(UUID(int=dice.getrandbits(128))),
            type=type_,
            category="",
            value=value,
            to_ids=dice.random() < 0.66,
            comment=f"requests: {dice.randrange(10_000)}",
            first_seen=_SEEN - dice.randrange(3_600),
            last_seen=_SEEN,
        )


def _address(dice: random.Random) -> str:
    return ".".join(str(dice.randrange(1, 224)) for _ in range(4))


def _host(dice: random.Random) -> str:
    name = "".join(dice.choices("abcdefghijklmnop", k=9))
    return f"{dice.choice(('www', 'cdn', 'dxc'))}.{name}.{dice.choice(_TOPS)}"


def _digest(dice: random.Random) -> str:
    return f"{dice.getrandbits(256):064x}"


_Maker = Callable[[random.Random], tuple[str, str]]
_MIX: tuple[tuple[_Maker, int], ...] = (
    (lambda dice: ("ip-src", _address(dice)), 35),
    (lambda dice: ("ip-dst", _address(dice)), 10),
    (lambda dice: ("ip-dst|port", f"{_address(dice)}|{dice.randrange(1, 65_536)}"), 5),
    (lambda dice: ("hostname", _host(dice)), 12),
    (lambda dice: ("domain", _host(dice).partition(".")[2]), 8),
    (lambda dice: ("domain|ip", f"{_host(dice)}|{_address(dice)}"), 3),
    (lambda dice: ("url", f"http://{_host(dice)}/gate.php?id={dice.randrange(99)}"), 8),
    (lambda dice: ("sha256", _digest(dice)), 8),
    (lambda dice: ("md5", _digest(dice)[:32]), 4),
    (lambda dice: ("filename|sha256", f"a{dice.randrange(999)}.exe|{_digest(dice)}"), 3),
    (lambda dice: ("email-src", f"user@{_host(dice)}"), 2),
    (lambda dice: ("text", f"login tried: root / {dice.randrange(10**6)}"), 2),
)


if __name__ == "__main__":
    main()
