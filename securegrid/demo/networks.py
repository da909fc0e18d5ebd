"""Published data-centre networks as GEO-MISP events, and the question what lies in them."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Network, collapse_addresses
from itertools import groupby
from pathlib import Path

from securegrid.demo.records import ComposedAttribute, ComposedEvent
from securegrid.demo.trails import SNAPSHOT

Network = IPv4Network | IPv6Network


def read(folder: Path) -> list[Network]:
    """Every network of ``ipv4.txt`` and ``ipv6.txt``."""
    v4 = [IPv4Network(line) for line in _lines(folder / "ipv4.txt")]
    v6 = [IPv6Network(line) for line in _lines(folder / "ipv6.txt")]
    return [*v4, *v6]


def _lines(path: Path) -> list[str]:
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def events(known: Sequence[Network]) -> Iterator[ComposedEvent]:
    """One event per leading byte (IPv6: per leading 16 bits)."""
    for block, same in groupby(known, key=_block):
        attributes = tuple(
            ComposedAttribute("ip-src", "Network activity", str(network)) for network in same
        )
        yield ComposedEvent(
            org="GEOLOCATION",
            info=f"({SNAPSHOT}) VPS/Cloud networks in {block}",
            date=SNAPSHOT,
            tags=("anonymous:VPS/Cloud", "x4bnet"),
            attributes=attributes,
        )


def _block(network: Network) -> str:
    if isinstance(network, IPv4Network):
        return f"{str(network).partition('.')[0]}.0.0.0/8"
    return f"{str(network).partition(':')[0]}::/16"


class Inside:
    """Tells quickly in which of many IPv4 networks an address lies."""

    def __init__(self, known: Sequence[Network]) -> None:
        v4 = (network for network in known if isinstance(network, IPv4Network))
        self._networks = sorted(collapse_addresses(v4))
        self._starts = [int(network.network_address) for network in self._networks]

    def network_of(self, address: str) -> IPv4Network | None:
        """The network around ``address``; ``None`` also for what is no IPv4 address."""
        try:
            number = int(IPv4Address(address))
        except ValueError:
            return None
        place = bisect_right(self._starts, number) - 1
        if place < 0 or number > int(self._networks[place].broadcast_address):
            return None
        return self._networks[place]
