"""Who really asked: addresses in their usual form, behind trusted proxies the one they name."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import ip_network
from socket import AF_INET, AF_INET6, inet_pton

from securegrid.ingest.networks.ranges import NOTHING, Ranges
from securegrid.values.addresses import IPV4, ipv6_value
from securegrid.values.model import Value

_REMEMBERED = 16_384
_WITH_PORT = re.compile(r"\[([^\]]+)\](?::\d{1,5})?|([^:]+):\d{1,5}")
_LONGEST = 80
_MOST_HOPS = 64


def address_of(written: str) -> str:
    """An address as MISP stores it; empty when ``written`` is none.

    A port behind it (``192.0.2.1:443``, ``[2001:db8::1]:443``) and an IPv6 zone are dropped, IPv4
    in IPv6 (RFC 4291 2.5.5.2) becomes IPv4.
    """
    if IPV4.fullmatch(written):
        return written
    if found := _WITH_PORT.fullmatch(written):
        return address_of(found[1] or found[2])
    return _ipv6(written) if ":" in written and len(written) < _LONGEST else ""


@lru_cache(_REMEMBERED)
def _ipv6(written: str) -> str:
    value = ipv6_value(written)
    return value.text if isinstance(value, Value) else ""


class Proxies:
    """The networks whose X-Forwarded-For is believed; by default none is."""

    def __init__(self, trusted: Sequence[str] = ()) -> None:
        """Raises ValueError for what is neither network nor address."""
        networks = [(ip_network(one, strict=False), 1) for one in trusted]
        self._v4 = Ranges(networks, version=4)
        self._v6 = Ranges(networks, version=6)
        self.any = bool(networks)

    def client(self, peer: str, forwarded: str) -> str:
        """Who asked ``peer`` to ask: the last address in ``forwarded`` that is no trusted proxy.

        Anybody can write this header, so what stands before an address that is not trusted is
        not looked at (MDN, X-Forwarded-For). Empty when what a trusted proxy names is no address.
        """
        client = peer
        for written in _from_the_end(forwarded):
            if not client or not self.trusts(client):
                return client
            client = address_of(written)
        return client

    def trusts(self, address: str) -> bool:
        """Whether ``address`` is one of the proxies."""
        if ":" in address:
            return self._v6.of(int.from_bytes(inet_pton(AF_INET6, address))) != NOTHING
        return self._v4.of(int.from_bytes(inet_pton(AF_INET, address))) != NOTHING


def _from_the_end(forwarded: str) -> Iterable[str]:
    if forwarded in {"", "-"}:
        return ()
    return (one.strip() for one in reversed(forwarded.rsplit(",", _MOST_HOPS)[-_MOST_HOPS:]))
