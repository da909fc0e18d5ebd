"""Composes an access log: so many lines of so many different sources, deterministic."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

_AGENTS = (
    *(
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{version}.0.0.0 Safari/537.36"
        for version in range(90, 126)
    ),
    "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    "curl/7.88.1",
)
_AT_ONCE = 20_000
_ANONYMOUS = "34.64.0.0/10\n"
"""Half of the sources are in here: a cloud's networks, so that providers are looked up too."""


class Composed(msgspec.Struct, frozen=True):
    """A log, and the list of networks by which half of its sources are anonymous."""

    log: Path
    networks: Path
    lines: int
    sources: int


def compose(folder: Path, lines: int, sources: int) -> Composed:
    """Write the log unless it is there; every source occurs, each as often as any other."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Composed(
        folder / f"access-{lines}-{sources}.log", folder / "networks.txt", lines, sources
    )
    made.networks.write_text(_ANONYMOUS)
    if not made.log.exists():
        part = made.log.with_suffix(".part")
        with part.open("w", encoding="ascii") as out:
            out.writelines(_lines(lines, sources))
        part.rename(made.log)
    return made


def _lines(lines: int, sources: int) -> Iterator[str]:
    draw = random.Random(4)
    addresses = [_address(n) for n in range(sources)]
    for start in range(0, lines, _AT_ONCE):
        yield "".join(
            _line(n, lines, addresses, draw) for n in range(start, min(start + _AT_ONCE, lines))
        )


def _line(n: int, lines: int, addresses: Sequence[str], draw: random.Random) -> str:
    # The first lines name every source once, in an order that says nothing.
    count = len(addresses)
    source = addresses[n * 7_919 % count if n < count else int(draw.random() * count)]
    second = n * 86_400 // lines
    time = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    agent = _AGENTS[int(draw.random() * len(_AGENTS))]
    return (
        f"{source} - - [13/May/2021:{time} +0000] "
        f'"GET /path/{n % 9_973} HTTP/1.1" 200 {n % 65_521} "https://example.com/" "{agent}"\n'
    )


def _address(n: int) -> str:
    """Even ones in the anonymous network, odd ones outside; all different up to a million."""
    number = (34 << 24 | 64 << 16) + n // 2 * 8 if n % 2 == 0 else (60 << 24) + n // 2 * 13
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))
