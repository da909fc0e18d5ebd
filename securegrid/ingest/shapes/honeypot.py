"""IPA-MISP's events: one for each day, port and source, with the trial's 12 or 13 attributes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

from securegrid.asn import Atlas
from securegrid.ingest.identity import attribute_uuid, event_uuid, object_uuid
from securegrid.ingest.model import (
    AttributeDraft,
    Content,
    Counted,
    EventDraft,
    Key,
    ObjectDraft,
)
from securegrid.ingest.shapes.options import ShapeOptions
from securegrid.values.model import Kind, Value
from securegrid.values.normalise import normalise

NETWORK: Final = "Network activity"
OTHER: Final = "Other"
PAYLOAD: Final = "Payload delivery"
UNKNOWN: Final = "unknown"
_SAID: Final[Mapping[str, str]] = {
    "protocol": "service that was attacked",
    "transport": "how the source connected",
    "sensor": "honeypot that was attacked",
    "country": "country of the source's network",
    "AS": "autonomous system of the source",
    "payload": "payload",
}
"""What the comments of the texts say: a value without context is of little use to others."""
_MOST: Final = 32
"""Different protocols, sensors and so on that one attribute names; of further ones, none."""
_HELD_PAYLOADS: Final = 256
SERVICES: Final[Mapping[str, str]] = {
    "21": "ftp", "22": "ssh", "23": "telnet", "25": "smtp", "53": "dns", "80": "http",
    "110": "pop3", "123": "ntp", "135": "epmap", "139": "netbios", "143": "imap", "161": "snmp",
    "389": "ldap", "443": "https", "445": "smb", "1433": "ms-sql", "1521": "oracle",
    "1883": "mqtt", "1900": "ssdp", "2375": "docker", "3306": "mysql", "3389": "rdp",
    "5060": "sip", "5432": "postgresql", "5555": "adb", "5900": "vnc", "6379": "redis",
    "8080": "http-alt", "9200": "elasticsearch", "11211": "memcached", "27017": "mongodb",
}  # fmt: skip
"""What usually listens on a port, where the log does not say it."""


class HoneypotShape:
    """How the events of a honeypot look.

    What grows in the course of a day (the last access, the counts) keeps its UUID: it follows
    from the attribute's role and not from its value.
    """

    def __init__(self, options: ShapeOptions, atlas: Atlas | None = None) -> None:
        """``atlas``: where country and AS come from if the log has none; by default the shipped."""
        self._options = options
        self._atlas = atlas

    def head(self, event: Key) -> EventDraft:
        """The event of this day, port and source."""
        day, port, source = event
        return EventDraft(
            uuid=self._uuid(event),
            info=f"[{self._options.shown}] {day} port:{port} access from {source}",
            date=date.fromisoformat(day),
            tags=tuple(dict.fromkeys((self._options.source_tag, *self._options.tags))),
            distribution=self._options.distribution,
        )

    def contents(self, event: Key, items: Iterable[tuple[Key, Counted]]) -> Iterator[Content]:
        """First what the source did beyond connecting, then the 12 or 13 attributes."""
        uuid, facts = self._uuid(event), _Facts()
        for item, counted in items:
            match item:
                case ("login", user, password):
                    yield _credential(uuid, user, password, counted)
                case ("command", command):
                    yield _command(uuid, command, counted)
                case ("url", url):
                    yield _url(uuid, url, counted)
                case ("payload", algorithm, digest, name):
                    facts.take_payload((algorithm, digest, name), counted)
                case _:
                    facts.take(item, counted)
        yield from facts.files(uuid)
        yield from self._trial(uuid, event, facts)

    def _uuid(self, event: Key) -> str:
        return event_uuid(self._options.alliance, self._options.source, event)

    def _trial(self, uuid: str, event: Key, facts: "_Facts") -> Iterator[Content]:
        """The trial's attributes: five or six in the connection's object, and seven beside it."""
        _, port, source = event
        yield _connection(uuid, port, source, facts)
        yield _text(uuid, "protocol", facts.told("protocol", SERVICES.get(port, UNKNOWN)))
        yield _text(uuid, "transport", facts.told("transport") + facts.source_ports())
        yield _plain(uuid, "counter", OTHER, str(facts.size), "bytes", comment="bytes")
        yield _text(uuid, "sensor", facts.told("sensor"))
        yield from self._origin(uuid, source, facts)
        yield _payload(uuid, facts)

    def _origin(self, uuid: str, source: str, facts: "_Facts") -> Iterator[Content]:
        country, autonomous = facts.told("country", ""), facts.told("as", "")
        if not (country and autonomous):
            found = (self._atlas or Atlas.load()).of(source)
            country = country or (found.country if found else "")
            autonomous = autonomous or (f"AS{found.asn}" if found else "")
        yield _text(uuid, "country", country or UNKNOWN)
        if autonomous:
            yield _plain(uuid, "AS", NETWORK, autonomous, "as", _SAID["AS"])
        else:
            yield _text(uuid, "AS", UNKNOWN)


_NEVER: Final = Counted(2**62, 0, 0)


@dataclass(slots=True)
class _Facts:
    """What the items of one event say together; bounded, however many they are."""

    seen: Counted = _NEVER
    size: int = 0
    named: dict[str, set[str]] = field(default_factory=dict)
    lowest_port: int = 2**16
    highest_port: int = -1
    payloads: dict[tuple[str, str, str], Counted] = field(default_factory=dict)

    def take(self, item: Key, counted: Counted) -> None:
        """Add one item."""
        match item:
            case ("connection",):
                self.seen = self.seen.and_(counted)
            case ("bytes",):
                self.size += counted.count
            case ("source-port", port):
                self.lowest_port = min(self.lowest_port, int(port))
                self.highest_port = max(self.highest_port, int(port))
            case (name, value):
                held = self.named.setdefault(name, set())
                if len(held) < _MOST:
                    held.add(value)

    def take_payload(self, payload: tuple[str, str, str], counted: Counted) -> None:
        """Add one payload; of a great many, the first that come."""
        if len(self.payloads) < _HELD_PAYLOADS:
            self.payloads[payload] = counted

    def told(self, name: str, otherwise: str = UNKNOWN) -> str:
        """What the log says of it, several things with commas between."""
        return ", ".join(sorted(self.named.get(name, ()))) or otherwise

    def source_ports(self) -> str:
        """The attacker's own port, or the range of several."""
        if self.highest_port < 0:
            return ""
        if self.lowest_port == self.highest_port:
            return f", source port {self.lowest_port}"
        return f", source ports {self.lowest_port} to {self.highest_port}"

    def first_payload(self) -> tuple[str, str, str] | None:
        """The payload that came first."""
        return min(self.payloads, key=lambda one: (self.payloads[one].first, one), default=None)

    def files(self, uuid: str) -> Iterator[Content]:
        """File objects of payloads with a name, and of those after the first."""
        first = self.first_payload()
        for payload, counted in self.payloads.items():
            if payload != first or payload[2]:
                yield _file(uuid, payload, counted)


