"""Which stored attributes are related to a searched value, told by texts that both sides have.

A stored attribute has *forms* (``stored``), a searched value has *probes* (``probes``); where the
text of a form is the text of a probe, ``relation`` says what the one is to the other.
"""

from collections.abc import Callable, Collection, Iterator
from enum import IntEnum
from typing import Final

import msgspec

from securegrid.values.fingerprints import Mark
from securegrid.values.hosts import registered_domain
from securegrid.values.match import Understood, understood
from securegrid.values.model import Kind, Relation, Value
from securegrid.values.networks import blocks_around, cover, covers, networks_around
from securegrid.values.normalise import normalise
from securegrid.values.urls import url_host, without_slash


class Side(IntEnum):
    """What of the searched value a probe is."""

    ALONE = 1
    """The value, where nothing but the value and halves of composites were asked for."""
    ITSELF = 2
    """The value, where all that is related was asked for."""
    HOST = 3
    """The host of a URL or an e-mail address."""
    DOMAIN = 4
    """The registered domain of its host, where that is another name."""
    NETWORK = 5
    """A network that contains it."""
    INSIDE = 6
    """An address or a block of addresses inside it."""


class Probe(msgspec.Struct, frozen=True, gc=False):
    """A text to look for among the forms of stored attributes; not always the value's text."""

    form: str
    side: Side


class TooWide(ValueError):  # noqa: N818 - it says what is wrong with the network
    """What lies inside the network takes more than ``networks.MAX_COVER`` probes."""


def stored(misp_type: str, value: str, *, blocks: bool = False) -> tuple[tuple[str, Mark], ...]:
    """The forms of a stored attribute, each once, with what of the attribute it is.

    ``blocks``: also the /24 of an IPv4 address, the /48 and the /64 of an IPv6 address.
    Empty for what stands for no value (a comment, a port). Never raises.
    """
    composite, parts = understood(misp_type, value)
    mark = Mark.HALF if composite else Mark.WHOLE
    if len(parts) == 1 and parts[0].kind in _ALONE:
        return ((parts[0].text, mark),)
    found: dict[str, Mark] = {}
    for part in parts:
        found[_form(part.kind, part.text)] = mark
        for other in part.others:
            found[without_slash(other)] = mark
    for part in parts:
        for form, around in _surroundings(part, blocks):
            found.setdefault(form, around)
    return tuple(found.items())


def probes(value: Value, *, related: bool = False) -> tuple[Probe, ...]:
    """What to look for: the value itself and, if ``related``, all that may be known around it.

    Raises TooWide, only if ``related``, for a network that cannot be covered.
    """
    if not related:
        return (Probe(_form(value.kind, value.text), Side.ALONE),)
    inside = cover(value.text) if value.kind is Kind.CIDR else ()
    if inside is None:
        raise TooWide
    return (*_probes_around(value), *(Probe(form, Side.INSIDE) for form in inside))


def relation(probe: Probe, mark: Mark) -> Relation | None:
    """What an attribute is to the value, if its form with this mark is the text of ``probe``.

    ``None`` where the same text was not asked for, or means nothing: a URL on an address is
    not inside a network.
    """
    return _RELATIONS.get((probe.side, mark))


def related(
    asked: Value, misp_type: str, stored_value: str, *, related: bool = False
) -> Relation | None:
    """The strongest relation of an attribute to ``asked``; ``None`` if it has none.

    Confirms exactly what looking up ``probes(asked, related=related)`` can find among
    ``stored(misp_type, stored_value, blocks=True)``. Never raises.
    """
    sides = _sides(asked) if related else {_form(asked.kind, asked.text): Side.ALONE}
    forms = stored(misp_type, stored_value)
    found = {_RELATIONS.get((sides[form], mark)) for form, mark in forms if form in sides}
    if related and asked.kind is Kind.CIDR:
        addresses = (form for form, mark in forms if mark in (Mark.WHOLE, Mark.HALF))
        found.add(Relation.INSIDE_NETWORK if covers(asked.text, addresses) else None)
    return strongest(found)


def strongest(relations: Collection[Relation | None]) -> Relation | None:
    """The relation that says most, by the order of ``Relation``'s members; ``None`` of none."""
    return next((one for one in Relation if one in relations), None)


_RELATIONS: Final = {
    (Side.ALONE, Mark.WHOLE): Relation.EQUAL,
    (Side.ALONE, Mark.HALF): Relation.PART,
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


_HOST_OF: Final[dict[Kind, Callable[[str], str]]] = {
    Kind.DOMAIN: str,
    Kind.HOSTNAME: str,
    Kind.URL: url_host,
    Kind.EMAIL: lambda address: address.rpartition("@")[2],
}
_ADDRESSES: Final = (Kind.IPV4, Kind.IPV6)
_ALONE: Final = frozenset(Kind) - {*_HOST_OF, *_ADDRESSES, Kind.FILENAME}
"""Kinds whose values are found by one text alone."""


def _surroundings(part: Understood, blocks: bool) -> list[tuple[str, Mark]]:
    if part.kind in _ADDRESSES:
        return [(form, Mark.BLOCK) for form in blocks_around(part.text)] if blocks else []
    host, domain = _host_and_domain(part.kind, part.text)
    found = [(host, Mark.HOST)] if host else []
    return [*found, (domain, Mark.DOMAIN)] if domain else found


def _form(kind: Kind, text: str) -> str:
    """One for a URL with and without its final slash, also where it is taken for a path."""
    if not text.endswith("/"):
        return text
    if kind is Kind.FILENAME:
        plain = normalise(text)
        kind = plain.kind if isinstance(plain, Value) else kind
    return without_slash(text) if kind is Kind.URL else text


def _sides(asked: Value) -> dict[str, Side]:
    """All probes but those inside a network, which may be thousands.

    Made anew each time: what was searched must not stay in a cache when its search is gone.
    """
    return {probe.form: probe.side for probe in _probes_around(asked)}


def _probes_around(value: Value) -> Iterator[Probe]:
    yield Probe(_form(value.kind, value.text), Side.ITSELF)
    host, domain = _host_and_domain(value.kind, value.text)
    if host:
        yield Probe(host, Side.HOST)
    if domain:
        yield Probe(domain, Side.DOMAIN)
    if value.kind in _ADDRESSES or value.kind is Kind.CIDR:
        for network in networks_around(value.text):
            yield Probe(network, Side.NETWORK)


def _host_and_domain(kind: Kind, text: str) -> tuple[str, str]:
    """The host and its registered domain; each empty where it says nothing new."""
    host_of = _HOST_OF.get(kind)
    if host_of is None:
        return "", ""
    host = host_of(text)
    domain = registered_domain(host)
    return "" if host == text else host, "" if domain == host else domain
