"""Addresses that mean nothing to others: private, reserved, or from documents."""

from bisect import bisect_right
from collections.abc import Iterator
from enum import Enum, auto
from functools import lru_cache
from ipaddress import ip_network
from typing import Final

from securegrid.ingest.quality.findings import RuleId, Severity
from securegrid.ingest.quality.rules.model import AttributeRule
from securegrid.ingest.quality.subjects import Item, Part
from securegrid.values.addresses import ipv6_number
from securegrid.values.model import Kind
from securegrid.values.urls import url_host


class _Use(Enum):
    PRIVATE = auto()
    RESERVED = auto()
    DOCUMENTATION = auto()


# The IANA special-purpose address registries (RFC 6890), with what is no unicast address.
_V4: Final = {
    _Use.PRIVATE: "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 127.0.0.0/8 "
    "169.254.0.0/16",
    _Use.DOCUMENTATION: "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24",
    _Use.RESERVED: "0.0.0.0/8 192.0.0.0/24 192.88.99.0/24 198.18.0.0/15 224.0.0.0/4 240.0.0.0/4",
}
_V6: Final = {
    _Use.PRIVATE: "::1/128 fc00::/7 fe80::/10 fec0::/10",
    _Use.DOCUMENTATION: "2001:db8::/32 3fff::/20",
    _Use.RESERVED: "::/128 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001:2::/48 2001:10::/28 "
    "5f00::/16 ff00::/8",
}
_NAMES: Final = {
    _Use.PRIVATE: "localhost local localdomain internal intranet private corp home lan home.arpa",
    _Use.DOCUMENTATION: "example example.com example.net example.org test invalid",
}
"""Special-use names: RFC 2606, 6761, 6762, 8375, and roots that ICANN leaves to organisations."""
_EMBEDDED: Final = ((0x0064_FF9B << 96, 96, 0), (0x2002 << 112, 16, 80))
"""NAT64 (RFC 6052) and 6to4 (RFC 3056): network, prefix, and where the IPv4 address stands."""


def _ranges(written: dict[_Use, str]) -> tuple[list[int], list[tuple[int, _Use]]]:
    """First addresses, ascending, and for each the last address and the use."""
    networks = sorted(
        (int(net.network_address), int(net.broadcast_address), use)
        for use, texts in written.items()
        for net in map(ip_network, texts.split())
    )
    return [first for first, _, _ in networks], [(last, use) for _, last, use in networks]


_V4_RANGES: Final = _ranges(_V4)
_V6_RANGES: Final = _ranges(_V6)
_USES: Final = {name: use for use, names in _NAMES.items() for name in names.split()}


def _finder(use: _Use) -> AttributeRule:
    def finds(item: Item) -> str | None:
        for part in item.parts:
            if part.value is not None and any(found is use for found in _uses(part)):
                return f"{item.draft.type}: {item.draft.value}"
        return None

    return AttributeRule(_RULE_OF[use], Severity.ERROR, finds)


def _uses(part: Part) -> Iterator[_Use | None]:
    value = part.value
    if value is None:
        return
    if value.kind in (Kind.IPV4, Kind.IPV6, Kind.CIDR):
        yield use_of_address(value.text)
    elif value.kind is Kind.URL:
        host = url_host(value.text)
        yield use_of_address(host) if _is_address(host) else _use_of_name(host)
    elif value.kind in (Kind.DOMAIN, Kind.HOSTNAME):
        yield _use_of_name(value.text)


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


@lru_cache(256)  # three rules ask the same of each value
def use_of_address(text: str) -> "_Use | None":
    """The special use of a canonical address, or of the whole of a network; ``None``: none."""
    address, _, prefix = text.partition("/")
    if ":" not in address:
        a, b, c, d = map(int, address.split("."))
        first = a << 24 | b << 16 | c << 8 | d
        return _use(_V4_RANGES, first, 32 - int(prefix or 32))
    number = ipv6_number(address)
    if not prefix:
        for network, bits, below in _EMBEDDED:
            if number >> 128 - bits == network >> 128 - bits:
                return _use(_V4_RANGES, number >> below & 0xFFFFFFFF, 0)
    return _use(_V6_RANGES, number, 128 - int(prefix or 128))


def _use(ranges: tuple[list[int], list[tuple[int, _Use]]], first: int, bits: int) -> _Use | None:
    firsts, ends = ranges
    at = bisect_right(firsts, first) - 1
    if at < 0:
        return None
    last, use = ends[at]
    return use if first + (1 << bits) - 1 <= last else None


@lru_cache(256)
def _use_of_name(name: str) -> _Use | None:
    labels = name.rsplit(".", 2)
    return _USES.get(labels[-1]) or _USES.get(".".join(labels[-2:]))


def _too_wide(item: Item) -> str | None:
    if not item.draft.to_ids:
        return None
    sizes = item.around.setting.profile.sizes
    for part in item.parts:
        if part.value is not None and part.value.kind is Kind.CIDR:
            address, _, prefix = part.value.text.partition("/")
            if int(prefix) < (sizes.network_v6 if ":" in address else sizes.network_v4):
                return f"{item.draft.type}: {item.draft.value}"
    return None


_RULE_OF: Final = {
    _Use.PRIVATE: RuleId.ADDRESS_PRIVATE,
    _Use.RESERVED: RuleId.ADDRESS_RESERVED,
    _Use.DOCUMENTATION: RuleId.ADDRESS_DOCUMENTATION,
}
ADDRESS_PRIVATE = _finder(_Use.PRIVATE)
ADDRESS_RESERVED = _finder(_Use.RESERVED)
ADDRESS_DOCUMENTATION = _finder(_Use.DOCUMENTATION)
NETWORK_TOO_WIDE = AttributeRule(RuleId.NETWORK_TOO_WIDE, Severity.WARNING, _too_wide)

RULES: Final = (ADDRESS_PRIVATE, ADDRESS_RESERVED, ADDRESS_DOCUMENTATION, NETWORK_TOO_WIDE)
