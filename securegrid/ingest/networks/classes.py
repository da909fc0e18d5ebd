"""Decides of an address, offline, whether its network is anonymous, of which class, and whose."""

from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from socket import AF_INET, AF_INET6, inet_pton
from typing import Protocol, TypeAlias

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


Said: TypeAlias = tuple[Place | None, ...]
"""What each layer says of a network."""


class Layer:
    """Lists of equal rank: the smallest network around an address decides, of equal ones the
    list given first."""

    def __init__(self, lists: Sequence[tuple[Place, Iterable[Network]]]) -> None:
        self._places: list[Place | None] = [None, *(place for place, _ in lists)]
        labelled = [
            (network, label) for label, (_, networks) in enumerate(lists, 1) for network in networks
        ]
        self._ranges = {version: Ranges(labelled, version=version) for version in (4, 6)}

    def edges(self, version: int) -> Iterator[tuple[int, Place | None]]:
        """From which address on the layer says what."""
        return ((start, self._places[label]) for start, label in self._ranges[version].edges())


class Stack:
    """Layers upon each other: what all of them say of an address takes one bisection."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._nothing: Said = (None,) * len(layers)
        self._said: list[Said] = [self._nothing]
        self._labels: dict[Said, int] = {self._nothing: NOTHING}
        self._ranges = {
            version: Ranges.of_edges(list(self._edges(layers, version)), version=version)
            for version in (4, 6)
        }

    def of(self, version: int, number: int) -> Said:
        """What the layers say, in their order."""
        return self._said[self._ranges[version].of(number)]

    def _edges(self, layers: Sequence[Layer], version: int) -> Iterator[tuple[int, int]]:
        now = list(self._nothing)
        for start, layer, place in merge(
            *(_numbered(layer.edges(version), number) for number, layer in enumerate(layers)),
            key=lambda edge: edge[:2],
        ):
            now[layer] = place
            yield start, self._label(tuple(now))

    def _label(self, said: Said) -> int:
        if said not in self._labels:
            self._labels[said] = len(self._said)
            self._said.append(said)
        return self._labels[said]


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
        named = [one for one in entries if shipped and one.provider]
        unnamed = [one for one in entries if shipped and not one.provider]
        mine = Layer([(Place(kind), networks) for kind, networks in own])
        self._stack = Stack([mine, _layer(named), _layer(unnamed)])
        self._kinds = {number: kind for kind, all_ in reversed(own_systems) for number in all_}
        self._systems: Systems = systems or Atlas.load()
        self._places: dict[tuple[str, str], Place] = {}

    def of(self, address: str) -> Place | None:
        """Of an IPv4 or IPv6 address in its usual form; None: it is not known as anonymous."""
        mine, named, unnamed = self._said(address)
        if mine is None and self._kinds:
            kind = self._kind_by_system(address)
        else:
            kind = mine.kind if mine else ""
        known = named or unnamed
        kind = kind or (known.kind if known else "")
        if not kind:
            return None
        if named and named.kind == kind:
            return named
        provider = named.provider if named else self._provider(address)
        # One object for each, so that millions of addresses can share it.
        if place := self._places.get((kind, provider)):
            return place
        return self._places.setdefault((kind, provider), Place(kind, provider))

    def _said(self, address: str) -> Said:
        if ":" in address:
            return self._stack.of(6, int.from_bytes(inet_pton(AF_INET6, address)))
        return self._stack.of(4, int.from_bytes(inet_pton(AF_INET, address)))

    def _kind_by_system(self, address: str) -> str:
        origin = self._systems.of(address)
        return self._kinds.get(origin.asn, "") if origin else ""

    def _provider(self, address: str) -> str:
        origin = self._systems.of(address)
        if origin is None:
            return ""
        return self._urls.get(origin.asn) or f"AS{origin.asn} {origin.name}".strip()


def _layer(entries: Sequence[ListEntry]) -> Layer:
    return Layer([(Place(one.kind, one.provider), warning_list(one.list)) for one in entries])


def _numbered(
    edges: Iterator[tuple[int, Place | None]], layer: int
) -> Iterator[tuple[int, int, Place | None]]:
    return ((start, layer, place) for start, place in edges)
