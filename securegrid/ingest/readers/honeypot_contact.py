"""One line of a honeypot's log, whatever honeypot wrote it, and what it adds to its event."""

import re
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

import msgspec

from securegrid.ingest.model import BadLine, Counted, Key
from securegrid.ingest.readers.entries import Entries, Entry
from securegrid.ingest.readers.lines import shown
from securegrid.ingest.readers.when import checked, day_of, is_plausible

LONGEST_TEXT = 4_096
"""Characters of a command, a user name or a password that are kept."""
LONGEST_NAME = 255
HIGHEST_PORT = 65_535
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]+")
DIGESTS = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
"""Algorithm by the number of hexadecimal digits."""


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """What one line says that a source did. Nothing in it is verified yet.

    ``at`` and ``until`` are Unix seconds; ``count`` is how many connections the line stands for
    (0: it belongs to one that another line tells of); ``size`` is in bytes.
    """

    at: int | None
    unverified_source: str
    unverified_port: str
    until: int | None = None
    count: int = 1
    size: int = 0
    protocol: str = ""
    transport: str = ""
    source_port: str = ""
    sensor: str = ""
    country: str = ""
    asn: str = ""
    hostname: str = ""
    logins: tuple[tuple[str, str], ...] = ()
    commands: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    payloads: tuple[tuple[str, str], ...] = ()
    """Digest (hexadecimal) and file name, which may be empty."""


def entries_of(contact: Contact, zone: str, now: int) -> Entries:
    """What ``contact`` adds to the event of its day, port and source, or why it adds nothing."""
    at = checked(contact.at, now)
    if isinstance(at, BadLine):
        return at
    source, port = address(contact.unverified_source), port_of(contact.unverified_port)
    if not source:
        return BadLine.NO_ADDRESS
    if not port:
        return BadLine.NO_VALUE
    event = (day_of(at, zone), port, source)
    last = contact.until if contact.until and is_plausible(contact.until, now) else at
    return tuple(_entries(event, contact, at, max(at, last)))


def _entries(event: Key, contact: Contact, at: int, last: int) -> Iterator[Entry]:
    yield event, ("connection",), Counted(at, last, contact.count)
    if contact.size > 0:
        yield event, ("bytes",), Counted(at, last, contact.size)
    for item in _items(contact):
        yield event, item, Counted(at, last, max(contact.count, 1))


def _items(contact: Contact) -> Iterator[Key]:
    yield from _facts(contact)
    for user, password in contact.logins:
        if user or password:
            yield "login", clean(user), clean(password)
    yield from (("command", clean(one)) for one in contact.commands if one.strip())
    yield from (("url", clean(one)) for one in contact.urls if one.strip())
    for digest, name in contact.payloads:
        if algorithm := algorithm_of(digest):
            yield "payload", algorithm, digest.lower(), clean(name)[:LONGEST_NAME]


def _facts(contact: Contact) -> Iterator[Key]:
    told = {
        "protocol": contact.protocol.lower(),
        "transport": contact.transport.lower(),
        "source-port": port_of(contact.source_port),
        "sensor": contact.sensor,
        "country": contact.country.upper(),
        "as": contact.asn.upper(),
        "hostname": contact.hostname.lower().rstrip("."),
    }
    for name, value in told.items():
        if value and (text := clean(value)[:LONGEST_NAME].strip()):
            yield name, text


@lru_cache(65_536)
def address(written: str) -> str:
    """An IPv4 or IPv6 address as MISP stores it (compressed); empty when ``written`` is none.

    Brackets around it and a zone behind it are dropped; IPv4 in IPv6 becomes IPv4.
    """
    try:
        found = ip_address(written.strip().removeprefix("[").removesuffix("]").partition("%")[0])
    except ValueError:
        return ""
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)


def port_of(written: str) -> str:
    """A port from 0 to 65,535; empty when ``written`` is none."""
    text = written.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 5) or int(text) > HIGHEST_PORT:
        return ""
    return str(int(text))


def algorithm_of(digest: str) -> str:
    """What makes a digest of this length; empty when it is no digest."""
    return DIGESTS.get(len(digest), "") if _HEXADECIMAL.fullmatch(digest) else ""


def clean(text: str) -> str:
    """Its beginning without blanks around, terminal escapes and other control characters shown
    as what they are: what an attacker typed must not act on who reads it."""
    cut = text[:LONGEST_TEXT].strip()
    if cut.isprintable():
        return cut
    return "".join(c if c.isprintable() else shown(c) for c in cut)[:LONGEST_TEXT]
