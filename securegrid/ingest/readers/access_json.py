"""Access logs as JSON lines: nginx and Apache as people write them, Traefik, Envoy, Caddy."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec

from securegrid.ingest.model import BadLine
from securegrid.ingest.readers import access_combined
from securegrid.ingest.readers.access_combined import TIME, clf_time
from securegrid.ingest.readers.anonymous import Observer
from securegrid.ingest.readers.lines import Parsed
from securegrid.ingest.readers.when import unix_time

_PEERS: Final = (
    "remote_addr", "remote_ip", "client_ip", "clientip", "ClientHost", "client_addr", "remoteIP",
    "downstream_remote_address", "downstream_direct_remote_address", "remote_host", "client",
    "src_ip", "ip", "host",
)  # fmt: skip
_TIMES: Final = (
    "time_iso8601", "time_local", "@timestamp", "timestamp", "StartUTC", "start_time", "ts",
    "msec", "time", "datetime", "date",
)  # fmt: skip
_AGENTS: Final = (
    "http_user_agent", "user_agent", "userAgent", "request_User-Agent", "user-agent", "agent",
    "User-Agent", "useragent",
)  # fmt: skip
_FORWARDED: Final = (
    "http_x_forwarded_for", "x_forwarded_for", "request_X-Forwarded-For", "x-forwarded-for",
    "X-Forwarded-For", "xff",
)  # fmt: skip
_TEXTS: Final = ("log", "message", "msg")
"""Where containers and collectors put a line of a server."""
_CLF: Final = re.compile(rf"\[?({TIME})\]?")
_DEPTH: Final = 2


def parse(line: str, observer: Observer) -> Parsed:
    """What one line says: the JSON object in it, behind whatever a collector put before."""
    start = line.find("{")
    fields = fields_of(line[start:]) if start >= 0 else None
    if fields is None:
        return BadLine.NOT_THE_FORMAT
    flat = _flat(fields)
    peer = _first(flat, _PEERS)
    if not peer:
        return _inner(flat, observer)
    at = _time(_first(flat, _TIMES), observer.zone)
    return observer.sighting(at, peer, _first(flat, _FORWARDED), _first(flat, _AGENTS))


def fields_of(text: str) -> Mapping[str, Any] | None:
    """The fields of a JSON object; None for anything else."""
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return None
    return found if isinstance(found, dict) else None


def _inner(fields: Mapping[str, Any], observer: Observer) -> Parsed:
    for name in _TEXTS:
        text = fields.get(name)
        if isinstance(text, str) and text:
            return access_combined.parse(text.rstrip("\r\n"), observer)
    return BadLine.NO_ADDRESS


def _flat(fields: Mapping[str, Any]) -> dict[str, Any]:
    """With the fields of objects within it (Caddy: request, headers), which go behind."""
    flat = dict(fields)
    layer = [fields]
    for _ in range(_DEPTH):
        layer = [inner for one in layer for inner in one.values() if isinstance(inner, dict)]
        for inner in layer:
            flat = {**inner, **flat}
    return flat


def _first(fields: Mapping[str, Any], names: Sequence[str]) -> str:
    """The first of these fields that says anything; of a list its first (Caddy's headers)."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, (str, int, float)) and value not in {"", "-"}:
            return str(value)
    return ""


@lru_cache(4_096)
def _time(written: str, zone: str) -> int | None:
    if found := _CLF.fullmatch(written):
        return clf_time(found[1])
    return unix_time(written, zone)
