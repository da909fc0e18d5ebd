"""Which stored attributes are related to a searched value, told by texts that both sides have.

A stored attribute has *forms* (``stored``), a searched value has *probes* (``probes``); where the
text of a form is the text of a probe, ``relation`` says what the one is to the other.
"""

import ipaddress
from collections.abc import Iterable, Iterator
from enum import IntEnum
from functools import lru_cache
from typing import Final

import msgspec

from securegrid.values.fingerprints import Mark
from securegrid.values.hosts import registered_domain
from securegrid.values.match import understood
from securegrid.values.model import Kind, Reject, Relation, Value
from securegrid.values.urls import url_host, without_slash

MAX_BLOCKS: Final = 4_096
"""Probes that a searched network may be covered by."""
_BLOCK: Final = "\0"
"""Before the form of a block: no canonical text holds a control character."""


class Side(IntEnum):
    """What of the searched value a probe is."""

    ITSELF = 1
    HOST = 2
    """The host of a URL or an e-mail address."""
    DOMAIN = 3
    """The registered domain of its host, where that is another name."""
    NETWORK = 4
    """A network that contains it."""
    INSIDE = 5
    """An address or a block of addresses inside it."""


class Probe(msgspec.Struct, frozen=True, gc=False):
    """A text to look for among the forms of stored attributes; not always the value's text."""

    form: str
    side: Side


class TooWide(ValueError):  # noqa: N818 - it says what is wrong with the network
    """The network has no cover of at most ``MAX_BLOCKS`` blocks; ``reason`` has words."""

    reason: Final = Reject.TOO_WIDE


def stored(misp_type: str, value: str, *, blocks: bool = False) -> tuple[tuple[str, Mark], ...]:
    """The forms of a stored attribute, each once, with what of the attribute it is.

    ``blocks``: also the /24 of an IPv4 address, the /48 and the /64 of an IPv6 address.
    Empty for what stands for no value (a comment, a port). Never raises.
    """
    composite, parts = understood(misp_type, value)
    mark = Mark.HALF if composite else Mark.WHOLE
    texts = (text for part in parts for text in (part.text, *part.others))
    found = dict.fromkeys(map(without_slash, texts), mark)
    for part in parts:
        for form, around in _surroundings(part.kind, part.text, blocks):
            found.setdefault(form, around)
    return tuple(found.items())


def probes(value: Value, *, related: bool = False) -> tuple[Probe, ...]:
    """What to look for: the value itself and, if ``related``, all that may be known around it.

    Raises TooWide, only if ``related``, for a network that ``MAX_BLOCKS`` blocks do not cover.
    """
    itself = Probe(without_slash(value.text), Side.ITSELF)
    if not related:
        return (itself,)
    inside = _inside(value.text) if value.kind is Kind.CIDR else ()
    return (itself, *_around(value), *(Probe(form, Side.INSIDE) for form in inside))


def relation(probe: Probe, mark: Mark) -> Relation | None:
    """What an attribute is to the value, if its form with this mark is the text of ``probe``.

    ``None`` where the same text means nothing: a URL on an address is not inside a network.
    """
    return _RELATIONS.get((probe.side, mark))


def related(
    asked: Value, misp_type: str, stored_value: str, *, related: bool = False
) -> Relation | None:
    """The strongest relation of an attribute to ``asked``; ``None`` if it has none.

    Confirms exactly what looking up ``probes(asked, related=related)`` can find among
    ``stored(misp_type, stored_value, blocks=True)``. Never raises.
    """
    sides = _sides(asked) if related else {without_slash(asked.text): Side.ITSELF}
    forms = stored(misp_type, stored_value)
    found = {_RELATIONS.get((sides[form], mark)) for form, mark in forms if form in sides}
    if related and asked.kind is Kind.CIDR and _holds(asked.text, forms):
        found.add(Relation.INSIDE_NETWORK)
    return next((one for one in Relation if one in found), None)


