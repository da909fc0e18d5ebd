"""The report of a look, as it is kept: sealed, because its examples are an owner's data."""

import zlib
from typing import TYPE_CHECKING

import msgspec

from securegrid.portal.sealing import SealError, seal, unseal

if TYPE_CHECKING:
    from securegrid.portal.quality.models import Look


class Example(msgspec.Struct, frozen=True, array_like=True):
    """One thing that does not meet a rule: in which event and attribute (UUIDs), and what."""

    event: str
    attribute: str | None
    text: str


class RuleLine(msgspec.Struct, frozen=True, array_like=True):
    """What one rule takes off: ``weight`` times ``found`` of ``of``."""

    rule: str
    severity: str
    found: int
    of: int
    weight: float
    points: float
    examples: tuple[Example, ...]


class Report(msgspec.Struct, frozen=True, array_like=True):
    """The arithmetic of one score."""

    lines: tuple[RuleLine, ...]


def report_context(look: "Look") -> str:
    """What a report is sealed for: this look."""
    return f"quality-report:{look.public_id}"


def seal_report(look: "Look", report: Report) -> bytes:
    """Its sealed form."""
    return seal(zlib.compress(msgspec.msgpack.encode(report), 1), report_context(look))


def report_of(look: "Look") -> Report | None:
    """The report; None once a later look took its place, or the key that sealed it is gone."""
    if not look.sealed_report:
        return None
    try:
        packed = unseal(look.sealed_report, report_context(look))
    except SealError:
        return None
    return msgspec.msgpack.decode(zlib.decompress(packed), type=Report)
