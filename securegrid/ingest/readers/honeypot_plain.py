"""Plain connection logs: columns, ``source -> destination``, and what a packet filter writes."""

import re

from securegrid.ingest.readers.honeypot_contact import Contact, address, port_of
from securegrid.ingest.readers.when import unix_time

_TIME = (
    r"(?P<time>[0-9][0-9T:./年月日-]*(?:[ ][0-9]{1,2}:[0-9:.]+)?(?:Z|[ ]?[+-][0-9]{2}:?[0-9]{2})?)"
)
_HEAD = re.compile(rf"\[?{_TIME}\]?[ \t]+")
_ARROW = re.compile(r"->|=>|→")
_FILTER = re.compile(r"\b(SRC|PROTO|SPT|DPT)=(\S+)")
_TRANSPORT = re.compile(r"\b(tcp|udp|icmp)\b", re.IGNORECASE)
_LONGEST = 4_096


def contact_of(line: str, zone: str) -> Contact | None:
    """What a line says; None when it has none of the forms.

    - ``TIME SOURCE PORT [PROTOCOL [SENSOR]]``, between blanks;
    - ``TIME … SOURCE[:PORT] -> DESTINATION:PORT …`` with ``tcp`` or ``udp`` anywhere;
    - ``TIME … SRC=… PROTO=… SPT=… DPT=…``, as Linux's packet filter writes it.
    """
    head = _HEAD.match(line[:_LONGEST])
    if head is None:
        return None
    at, rest = unix_time(head["time"], zone), line[head.end() : _LONGEST]
    return _filtered(at, rest) or _arrow(at, rest) or _columns(at, rest)


def _filtered(at: int | None, rest: str) -> Contact | None:
    told = dict(_FILTER.findall(rest))
    if "SRC" not in told or "DPT" not in told:
        return None
    return Contact(
        at=at,
        unverified_source=told["SRC"],
        unverified_port=told["DPT"],
        transport=told.get("PROTO", ""),
        source_port=told.get("SPT", ""),
    )


def _arrow(at: int | None, rest: str) -> Contact | None:
    before, *after = _ARROW.split(rest, maxsplit=1)
    if not after or not before.strip() or not after[0].strip():
        return None
    source, source_port = _split(before.split()[-1])
    _, port = _split(after[0].split()[0])
    transport = _TRANSPORT.search(rest)
    return Contact(
        at=at,
        unverified_source=source,
        unverified_port=port,
        transport=transport[1] if transport else "",
        source_port=source_port,
    )


def _columns(at: int | None, rest: str) -> Contact | None:
    source, port, protocol, sensor, *_ = (*rest.split(), "", "", "", "")
    if not address(source) or not port_of(port):
        return None
    is_transport = _TRANSPORT.fullmatch(protocol) is not None
    return Contact(
        at=at,
        unverified_source=source,
        unverified_port=port,
        protocol="" if is_transport else protocol,
        transport=protocol if is_transport else "",
        sensor=sensor,
    )


def _split(end: str) -> tuple[str, str]:
    """Address and port of ``192.0.2.1:80`` or ``[2001:db8::1]:80``; the port may be missing."""
    text = end.strip(",;()")
    if address(text):
        return text, ""
    host, _, port = text.rpartition(":")
    return host, port
