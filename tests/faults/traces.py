"""Looking for what must not be there: a text in every form in which it could have leaked."""

import base64
import hashlib
import json
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

from django.db import connection


def traces(text: str) -> frozenset[bytes]:
    """``text`` raw, JSON-escaped, URL-encoded, in hex, in base64, and hashed."""
    raw = text.encode()
    forms = {raw, text.encode("utf-16-le"), *_escaped(text), *_base64(raw)}
    forms |= {raw.hex().encode(), raw.hex().upper().encode()}
    for name in ("md5", "sha1", "sha256"):
        digest = hashlib.new(name, raw, usedforsecurity=False).hexdigest()
        forms |= {digest.encode(), digest[:16].encode(), bytes.fromhex(digest)}
    return frozenset(forms)


def _escaped(text: str) -> Iterator[bytes]:
    inner = json.dumps(text)[1:-1]
    yield from (form.encode() for form in (inner, inner.replace("/", "\\/")))
    yield json.dumps(inner)[1:-1].encode()
    yield from (form.encode() for form in (quote(text), quote(text, safe=""), quote_plus(text)))
    yield quote(quote(text, safe=""), safe="").encode()


def _base64(raw: bytes) -> Iterator[bytes]:
    """The part of the encoded text that is the same whatever stands before and after it."""
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            whole = encode(b"\0" * before + raw)
            start = -(-before * 4 // 3)
            yield whole[start : (before + len(raw)) * 4 // 3]


def found_in(haystack: bytes | str, secrets: Iterable[str]) -> set[str]:
    """Those of ``secrets`` of which ``haystack`` holds a trace."""
    data = haystack.encode() if isinstance(haystack, str) else haystack
    return {text for text in secrets if any(form in data for form in traces(text))}


def whole_database() -> bytes:
    """Every column of every table, and with SQLite the raw bytes of its files."""
    parts = [b"\n".join(_rows(name)) for name in connection.introspection.table_names()]
    if connection.vendor == "sqlite":
        name = Path(str(connection.settings_dict["NAME"]))
        parts.append(read_apart(name.with_name(name.name + end) for end in ("", "-wal", "-shm")))
    return b"\n".join(parts)


def read_apart(paths: Iterable[Path]) -> bytes:
    """What stands in these files; absent ones hold nothing.

    Read by another process: when this one closes a file of a database that it has open, it
    loses SQLite's locks on it (sqlite.org/howtocorrupt.html, 2.2), and the next process that
    opens the database takes the journal away under it.
    """
    there = [str(path) for path in paths if path.is_file()]
    if not there:
        return b""
    return subprocess.run(["cat", "--", *there], capture_output=True, check=False).stdout


def _rows(table: str) -> Iterator[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        for row in cursor.fetchall():
            yield from (_bytes(field) for field in row)


def _bytes(field: object) -> bytes:
    if isinstance(field, bytes | bytearray | memoryview):
        return bytes(field)
    if isinstance(field, dict | list):
        return json.dumps(field, ensure_ascii=False).encode()
    return str(field).encode()