_RELATIONS: Final = {
    (Side.ITSELF, Mark.WHOLE): Relation.EQUAL,
    (Side.ITSELF, Mark.HALF): Relation.PART,
    (Side.ITSELF, Mark.HOST): Relation.SAME_HOST,
    (Side.ITSELF, Mark.DOMAIN): Relation.UNDER_DOMAIN,
    (Side.HOST, Mark.WHOLE): Relation.SAME_HOST,
    (Side.HOST, Mark.HALF): Relation.SAME_HOST,
    (Side.HOST, Mark.HOST): Relation.SAME_HOST,
    (Side.HOST, Mark.DOMAIN): Relation.SAME_DOMAIN,
    (Side.DOMAIN, Mark.WHOLE): Relation.ITS_DOMAIN,
    (Side.DOMAIN, Mark.HALF): Relation.ITS_DOMAIN,
    (Side.DOMAIN, Mark.HOST): Relation.SAME_DOMAIN,
    (Side.DOMAIN, Mark.DOMAIN): Relation.SAME_DOMAIN,
    (Side.NETWORK, Mark.WHOLE): Relation.ITS_NETWORK,
    (Side.NETWORK, Mark.HALF): Relation.ITS_NETWORK,
    (Side.INSIDE, Mark.WHOLE): Relation.INSIDE_NETWORK,
    (Side.INSIDE, Mark.HALF): Relation.INSIDE_NETWORK,
    (Side.INSIDE, Mark.BLOCK): Relation.INSIDE_NETWORK,
}


def _surroundings(kind: Kind, text: str, blocks: bool) -> Iterator[tuple[str, Mark]]:
    host = _host(kind, text)
    if host and host != text:
        yield host, Mark.HOST
    if host and (domain := registered_domain(host)) and domain != host:
        yield domain, Mark.DOMAIN
    if blocks and kind is Kind.IPV4:
        yield _block4(text), Mark.BLOCK
    if blocks and kind is Kind.IPV6:
        number = int(ipaddress.IPv6Address(text))
        yield _block6(number >> 80, 48), Mark.BLOCK
        yield _block6(number >> 64, 64), Mark.BLOCK


def _host(kind: Kind, text: str) -> str:
    match kind:
        case Kind.DOMAIN | Kind.HOSTNAME:
            return text
        case Kind.URL:
            return url_host(text)
        case Kind.EMAIL:
            return text.rpartition("@")[2]
        case _:
            return ""


def _around(value: Value) -> Iterator[Probe]:
    host = _host(value.kind, value.text)
    if host and host != value.text:
        yield Probe(host, Side.HOST)
    if host and (domain := registered_domain(host)) and domain != host:
        yield Probe(domain, Side.DOMAIN)
    if value.kind in (Kind.IPV4, Kind.IPV6, Kind.CIDR):
        yield from (Probe(form, Side.NETWORK) for form in _networks(value.text))


def _networks(text: str) -> Iterator[str]:
    """The networks around an address or a network, /8 and longer (IPv6: /16 and longer)."""
    own = ipaddress.ip_network(text)
    first, bits = int(own.network_address), own.max_prefixlen
    address = ipaddress.IPv4Address if bits == 32 else ipaddress.IPv6Address
    for prefix in range(8 if bits == 32 else 16, own.prefixlen):
        yield f"{address(first >> bits - prefix << bits - prefix)}/{prefix}"


def _inside(text: str) -> Iterable[str]:
    """Forms that together are exactly what lies inside a network: blocks, or each address."""
    network = ipaddress.ip_network(text)
    width = _block_width(network)
    if (count := 1 << width - network.prefixlen) > MAX_BLOCKS:
        raise TooWide(f"{count} blocks")
    if width == network.max_prefixlen:
        return map(str, network)
    first = int(network.network_address) >> network.max_prefixlen - width
    if network.version == 4:
        return (
            _block4(f"{n >> 16}.{n >> 8 & 255}.{n & 255}.0") for n in range(first, first + count)
        )
    return (_block6(number, width) for number in range(first, first + count))


def _block_width(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> int:
    """The prefix of the widest blocks that exactly cover the network."""
    widths = (24, 32) if network.version == 4 else (48, 64, 128)
    return next(width for width in widths if width >= network.prefixlen)


def _block4(address: str) -> str:
    return _BLOCK + address.rpartition(".")[0]


def _block6(number: int, prefix: int) -> str:
    return f"{_BLOCK}{number:x}/{prefix}"


@lru_cache(maxsize=1_024)
def _sides(asked: Value) -> dict[str, Side]:
    """All probes but those inside a network, which may be thousands."""
    itself = Probe(without_slash(asked.text), Side.ITSELF)
    return {probe.form: probe.side for probe in (*_around(asked), itself)}


def _holds(network: str, forms: Iterable[tuple[str, Mark]]) -> bool:
    """Whether one of the forms is an address in a network that can be covered."""
    net = ipaddress.ip_network(network)
    if 1 << _block_width(net) - net.prefixlen > MAX_BLOCKS:
        return False
    return any(_lies_in(net, form) for form, mark in forms if mark in (Mark.WHOLE, Mark.HALF))


def _lies_in(network: ipaddress.IPv4Network | ipaddress.IPv6Network, form: str) -> bool:
    try:
        return ipaddress.ip_address(form) in network
    except ValueError:
        return False
