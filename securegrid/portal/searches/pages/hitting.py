"""How a hit looks: its event, attribute and tags, as far as the owner shows them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from securegrid.asn import Origin
from securegrid.portal.disclosure.shown import AttributeShown, EventShown, TagShown
from securegrid.portal.searches.pages.looks import language, why_without_details
from securegrid.portal.searches.shapes import HitRow
from securegrid.values.model import Relation
from securegrid.words import say

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class TagLook:
    """A tag and its colour in the MISP (``#rrggbb``, or empty)."""

    name: str
    colour: str


@dataclass(frozen=True, slots=True)
class HitLook:
    """A hit. ``relation`` says how it is related unless it simply equals the value; ``reason``
    why it has no details, when its MISP did not give them.
    """

    relation: str
    count: int | None
    event: EventShown | None
    attribute: AttributeShown | None
    tags: tuple[TagLook, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class ListedHit:
    """A hit in the list of all; ``origin``: the network of a value that is an address."""

    position: int
    value: str
    origin: Origin | None
    misp: str
    look: HitLook


def listed(hits: Iterable[HitRow]) -> tuple[ListedHit, ...]:
    """The list of hits for people."""
    return tuple(
        ListedHit(hit.position, hit.value, hit.origin, hit.misp, _look(hit)) for hit in hits
    )


def looks(hits: Iterable[HitRow]) -> tuple[HitLook, ...]:
    """The hits of one cell for people."""
    return tuple(_look(hit) for hit in hits)


def _look(hit: HitRow) -> HitLook:
    related = hit.relation is not Relation.EQUAL
    tags = (*(hit.event.tags if hit.event else ()), *(hit.attribute.tags if hit.attribute else ()))
    return HitLook(
        relation=say(hit.relation, language()) if related else "",
        count=hit.count,
        event=hit.event,
        attribute=hit.attribute,
        tags=tuple({tag.name: _tag(tag) for tag in tags}.values()),
        reason=why_without_details(hit.reason),
    )


def _tag(tag: TagShown) -> TagLook:
    colour = tag.colour or ""
    return TagLook(tag.name, colour if _COLOUR.fullmatch(colour) else "")