def _connection(uuid: str, port: str, source: str, facts: _Facts) -> ObjectDraft:
    """A ``network-connection`` with the first six of the trial's attributes."""
    seen = facts.seen
    host = facts.told("hostname", "").partition(", ")[0]
    parts = [
        ("ip-src", "ip-src", NETWORK, source),
        ("dst-port", "port", NETWORK, port),
        ("first-packet-seen", "datetime", OTHER, _iso(seen.first)),
        ("last-packet-seen", "datetime", OTHER, _iso(seen.last)),
        ("count", "counter", OTHER, str(seen.count)),
    ]
    if _is_host(host):
        parts.append(("hostname-src", "hostname", NETWORK, host))
    return _object(uuid, "network-connection", ("connection",), parts, seen, signs=("ip-src",))


def _is_host(text: str) -> bool:
    found = normalise(text, hint=Kind.HOSTNAME) if text else None
    return isinstance(found, Value) and found.kind in {Kind.HOSTNAME, Kind.DOMAIN}


def _payload(uuid: str, facts: _Facts) -> AttributeDraft:
    first = facts.first_payload()
    if first is None:
        return _text(uuid, "payload", "none")
    return _plain(uuid, first[0], PAYLOAD, first[1], "payload", comment="payload")


def _credential(uuid: str, user: str, password: str, counted: Counted) -> ObjectDraft:
    parts = [("username", "text", OTHER, user), ("password", "text", OTHER, password)]
    parts = [part for part in parts if part[3]]
    parts.append(("origin", "text", OTHER, "honeypot"))
    comment = f"tried {counted.count} times" if counted.count > 1 else "tried once"
    return _object(uuid, "credential", ("login", user, password), parts, counted, comment)


