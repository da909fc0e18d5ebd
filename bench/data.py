"""The values and events that the cross-search measurements use, composed and deterministic."""

from collections.abc import Iterator
from dataclasses import dataclass

LIST_SIZE = 710
HIT_SHARE = 0.2
ATTRIBUTES = 1_000_000
PER_EVENT = 500


@dataclass(frozen=True, slots=True)
class Stored:
    """One attribute of a composed event."""

    type: str
    category: str
    value: str


def searched() -> tuple[str, ...]:
    """710 values, IP addresses and domain names; the first 20 % are stored on both nodes."""
    hits = round(LIST_SIZE * HIT_SHARE)
    return tuple(_value(n) for n in range(hits)) + tuple(
        _value(ATTRIBUTES + n) for n in range(LIST_SIZE - hits)
    )


def stored(attributes: int = ATTRIBUTES) -> Iterator[tuple[str, tuple[Stored, ...]]]:
    """Events as (title, attributes); a hit value lies in the middle of the n-th block."""
    hits = round(LIST_SIZE * HIT_SHARE)
    step = attributes // (hits + 1)
    planted = {(n + 1) * step: n for n in range(hits)}
    for start in range(0, attributes, PER_EVENT):
        yield (
            f"Composed event {start // PER_EVENT}",
            tuple(
                _attribute(planted[n]) if n in planted else _attribute(2_000_000 + n)
                for n in range(start, min(start + PER_EVENT, attributes))
            ),
        )


def _value(n: int) -> str:
    if n % 2:
        return f"host{n}.bench-{n % 997}.example.com"
    return f"{11 + n // 16_777_216}.{n // 65_536 % 256}.{n // 256 % 256}.{n % 256}"


def _attribute(n: int) -> Stored:
    return Stored("hostname" if n % 2 else "ip-src", "Network activity", _value(n))
