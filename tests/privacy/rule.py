"""The rule as something that can be broken: what searches show to whoever reads the wires."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from uuid import UUID

from tests.privacy.finder import Finder
from tests.privacy.world import World, holders

Traffic = dict[str, list[bytes]]
"""The whole requests to each MISP, in their order."""

_UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Breach(StrEnum):
    """A way in which the rule is broken."""

    VALUE_TOLD = "a byte to a MISP tells of a value"
    TRAFFIC_DIFFERS = "misses, their number or the order of the question show in the traffic"
    FOREIGN_UUID = "a UUID was asked for that no hit has"
    ASKED_FOR_NOTHING = "a MISP without a hit was asked"
    GUESSABLE = "who has no key can search the index"


def broken_by(world: World, hits: Iterable[str], finder: Finder) -> set[Breach]:
    """What is wrong with what the wires recorded of one search that hit ``hits``."""
    told: set[Breach] = set()
    texts = tuple(hits)
    for name, node in world.items():
        held = holders(name, texts)
        sent = {uuid for request in node.wire.requests for uuid in uuids_in(request.body)}
        if finder.found_in(node.wire.everything):
            told.add(Breach.VALUE_TOLD)
        if sent - held:
            told.add(Breach.FOREIGN_UUID)
        if node.wire.everything and not held:
            told.add(Breach.ASKED_FOR_NOTHING)
    return told


def traffic_of(world: World) -> Traffic:
    """What the wires recorded."""
    return {name: node.wire.traffic() for name, node in world.items()}


def is_guessable(stored: bytes, held: Sequence[str]) -> bool:
    """Whether what is stored tells, without any key, that a value is held."""
    return bool(Finder(held).found_in(stored))


def uuids_in(body: bytes) -> list[UUID]:
    """Every UUID in a request, in order."""
    return [UUID(found.decode()) for found in _UUID.findall(body)]