def _command(uuid: str, command: str, counted: Counted) -> ObjectDraft:
    parts = [("shell-command", "text", OTHER, command)]
    return _object(uuid, "shell-commands", ("command", command), parts, counted)


def _url(uuid: str, url: str, counted: Counted) -> ObjectDraft:
    """A download address with its host, so that the host is found too."""
    value = normalise(url, hint=Kind.URL)
    text = value.text if isinstance(value, Value) else url
    parts = [("url", "url", NETWORK, text), *_host_parts(text)]
    return _object(uuid, "url", ("url", url), parts, counted, "download", signs=("url",))


def _host_parts(url: str) -> Iterator[tuple[str, str, str, str]]:
    authority = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    bare = authority if authority.endswith("]") else authority.partition(":")[0] or authority
    host = normalise(bare)
    if isinstance(host, Value) and host.kind in {Kind.IPV4, Kind.IPV6}:
        yield "ip", "ip-dst", NETWORK, host.text
    elif isinstance(host, Value) and host.kind in {Kind.HOSTNAME, Kind.DOMAIN}:
        yield "host", "hostname", NETWORK, host.text


def _file(uuid: str, payload: tuple[str, str, str], counted: Counted) -> ObjectDraft:
    algorithm, digest, name = payload
    parts = [(algorithm, algorithm, PAYLOAD, digest)]
    if name:
        parts.append(("filename", "filename", PAYLOAD, name))
    return _object(uuid, "file", payload, parts, counted, "payload", signs=(algorithm,))


def _object(
    event: str,
    template: str,
    item: Key,
    parts: Iterable[tuple[str, str, str, str]],
    counted: Counted,
    comment: str = "",
    signs: tuple[str, ...] = (),
) -> ObjectDraft:
    """``parts``: relation, type, category and value; ``signs``: relations to look for."""
    uuid = object_uuid(event, template, item)
    return ObjectDraft(
        uuid=uuid,
        template=template,
        attributes=tuple(
            AttributeDraft(
                uuid=attribute_uuid(uuid, type_, "", relation),
                type=type_,
                category=category,
                value=value,
                to_ids=relation in signs,
                relation=relation,
                first_seen=counted.first if relation in signs else None,
                last_seen=counted.last if relation in signs else None,
            )
            for relation, type_, category, value in parts
        ),
        comment=comment,
        first_seen=counted.first,
        last_seen=counted.last,
    )


def _text(uuid: str, role: str, value: str) -> AttributeDraft:
    return _plain(uuid, "text", OTHER, f"{role}: {value}", role, _SAID[role])


def _plain(
    uuid: str, type_: str, category: str, value: str, role: str, comment: str = ""
) -> AttributeDraft:
    return AttributeDraft(
        uuid=attribute_uuid(uuid, type_, "", role),
        type=type_,
        category=category,
        value=value,
        comment=comment,
    )


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()
