"""IPA-MISP, composed: sources that attacked the honeypot, by day, port and address."""

from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Attack:
    """What one source did at one port on one day. Times are in UTC; ``hostname`` may be empty."""

    day: date
    port: int
    source: str
    first: datetime
    last: datetime
    source_port: int
    connections: int
    bytes: int
    sensor: str
    country: str
    asn: str
    payload_sha256: str
    hostname: str

    @property
    def service(self) -> str:
        """What listens on the port."""
        return _PORTS[self.port]


def attacks() -> Iterator[Attack]:
    """Every attack, day by day; one per day, port and source."""
    for day in DAYS:
        draw, seen = Draw("ipa", day), set[tuple[int, str]]()
        for _ in range(draw.between(24, 32)):
            attack = _attack(day, draw.pick(_BY_SHARE), _source(draw), draw)
            if (attack.port, attack.source) not in seen:
                seen.add((attack.port, attack.source))
                yield attack


def _source(draw: Draw) -> str:
    """Mostly an address of the honeypot's own; now and then one that GEO-MISP may hold too."""
    return address_in(ACCESS_LOG_NETWORK if draw.chance(15) else HONEYPOT_NETWORK, draw)


def _attack(day: date, port: int, source: str, draw: Draw) -> Attack:
    first = datetime.combine(day, time(draw.below(12), draw.below(60)), UTC)
    return Attack(
        day=day,
        port=port,
        source=source,
        first=first,
        last=first + timedelta(minutes=draw.between(1, 600)),
        source_port=draw.between(1024, 65_000),
        connections=draw.between(1, 900),
        bytes=draw.between(1_000, 90_000),
        sensor=f"IPAlert-{draw.between(1, 12):02}",
        country=draw.pick(("JP", "TW", "US", "BG", "ID")),
        asn=f"AS{draw.between(64_496, 64_511)}",
        payload_sha256=draw.hexadecimal(64),
        hostname=next(host_names("ipa", source)) if draw.chance(35) else "",
    )


def events() -> Iterator[ComposedEvent]:
    """Every event of IPA-MISP: one per day, port and source."""
    return map(_event, attacks())


def title(day: date, port: int, source: str) -> str:
    """An event's title as IPA-MISP writes it."""
    return f"[IPAlert] {day} port:{port} access from {source}"


def _event(attack: Attack) -> ComposedEvent:
    return ComposedEvent(
        org=ORG,
        info=title(attack.day, attack.port, attack.source),
        date=attack.day,
        tags=("IPAlert",),
        attributes=tuple(_attributes(attack)),
    )


def _attributes(attack: Attack) -> Iterator[ComposedAttribute]:
    """Twelve attributes, and in a third of the events a thirteenth: the source's name."""
    transport = f"transport: tcp, source port {attack.source_port}"
    yield ComposedAttribute("ip-src", _NETWORK_ACTIVITY, attack.source, to_ids=True)
    yield ComposedAttribute("port", _NETWORK_ACTIVITY, str(attack.port))
    yield ComposedAttribute("text", "Other", f"protocol: {attack.service}")
    yield ComposedAttribute("text", "Other", transport)
    yield ComposedAttribute("datetime", "Other", attack.first.isoformat(), comment="first access")
    yield ComposedAttribute("datetime", "Other", attack.last.isoformat(), comment="last access")
    yield ComposedAttribute("counter", "Other", str(attack.connections), comment="connections")
    yield ComposedAttribute("counter", "Other", str(attack.bytes), comment="bytes")
    yield ComposedAttribute("text", "Other", f"sensor: {attack.sensor}")
    yield ComposedAttribute("text", "Other", f"country: {attack.country}")
    yield ComposedAttribute("AS", _NETWORK_ACTIVITY, attack.asn)
    yield ComposedAttribute("sha256", "Payload delivery", attack.payload_sha256, comment="payload")
    if attack.hostname:
        yield ComposedAttribute(
            "hostname", _NETWORK_ACTIVITY, attack.hostname, comment="reverse lookup"
        )
