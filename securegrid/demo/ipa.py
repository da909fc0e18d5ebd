"""IPA-MISP, composed: sources that attacked the honeypot, by day, port and address."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from securegrid.demo.composed import ACCESS_LOG_NETWORK, HONEYPOT_NETWORK, address_in, host_names
from securegrid.demo.draw import Draw
from securegrid.demo.records import ComposedAttribute, ComposedEvent

ORG = "ipakick"
LAST_DAY = date(2021, 6, 11)
DAYS = tuple(LAST_DAY - timedelta(days=back) for back in reversed(range(14)))
_PORTS = {445: "smb", 23: "telnet", 22: "ssh", 3389: "rdp", 1433: "ms-sql", 5555: "adb"}
_BY_SHARE = (445,) * 8 + (23,) * 6 + (22,) * 3 + (3389,) * 2 + (1433, 5555)
_NETWORK_ACTIVITY = "Network activity"


def events() -> Iterator[ComposedEvent]:
    """Every event of IPA-MISP: one per day, port and source."""
    seen: set[str] = set()
    for day in DAYS:
        draw = Draw("ipa", day)
        for _ in range(draw.between(24, 32)):
            event = _event(day, draw.pick(_BY_SHARE), _source(draw), draw)
            if event.info not in seen:
                seen.add(event.info)
                yield event


def _source(draw: Draw) -> str:
    """Mostly an address of the honeypot's own; now and then one that GEO-MISP may hold too."""
    return address_in(ACCESS_LOG_NETWORK if draw.chance(15) else HONEYPOT_NETWORK, draw)


def title(day: date, port: int, source: str) -> str:
    """An event's title as IPA-MISP writes it."""
    return f"[IPAlert] {day} port:{port} access from {source}"


def _event(day: date, port: int, source: str, draw: Draw) -> ComposedEvent:
    return ComposedEvent(
        org=ORG,
        info=title(day, port, source),
        date=day,
        tags=("IPAlert",),
        attributes=tuple(_attributes(day, port, source, draw)),
    )


def _attributes(day: date, port: int, source: str, draw: Draw) -> Iterator[ComposedAttribute]:
    """Twelve attributes, and in a third of the events a thirteenth: the source's name."""
    first = datetime.combine(day, time(draw.below(12), draw.below(60)), UTC)
    last = first + timedelta(minutes=draw.between(1, 600))
    yield ComposedAttribute("ip-src", _NETWORK_ACTIVITY, source, to_ids=True)
    yield ComposedAttribute("port", _NETWORK_ACTIVITY, str(port))
    yield ComposedAttribute("text", "Other", f"protocol: {_PORTS[port]}")
    yield ComposedAttribute(
        "text", "Other", f"transport: tcp, source port {draw.between(1024, 65_000)}"
    )
    yield ComposedAttribute("datetime", "Other", first.isoformat(), comment="first access")
    yield ComposedAttribute("datetime", "Other", last.isoformat(), comment="last access")
    yield ComposedAttribute("counter", "Other", str(draw.between(1, 900)), comment="connections")
    yield ComposedAttribute("counter", "Other", str(draw.between(1_000, 90_000)), comment="bytes")
    yield ComposedAttribute("text", "Other", f"sensor: IPAlert-{draw.between(1, 12):02}")
    yield ComposedAttribute(
        "text", "Other", f"country: {draw.pick(('JP', 'TW', 'US', 'BG', 'ID'))}"
    )
    yield ComposedAttribute("AS", _NETWORK_ACTIVITY, f"AS{draw.between(64_496, 64_511)}")
    yield ComposedAttribute("sha256", "Payload delivery", draw.hexadecimal(64), comment="payload")
    if draw.chance(35):
        name = next(host_names("ipa", source))
        yield ComposedAttribute("hostname", _NETWORK_ACTIVITY, name, comment="reverse lookup")
