"""How long a look-up of an address's network takes, and how much memory it needs."""

import os
import random
import time
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

import psutil

from bench.report import Cell, Section
from securegrid.asn import Atlas
from securegrid.asn.atlas import SHIPPED

WANTED_US = 10.0
_ROUNDS = 3


def measure(tell: Callable[[str], None], *, count: int = 100_000, seed: int = 7) -> Section:
    """Microseconds a look-up (the best of three rounds) over addresses from everywhere."""
    tell("the atlas of networks")
    dice = random.Random(seed)
    v4 = [str(IPv4Address(dice.getrandbits(32))) for _ in range(count)]
    v6 = [str(IPv6Address((0b001 << 125) | dice.getrandbits(125))) for _ in range(count)]
    before = _private_mb()
    started = time.perf_counter()
    atlas = Atlas(SHIPPED)
    atlas.of("192.0.2.1")
    opened_ms = (time.perf_counter() - started) * 1000
    took_us = {"IPv4": _microseconds(atlas, v4), "IPv6": _microseconds(atlas, v6)}
    rows: list[dict[str, Cell]] = [
        {"what": "open the atlas, first look-up (ms)", "measured": round(opened_ms, 3)},
        *(_row(kind, us) for kind, us in took_us.items()),
        {"what": "memory of its own (MB)", "measured": round(max(0.0, _private_mb() - before), 1)},
        {"what": "the file (MB)", "measured": round(SHIPPED.stat().st_size / 1e6, 1)},
    ]
    wish = f"a look-up in under {WANTED_US:.0f} µs"
    return Section(
        title="The network of an address, looked up in the shipped atlas, one core",
        rows=rows,
        wanted={wish: max(took_us.values()) < WANTED_US},
        note=f"{count:,} random addresses of each kind; the atlas is of {atlas.dated}.",
    )


def _row(kind: str, took_us: float) -> dict[str, Cell]:
    return {"what": f"{kind}, one look-up (µs)", "measured": took_us}


def _microseconds(atlas: Atlas, addresses: list[str]) -> float:
    seconds: list[float] = []
    for _ in range(_ROUNDS):
        started = time.process_time()
        for one in addresses:
            atlas.of(one)
        seconds.append(time.process_time() - started)
    return round(min(seconds) / len(addresses) * 1e6, 2)


def _private_mb() -> float:
    """Memory that no other process shares, in MB; the file's pages are shared."""
    return float(psutil.Process(os.getpid()).memory_full_info().uss) / 1e6
