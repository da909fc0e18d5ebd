"""Many networks as sorted, disjoint ranges: which one an address is in takes one bisection."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network
from typing import Final, Protocol, TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network

NOTHING: Final = 0


class _Starts(Protocol):
    def __len__(self) -> int: ...

    def __getitem__(self, at: int, /) -> int: ...


class Ranges:
    """Labels (1 to 65,535) of networks of one IP version. The smallest network around an address
    decides; of equal ones the first. Small: 6 bytes for each IPv4 range."""

    def __init__(self, networks: Iterable[tuple[Network, int]], *, version: int) -> None:
        own: dict[tuple[int, int], int] = {}
        for network, label in networks:
            if network.version == version:
                own.setdefault((int(network[0]), int(network[-1])), label)
        end = 1 << (32 if version == 4 else 128)
        edges = [edge for edge in _edges(own) if edge[0] < end]
        starts = [start for start, _ in edges]
        self._starts: _Starts = array("I", starts) if version == 4 else starts
        self._labels = array("H", [label for _, label in edges])

    def of(self, address: int) -> int:
        """The label of the smallest network that holds ``address``; NOTHING of none."""
        at = bisect_right(self._starts, address) - 1
        return self._labels[at] if at >= 0 else NOTHING

    def __len__(self) -> int:
        return len(self._starts)


def _edges(networks: dict[tuple[int, int], int]) -> Iterator[tuple[int, int]]:
    """From which address on which label holds; of edges at one address the last."""
    around: list[tuple[int, int]] = []
    # Outer networks come before those inside them; networks never overlap otherwise.
    for start, end in sorted(networks, key=lambda one: (one[0], -one[1])):
        yield from _ended(around, start)
        around.append((end, networks[start, end]))
        yield start, networks[start, end]
    yield from _ended(around, None)


def _ended(around: list[tuple[int, int]], before: int | None) -> Iterator[tuple[int, int]]:
    while around and (before is None or around[-1][0] < before):
        end, _ = around.pop()
        yield end + 1, around[-1][1] if around else NOTHING
