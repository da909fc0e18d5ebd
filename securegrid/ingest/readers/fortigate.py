"""FortiGate security logs: IPS, antivirus, web filter, sandbox and DNS filter."""

import re
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import ip_address
from itertools import islice

import msgspec

from securegrid.ingest.model import BadLine, Batch, Block, Counted, Key
from securegrid.ingest.readers import fortigate_labels
from securegrid.ingest.readers.entries import Entries, entries_by_line
from securegrid.ingest.readers.format import Format, ReadOptions, UnknownFormatError
from securegrid.ingest.readers.fortigate_labels import FortiGateKind, Label, Labels
from securegrid.ingest.readers.fortigate_lines import Fields, columns_of, fields_of
from securegrid.ingest.readers.honeypot_contact import address, algorithm_of, clean
from securegrid.ingest.readers.lines import decoded, lines_of
from securegrid.ingest.readers.when import checked, day_of, is_plausible, unix_time
from securegrid.ingest.shapes.fortigate import FortiGateShape
from securegrid.values.model import Kind, Value
from securegrid.values.normalise import normalise

WANTED = "FortiGate logs as key=value, CSV or CEF"
_LOOKED_AT = 100
_FILES = {FortiGateKind.ANTIVIRUS, FortiGateKind.SANDBOX}
_NAMES = {Kind.HOSTNAME, Kind.DOMAIN}
_BOTNET = {"016400", "016401"}
_CLEAN = {"clean", "low risk"}
_INSIDE = {"lan", "dmz"}
_LOGID = re.compile(r'logid="?[0-9]{4}([0-9]{6})\b')
_CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,7}")
_THREATS = ("attack", "virus", "botnetdomain", "botnetip", "fsaverdict", "catdesc")
"""Fields that name what was found; the first that is there is told."""


class FortiGateOptions(ReadOptions, frozen=True, kw_only=True):
    """``labels``: the table of message ids (``fortigate_labels.load``)."""

    labels: Labels = msgspec.field(default_factory=fortigate_labels.load)


class FortiGateReader(msgspec.Struct, frozen=True):
    """Reads the lines whose message id stands in ``labels``; ``columns`` are those of a CSV."""

    zone: str
    now: int
    labels: Labels
    columns: tuple[str, ...] = ()

    def read(self, block: Block) -> Batch:
        """What ``block`` holds."""
        return entries_by_line(block, self._parse)

    def _parse(self, line: str) -> Entries:
        told = _LOGID.search(line)
        if told and told[1] not in self.labels:
            return None  # most lines of a firewall tell of traffic
        fields = fields_of(line, self.columns)
        logid = fields.get("logid", "")
        if not logid:
            return None if columns_of(line) else BadLine.NOT_THE_FORMAT
        label = self.labels.get(logid[-6:])
        if label is None or not _counts(label, fields):
            return None
        at = checked(_time(fields, self.zone, self.now), self.now)
        return at if isinstance(at, BadLine) else self._entries(fields, label, at)

    def _entries(self, fields: Fields, label: Label, at: int) -> Entries:
        event = (day_of(at, self.zone), label.kind.value)
        items = dict.fromkeys(_items(fields, label))
        return [(event, item, Counted(at, at, 1)) for item in items] or None


def _counts(label: Label, fields: Fields) -> bool:
    """Whether the line is data: of a wanted category, and not found clean."""
    category = fields.get("cat", "")
    if label.categories and not (category.isdecimal() and int(category) in label.categories):
        return False
    return fields.get("fsaverdict", "").lower() not in _CLEAN


def _time(fields: Fields, zone: str, now: int) -> int | None:
    """``eventtime`` needs no zone; a device without a clock writes nonsense there."""
    exact = unix_time(fields.get("eventtime", ""), "UTC")
    if exact is not None and is_plausible(exact, now):
        return exact
    offset = fields.get("tz", "").strip('"')
    written = f"{fields.get('date', '')} {fields.get('time', '')}{offset}".strip()
    found = unix_time(written, zone)
    return exact if found is None else found


def _items(fields: Fields, label: Label) -> Iterator[Key]:
    """What the line names. Only what lies outside: never a member's people and machines."""
    threat = clean(next((fields[name] for name in _THREATS if fields.get(name)), ""))
    told = (label.label, threat, clean(fields.get("action", "")))
    for type_, value, signs in (*_named(fields, label), *_weaknesses(fields)):
        yield type_, value, "to_ids" if signs and label.to_ids else "", *told
    if label.kind in _FILES:
        for algorithm, digest in _digests(fields):
            name = clean(fields.get("filename", "").replace("\\", "/").rpartition("/")[2])
            yield "file", algorithm, digest, name, "to_ids" if label.to_ids else "", *told


