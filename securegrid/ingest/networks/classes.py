"""Decides of an address, offline, whether its network is anonymous, of which class, and whose."""

from collections.abc import Iterable, Sequence
from socket import AF_INET, AF_INET6, inet_pton
from typing import Protocol

import msgspec

from securegrid.asn.atlas import Atlas
from securegrid.asn.model import Origin
from securegrid.ingest.networks.lists import ListEntry, shipped_table, warning_list
from securegrid.ingest.networks.ranges import NOTHING, Network, Ranges


class Place(msgspec.Struct, frozen=True):
    """An anonymous network: its class (``VPS/Cloud``) and its provider, a web address where one
    is known, else the name of the autonomous system; empty when nobody says."""

    kind: str
    provider: str = ""


class Systems(Protocol):
    """Who announces an address: the shipped atlas, or a database that the user names."""

    def of(self, address: str) -> Origin | None: ...


class Layer:
    """Lists of equal rank: the smallest network around an address decides, of equal ones the
    list given first."""

    def __init__(self, lists: Sequence[tuple[Place, Iterable[Network]]]) -> None:
        self._places = [place for place, _ in lists]
        labelled = [
            (network, label) for label, (_, networks) in enumerate(lists, 1) for network in networks
        ]
        self._v4 = Ranges(labelled, version=4)
        self._v6 = Ranges(labelled, version=6)

    def of(self, version: int, number: int) -> Place | None:
        """What the lists say of an address."""
        label = (self._v4 if version == 4 else self._v6).of(number)
        return None if label == NOTHING else self._places[label - 1]


class Networks:
    """All that is known of anonymous networks. Picklable; some megabytes with all lists."""

    def __init__(
        self,
        own: Sequence[tuple[str, Iterable[Network]]] = (),
        own_systems: Sequence[tuple[str, frozenset[int]]] = (),
        systems: Systems | None = None,
        *,
        shipped: bool = True,
    ) -> None:
        """``own``, ``own_systems``: classes with their networks and their autonomous systems; they
        go before the lists that come with MISP, which ``shipped`` leaves out. ``systems``: by
        default the atlas that is shipped."""
        entries, self._urls = shipped_table()
        named, unnamed = _layers(entries if shipped else [])
        self._own = Layer([(Place(kind), networks) for kind, networks in own])
        self._kinds = {number: kind for kind, all_ in reversed(own_systems) for number in all_}
        self._named = named
        self._unnamed = unnamed
        self._systems: Systems = systems or Atlas.load()

    def of(self, address: str) -> Place | None:
        """Of an IPv4 or IPv6 address in its usual form; None: it is not known as anonymous."""
        version, number = _number(address)
        named = self._named.of(version, number)
        own = self._own.of(version, number)
        origin = self._systems.of(address) if self._kinds and own is None else None
        kind = own.kind if own else self._kinds.get(origin.asn if origin else 0)
        if kind is None:
            found = named or self._unnamed.of(version, number)
            kind = found.kind if found else None
        if kind is None:
            return None
        return Place(kind, named.provider if named else self._provider(address))

    def _provider(self, address: str) -> str:
        origin = self._systems.of(address)
        if origin is None:
            return ""
        return self._urls.get(origin.asn) or f"AS{origin.asn} {origin.name}".strip()


def _layers(entries: Sequence[ListEntry]) -> tuple[Layer, Layer]:
    """The lists that name a provider, and those that do not."""
    read = [(Place(one.kind, one.provider), warning_list(one.list)) for one in entries]
    return Layer([one for one in read if one[0].provider]), Layer(
        [one for one in read if not one[0].provider]
    )


def _number(address: str) -> tuple[int, int]:
    if ":" in address:
        return 6, int.from_bytes(inet_pton(AF_INET6, address))
    return 4, int.from_bytes(inet_pton(AF_INET, address))
