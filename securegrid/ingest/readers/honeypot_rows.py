"""IPAlert rows, CSV or JSON lines: time, source, port, protocol, sensor, and what more is known."""

import base64
import binascii
import csv
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from securegrid.ingest.readers.honeypot_contact import Contact, algorithm_of
from securegrid.ingest.readers.when import unix_time

Columns = tuple[str, ...]
"""For each column what it holds; empty for one that nothing is known of."""

NAMES: Mapping[str, tuple[str, ...]] = {
    "time": ("time", "timestamp", "datetime", "first_seen", "日時", "時刻"),
    "date": ("date", "日付"),
    "until": ("until", "last_seen", "end", "終了時刻"),
    "source": ("source", "src", "src_ip", "srcip", "source_ip", "ip", "送信元", "送信元ip"),
    "port": (
        "port",
        "dst_port",
        "dstport",
        "dest_port",
        "destination_port",
        "宛先ポート",
        "ポート",
    ),
    "protocol": ("protocol", "service", "プロトコル"),
    "transport": ("transport", "proto"),
    "source_port": ("source_port", "src_port", "srcport", "送信元ポート"),
    "sensor": ("sensor", "honeypot", "device", "センサー", "センサ"),
    "payload": ("payload", "ペイロード"),
    "payload_sha256": ("payload_sha256", "sha256", "hash", "payload_hash", "ハッシュ"),
    "count": ("count", "connections", "回数"),
    "bytes": ("bytes", "size", "payload_size", "バイト数"),
    "country": ("country", "国"),
    "asn": ("asn", "as"),
    "hostname": ("hostname", "reverse", "ptr", "ホスト名"),
}
"""What a column may be called, in lower case and without blanks."""
IN_ORDER: Columns = ("time", "source", "port", "protocol", "sensor", "payload")
"""The columns of rows without a header."""

_MEANING = {name: meaning for meaning, names in NAMES.items() for name in names}
_NEEDED = {"source", "port"}
_TIMES = {"time", "date"}
_DELIMITERS = ",\t;"
_TRANSPORTS = {"tcp", "udp", "icmp", "sctp"}
_MOST = 10**12


def columns_of(line: str, zone: str) -> tuple[Columns, str] | None:
    """The columns and the delimiter that the first line of a CSV tells; None when it is none."""
    delimiter = max(_DELIMITERS, key=line.count)
    cells = cells_of(line, delimiter)
    columns = tuple(meaning_of(cell) for cell in cells)
    if set(columns) >= _NEEDED and not _TIMES.isdisjoint(columns):
        return columns, delimiter
    if len(cells) >= 3 and unix_time(cells[0], zone) is not None and delimiter in line:
        return IN_ORDER, delimiter
    return None


def meaning_of(name: str) -> str:
    """What a column or field of this name holds; empty when that is not known."""
    return _MEANING.get(name.strip().strip("\ufeff").lower().replace(" ", "_"), "")


def cells_of(line: str, delimiter: str) -> Sequence[str]:
    """The cells of one row; none when it is no CSV."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=False), [])
    except csv.Error:
        return []


def contact_of_row(cells: Sequence[str], columns: Columns, zone: str) -> Contact | None:
    """What a CSV row says; None for the header itself, which stands again where files are
    put together."""
    if meaning_of(cells[0]) == columns[0] and _is_header(cells, columns):
        return None
    return contact_of(dict(zip(columns, cells, strict=False)), zone)


def _is_header(cells: Sequence[str], columns: Columns) -> bool:
    return tuple(meaning_of(cell) for cell in cells) == columns


def contact_of_fields(fields: Mapping[str, Any], zone: str) -> Contact:
    """What a JSON row says."""
    told = {meaning_of(name): _text(value) for name, value in fields.items()}
    return contact_of(told, zone)


def contact_of(row: Mapping[str, str], zone: str) -> Contact:
    """What a row says, by the meaning of its columns."""
    protocol, transport = _protocol(row.get("protocol", ""), row.get("transport", ""))
    digest, length = _payload(row.get("payload", ""), row.get("payload_sha256", ""))
    return Contact(
        at=unix_time(f"{row.get('date', '')} {row.get('time', '')}".strip(), zone),
        until=unix_time(row.get("until", ""), zone),
        unverified_source=row.get("source", ""),
        unverified_port=row.get("port", ""),
        count=_number(row.get("count", ""), 1),
        size=_number(row.get("bytes", ""), length),
        protocol=protocol,
        transport=transport,
        source_port=row.get("source_port", ""),
        sensor=row.get("sensor", ""),
        country=row.get("country", ""),
        asn=_asn(row.get("asn", "")),
        hostname=row.get("hostname", ""),
        payloads=((digest, ""),) if digest else (),
    )


def _protocol(protocol: str, transport: str) -> tuple[str, str]:
    """Many sensors write ``tcp`` or ``udp`` where others name the service."""
    if protocol.strip().lower() in _TRANSPORTS:
        return ("", protocol) if not transport else (transport, protocol)
    return protocol, transport


def _payload(payload: str, digest: str) -> tuple[str, int]:
    """The payload's digest and its length in bytes: of Base64, of hexadecimal digits behind
    ``0x``, or of text; what already is a digest stays one."""
    if digest:
        return digest.strip(), 0
    text = payload.strip()
    if not text or algorithm_of(text):
        return text, 0
    content = _content(text)
    return hashlib.sha256(content).hexdigest(), len(content)


def _content(text: str) -> bytes:
    try:
        if text.startswith("0x"):
            return bytes.fromhex(text[2:])
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return text.encode("utf-8", "surrogatepass")


def _number(written: str, otherwise: int) -> int:
    text = written.strip()
    if text.isascii() and text.isdigit() and len(text) <= 12:
        return min(int(text), _MOST)
    return otherwise


def _asn(written: str) -> str:
    text = written.strip()
    return f"AS{text}" if text.isascii() and text.isdigit() else text


def _text(value: object) -> str:
    """A JSON value as a cell would hold it."""
    if isinstance(value, str):
        return value
    return "" if value is None or isinstance(value, (dict, list, bool)) else str(value)
