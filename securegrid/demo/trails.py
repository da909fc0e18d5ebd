"""The published APT trails: indicators by threat actor, grouped under the reports they cite."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from securegrid.demo.records import ComposedAttribute, ComposedEvent
from securegrid.values.model import Kind, Value
from securegrid.values.normalise import normalise

SNAPSHOT = date(2026, 8, 1)
"""When the lists were taken; they do not date their entries."""

_TYPES = {
    Kind.IPV4: "ip-dst",
    Kind.IPV6: "ip-dst",
    Kind.CIDR: "ip-dst",
    Kind.DOMAIN: "domain",
    Kind.HOSTNAME: "hostname",
    Kind.URL: "url",
}
_REFERENCE = re.compile(r"#\s*Reference:\s*(\S+)")
_PORT = re.compile(r"(\d{1,3}(?:\.\d{1,3}){3}):(\d{1,5})")
_BARE_ADDRESS = re.compile(r"https?://(\d{1,3}(?:\.\d{1,3}){3})/?")


@dataclass(frozen=True, slots=True)
class Trail:
    """Indicators of one actor that one report (or several) told."""

    actor: str
    references: tuple[str, ...]
    indicators: tuple[str, ...]


def events(folder: Path) -> Iterator[ComposedEvent]:
    """One event per actor and cited report."""
    for number, trail in enumerate(_trails(folder)):
        attributes = tuple(dict.fromkeys(_attributes(trail.indicators)))
        if attributes:
            yield ComposedEvent(
                org="Maltrail",
                info=f"{trail.actor}: {trail.references[0] if trail.references else 'trails'}",
                date=SNAPSHOT,
                tags=("tlp:clear", "type:OSINT", f"threat-actor:{trail.actor}"),
                attributes=(*_links(trail.references), *attributes),
                serial=number,
            )


def addresses(folder: Path) -> dict[str, list[str]]:
    """The IPv4 addresses of each actor."""
    found: dict[str, list[str]] = {}
    for trail in _trails(folder):
        written = found.setdefault(trail.actor, [])
        written += [a for line in trail.indicators if (a := _address(line)) is not None]
    return found


def _trails(folder: Path) -> Iterator[Trail]:
    for path in sorted(folder.glob("apt_*.txt")):
        actor = path.stem.removeprefix("apt_")
        yield from _blocks(actor, path.read_text(encoding="utf-8", errors="replace").splitlines())


def _blocks(actor: str, lines: Iterable[str]) -> Iterator[Trail]:
    """A block begins with references; its indicators follow until the next references."""
    references: list[str] = []
    indicators: list[str] = []
    for line in lines:
        cited = _REFERENCE.match(line)
        if cited and indicators:
            yield Trail(actor, tuple(references), tuple(indicators))
            references, indicators = [], []
        if cited:
            references.append(cited.group(1))
        elif line.strip() and not line.startswith("#"):
            indicators.append(line.partition("#")[0].strip())
    if indicators:
        yield Trail(actor, tuple(references), tuple(indicators))


def _links(references: Iterable[str]) -> Iterator[ComposedAttribute]:
    for reference in dict.fromkeys(references):
        yield ComposedAttribute("link", "External analysis", reference)


def _attributes(indicators: Iterable[str]) -> Iterator[ComposedAttribute]:
    for written in indicators:
        with_port, address = _PORT.fullmatch(written), _address(written)
        if with_port:
            value = f"{with_port.group(1)}|{with_port.group(2)}"
            yield ComposedAttribute("ip-dst|port", "Network activity", value, to_ids=True)
        elif address:
            yield ComposedAttribute("ip-dst", "Network activity", address, to_ids=True)
        if not with_port and written != address:
            yield from _normal(written)


def _normal(written: str) -> Iterator[ComposedAttribute]:
    """What the trail stands for, where it is an indicator; a bare URL path is none."""
    value = None if written.startswith("/") else normalise(written)
    if isinstance(value, Value) and value.kind in _TYPES:
        type_ = _TYPES[value.kind]
        yield ComposedAttribute(type_, "Network activity", value.text, to_ids=True)


def _address(written: str) -> str | None:
    """The address that a trail names alone, with a port, or as the host of a bare URL."""
    match = _PORT.fullmatch(written) or _BARE_ADDRESS.fullmatch(written)
    if match:
        return match.group(1)
    return written if re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){3}", written) else None
