"""Which network addresses may be dialled: judged when the socket opens, so DNS cannot be turned."""

import ipaddress
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
AddrInfo = tuple[int, int, int, str, tuple[Any, ...]]
"""What ``getaddrinfo`` gives for one address: family, type, protocol, name, socket address."""

_CLOUD_METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in (
        "169.254.169.254",  # AWS, Azure, Google, OpenStack
        "fd00:ec2::254",  # AWS over IPv6
        "fd20:ce::254",  # Google over IPv6
        "100.100.100.200",  # Alibaba
        "168.63.129.16",  # Azure's host
        "192.0.0.192",  # Oracle
    )
)
_THIS_NETWORK = ipaddress.ip_network("0.0.0.0/8")  # RFC 1122 3.2.1.3; Linux dials itself
_ENDS_WITH_IPV4 = tuple(
    ipaddress.ip_network(text)
    for text in (
        "::/96",  # IPv4-compatible, RFC 4291 2.5.5.1
        "::ffff:0:0/96",  # IPv4-mapped, RFC 4291 2.5.5.2
        "::ffff:0:0:0/96",  # IPv4-translated, RFC 2765
        "64:ff9b::/96",  # NAT64, RFC 6052
        "64:ff9b:1::/48",  # NAT64 for local use, RFC 8215
    )
)


class ForbiddenAddress(OSError):  # noqa: N818 - the address is what is forbidden
    """The address about to be dialled is not allowed; an ``OSError``, so asyncio passes it on."""

    def __init__(self) -> None:
        # The same words every time: with several addresses asyncio keeps the type only then.
        super().__init__("address not allowed")


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Which addresses a MISP may have.

    Link-local, cloud metadata, unspecified, multicast and reserved addresses are never allowed,
    also not inside an IPv6 address that embeds an IPv4 address (mapped, NAT64, 6to4, Teredo).
    """

    allow_private: bool = True
    """Members' MISPs often have private (RFC 1918, RFC 4193) addresses."""
    allow_loopback: bool = False
    """Only for the demo, tests and development."""

    def allows(self, host: str) -> bool:
        """Whether ``host``, a literal address with or without a scope, may be dialled."""
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return all(self._allows_one(each) for each in _with_embedded(address))

    def _allows_one(self, address: Address) -> bool:
        if address.is_loopback:
            return self.allow_loopback
        if _is_never_allowed(address):
            return False
        return self.allow_private or address.is_global


def guarded_socket(policy: AddressPolicy) -> Callable[[AddrInfo], socket.socket]:
    """A socket factory for aiohttp that refuses what ``policy`` refuses.

    It sees the resolved address itself, after any DNS answer and also for literal addresses;
    nothing lies between this check and the connection. Raises ``ForbiddenAddress``.
    """

    def open_socket(addr_info: AddrInfo) -> socket.socket:
        family, kind, protocol, _, address = addr_info
        if not policy.allows(str(address[0])):
            raise ForbiddenAddress
        return socket.socket(family=family, type=kind, proto=protocol)

    return open_socket


def _is_never_allowed(address: Address) -> bool:
    return (
        address in _CLOUD_METADATA
        or address.is_link_local
        or address.is_unspecified
        or address.is_multicast
        or (address.version == 4 and (address.is_reserved or address in _THIS_NETWORK))
    )


def _with_embedded(address: Address) -> Iterator[Address]:
    """The address and every IPv4 address that a router or translator may read out of it."""
    if isinstance(address, ipaddress.IPv4Address):
        yield address
        return
    plain = ipaddress.IPv6Address(int(address))  # without a scope such as %eth0
    embedded = tuple(_embedded(plain))
    if not embedded or plain.is_loopback or plain.is_unspecified:
        yield plain
    if not (plain.is_loopback or plain.is_unspecified):
        yield from embedded


def _embedded(address: ipaddress.IPv6Address) -> Iterator[ipaddress.IPv4Address]:
    if any(address in network for network in _ENDS_WITH_IPV4):
        yield ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