def _named(fields: Fields, label: Label) -> Iterator[tuple[str, str, bool]]:
    """Type, value, and whether the value itself is bad."""
    if label.kind is FortiGateKind.DNS_FILTER:
        yield from _host(fields.get("botnetdomain", "") or fields.get("qname", ""), True)
        yield from _address("ip-dst", fields.get("botnetip", ""), True)
        return
    if label.kind is not FortiGateKind.SANDBOX:
        yield from _web(fields, label)
    if label.kind is FortiGateKind.IPS:
        yield from _attacker(fields)
    elif label.kind is FortiGateKind.ANTIVIRUS:
        # A server that hands out one bad file is often a good one that was broken into.
        yield from ((type_, value, False) for type_, value, _ in _attacker(fields))


def _web(fields: Fields, label: Label) -> Iterator[tuple[str, str, bool]]:
    url, host = _url(fields), fields.get("hostname", "")
    named = host or url.partition("://")[2].partition("/")[0]
    if url and not _is_inside(named):
        yield "url", url, label.kind is not FortiGateKind.IPS
    if label.kind is FortiGateKind.WEB_FILTER or not url:
        yield from _host(named, label.kind is FortiGateKind.WEB_FILTER)


def _url(fields: Fields) -> str:
    """The whole address, of which FortiOS may write the path alone; empty when there is none."""
    url, host = fields.get("url", ""), fields.get("hostname", "")
    if url.startswith("/") and host:
        scheme = "https" if "https" in fields.get("service", "").lower() else "http"
        url = f"{scheme}://{host}{url}"
    found = normalise(url, hint=Kind.URL) if "://" in url else None
    return found.text if isinstance(found, Value) and found.kind is Kind.URL else ""


def _is_inside(authority: str) -> bool:
    """Whether it is an address of nobody outside (RFC 1918 and the like)."""
    host = authority.rpartition("@")[2]
    plain = address(host) or address(host.rpartition(":")[0])
    return bool(plain) and not _is_global(plain)


def _host(written: str, signs: bool) -> Iterator[tuple[str, str, bool]]:
    found = normalise(written, hint=Kind.HOSTNAME) if written else None
    if isinstance(found, Value) and found.kind in _NAMES:
        yield found.kind.value, found.text, signs
    elif isinstance(found, Value) and found.kind in {Kind.IPV4, Kind.IPV6}:
        yield from _address("ip-dst", found.text, signs)


def _address(type_: str, written: str, signs: bool) -> Iterator[tuple[str, str, bool]]:
    plain = address(written)
    if plain and _is_global(plain):
        yield type_, plain, signs


def _attacker(fields: Fields) -> Iterator[tuple[str, str, bool]]:
    """The address outside from which the attack came.

    ``direction`` is that of the session: ``incoming`` is what the server (``dstip``) answers.
    Where the attack came from inside, the other end is told, but as no sign of an attack.
    """
    from_server = fields.get("direction") in {"incoming", "reply"}
    is_botnet = fields.get("logid", "")[-6:] in _BOTNET
    ends = [("ip-src", "src"), ("ip-dst", "dst")]
    for number, (type_, end) in enumerate(reversed(ends) if from_server or is_botnet else ends):
        role = fields.get(f"{end}intfrole", "")
        if found := list(_address(type_, fields.get(f"{end}ip", ""), number == 0)):
            if role not in _INSIDE:
                yield from found
            return


@lru_cache(65_536)
def _is_global(plain: str) -> bool:
    return ip_address(plain).is_global


def _weaknesses(fields: Fields) -> Iterator[tuple[str, str, bool]]:
    text = " ".join(fields.get(name, "") for name in ("cve", "attack", "msg"))
    yield from (("vulnerability", cve, False) for cve in dict.fromkeys(_CVE.findall(text)))


def _digests(fields: Fields) -> Iterator[tuple[str, str]]:
    """Real digests only: ``checksum`` is a CRC32, which fits too many files."""
    for name in ("analyticscksum", "filehash"):
        digest = fields.get(name, "").lower()
        if algorithm := algorithm_of(digest):
            yield algorithm, digest


def make_reader(head: bytes, options: ReadOptions) -> FortiGateReader:
    """The reader of a file that begins with ``head``; raises ``UnknownFormatError``."""
    labels = options.labels if isinstance(options, FortiGateOptions) else fortigate_labels.load()
    raws = islice(lines_of(head), _LOOKED_AT)
    lines = [line for raw in raws if (line := decoded(raw, options.encoding).strip())]
    columns = columns_of(lines[0]) if lines else ()
    known = columns or any(fields_of(line).get("logid") for line in lines)
    if lines and not known:
        raise UnknownFormatError(WANTED)
    return FortiGateReader(options.zone, options.now, labels, columns)


FORTIGATE = Format("fortigate", FortiGateOptions, make_reader, FortiGateShape)
