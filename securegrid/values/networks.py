"""The networks and blocks around an address and inside a network, as texts to be looked up.

All take and give canonical texts; 710 addresses have 17,750 networks, hence the plain arithmetic.
"""

import ipaddress
from collections.abc import Iterable, Iterator
from socket import inet_aton, inet_ntoa
from typing import Final

from securegrid.values.addresses import ipv6_number, ipv6_text

MAX_COVER: Final = 4_096
"""Forms that a network may be covered by."""
SHORTEST_IPV4: Final = 8
SHORTEST_IPV6: Final = 16
"""Shorter prefixes hold too much of the Internet to say anything about an address."""
_MARK: Final = "\0"
"""Before the form of a block: no canonical text holds a control character."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks_around(text: str) -> Iterator[str]:
    """The networks that hold an address or a network, and are larger than it.

    IPv4: /8 and longer, IPv6: /16 and longer.
    """
    address, slash, prefix = text.partition("/")
    if ":" in address:
        return _around_ipv6(ipv6_number(address), int(prefix) if slash else 128)
    number = int.from_bytes(inet_aton(address), "big")
    return _around_ipv4(number, int(prefix) if slash else 32)


def blocks_around(address: str) -> tuple[str, ...]:
    """The forms of the blocks that hold an address: its /24 (IPv4), its /48 and /64 (IPv6)."""
    if ":" not in address:
        return (_MARK + address.rpartition(".")[0],)
    number = ipv6_number(address)
    return (_block_ipv6(number >> 80, 48), _block_ipv6(number >> 64, 64))


def cover(text: str) -> Iterable[str] | None:
    """Forms of blocks, or addresses, that together hold exactly what lies inside a network.

    Exactly, so that nobody is asked for a neighbour, and existence and counts need no second
    look: a network smaller than the smallest block is taken address by address. ``None`` when
    that takes more than ``MAX_COVER``: wider than /12, /36 and /52, or in IPv6 between /65
    and /115.
    """
    network = ipaddress.ip_network(text)
    width = _width(network)
    if not _is_coverable(network, width):
        return None
    if width == network.max_prefixlen:
        return map(str, network)
    first = int(network.network_address) >> network.max_prefixlen - width
    numbers = range(first, first + (1 << width - network.prefixlen))
    if network.version == 4:
        return (f"{_MARK}{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in numbers)
    return (_block_ipv6(number, width) for number in numbers)


def covers(text: str, addresses: Iterable[str]) -> bool:
    """Whether ``cover(text)`` holds one of ``addresses``; what is no address is not held."""
    network = ipaddress.ip_network(text)
    if not _is_coverable(network, _width(network)):
        return False
    return any(_is_inside(network, address) for address in addresses)


def _around_ipv4(number: int, longest: int) -> Iterator[str]:
    for prefix in range(SHORTEST_IPV4, longest):
        first = number >> 32 - prefix << 32 - prefix
        yield f"{inet_ntoa(first.to_bytes(4, 'big'))}/{prefix}"


def _around_ipv6(number: int, longest: int) -> Iterator[str]:
    for prefix in range(SHORTEST_IPV6, longest):
        first = number >> 128 - prefix << 128 - prefix
        yield f"{ipv6_text(first.to_bytes(16, 'big'))}/{prefix}"


def _block_ipv6(number: int, prefix: int) -> str:
    return f"{_MARK}{number:x}/{prefix}"


def _width(network: Network) -> int:
    """The prefix of the widest blocks, or single addresses, of which the network consists."""
    widths = (24, 32) if network.version == 4 else (48, 64, 128)
    return next(width for width in widths if width >= network.prefixlen)


def _is_coverable(network: Network, width: int) -> bool:
    return 1 << width - network.prefixlen <= MAX_COVER


def _is_inside(network: Network, address: str) -> bool:
    try:
        return ipaddress.ip_address(address) in network
    except ValueError:
        return False
