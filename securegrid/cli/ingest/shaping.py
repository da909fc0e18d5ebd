"""The options by which a reader's command says whose data it is, and how its times are meant."""

import time
from enum import StrEnum
from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfoNotFoundError

import typer

from securegrid.cli.ingest.options import Common
from securegrid.cli.ingest.words import IngestProblem, Says
from securegrid.ingest.readers.when import zone_of
from securegrid.ingest.shapes.options import ShapeOptions


class Tlp(StrEnum):
    """With whom events may be shared: the levels of TLP 2.0 (FIRST), or no tag of it at all."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber+strict"
    RED = "red"
    NONE = "none"


SourceName: TypeAlias = Annotated[
    str, typer.Option("--source", help="Names the source in tags and UUIDs; always the same.")
]
ShownName: TypeAlias = Annotated[
    str, typer.Option("--name", help="Names the source in titles, where that is another name.")
]
Zone: TypeAlias = Annotated[
    str, typer.Option("--zone", help="Zone of times written without one, and of the days.")
]
TlpLevel: TypeAlias = Annotated[
    Tlp, typer.Option("--tlp", help="The TLP tag of every event; none: no such tag.")
]
Tags: TypeAlias = Annotated[
    list[str] | None, typer.Option("--tag", help="A further tag of every event; may be repeated.")
]


def shape_options(
    common: Common, source: str, name: str, tlp: Tlp, tags: list[str] | None
) -> ShapeOptions:
    """What the shape is told."""
    level = () if tlp is Tlp.NONE else (f"tlp:{tlp.value}",)
    return ShapeOptions(
        alliance=common.alliance, source=source, name=name, tags=(*level, *(tags or ()))
    )


def now_s() -> int:
    """When the reading begins, in Unix seconds."""
    return int(time.time())


def known_zone(written: str) -> str:
    """``written``, if it is a zone's IANA name; raises ``IngestProblem``."""
    try:
        zone_of(written)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise IngestProblem(Says.BAD_ZONE, zone=written) from None
    return written
