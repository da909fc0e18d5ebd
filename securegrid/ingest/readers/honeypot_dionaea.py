"""Dionaea's JSON logs: ``log_json`` (one line per connection), ``log_incident`` (per incident)."""

from collections.abc import Iterator, Mapping
from typing import Any

from securegrid.ingest.readers.honeypot_contact import Contact
from securegrid.ingest.readers.when import unix_time

_UTC = "UTC"  # both logs write UTC without saying so
_ORIGIN = "dionaea."
_SERVICES = {
    "smbd": "smb",
    "httpd": "http",
    "mysqld": "mysql",
    "mssqld": "ms-sql",
    "ftpd": "ftp",
    "ftpctrl": "ftp",
    "tftpd": "tftp",
    "epmapper": "epmap",
    "sipsession": "sip",
    "mongod": "mongodb",
    "mqttd": "mqtt",
    "pptpd": "pptp",
}
"""Dionaea's names of services as other honeypots call them."""


def is_dionaea(fields: Mapping[str, Any]) -> bool:
    """Whether a JSON line is one of Dionaea's."""
    connection = isinstance(fields.get("connection"), dict) and "src_ip" in fields
    return connection or str(fields.get("origin", "")).startswith(_ORIGIN)


def contact_of(fields: Mapping[str, Any]) -> Contact | None:
    """What a line says; None for what no attacker did (the honeypot listens, calls out)."""
    return _of_incident(fields) if "origin" in fields else _of_connection(fields)


def _of_connection(fields: Mapping[str, Any]) -> Contact | None:
    connection = _dict(fields, "connection")
    if not _is_incoming(_text(connection, "type"), _text(connection, "transport")):
        return None
    return Contact(
        at=unix_time(_text(fields, "timestamp"), _UTC),
        unverified_source=_text(fields, "src_ip"),
        unverified_port=_text(fields, "dst_port"),
        protocol=_service(connection),
        transport=_text(connection, "transport"),
        source_port=_text(fields, "src_port"),
        sensor=_text(fields, "sensor"),
        hostname=_text(fields, "src_hostname"),
        logins=tuple(_logins(fields.get("credentials"))),
        commands=tuple(_commands(_dict(_dict(fields, "ftp"), "commands"))),
    )


def _is_incoming(kind: str, transport: str) -> bool:
    """A UDP "connect" is an attacker's first datagram; any other is the honeypot calling out."""
    return kind in {"accept", "reject"} or (kind == "connect" and transport == "udp")


def _logins(told: object) -> Iterator[tuple[str, str]]:
    """From a list of pairs, or from the two lists that log_json writes when it is made flat."""
    if isinstance(told, list):
        yield from ((_text(one, "username"), _text(one, "password")) for one in _dicts(told))
    elif isinstance(told, dict):
        yield from zip(_list(told, "username"), _list(told, "password"), strict=False)


def _commands(told: Mapping[str, Any]) -> Iterator[str]:
    arguments = _list(told, "arguments")
    for number, command in enumerate(_list(told, "command")):
        yield f"{command} {arguments[number]}" if number < len(arguments) else command


def _of_incident(fields: Mapping[str, Any]) -> Contact | None:
    data = _dict(fields, "data")
    connection = _dict(data, "connection") or _dict(data, "con")
    known = _known(_text(fields, "origin"), data, connection)
    if known is None or not connection:
        return None
    return Contact(
        at=unix_time(_text(fields, "timestamp"), _UTC),
        unverified_source=_text(connection, "remote_ip"),
        unverified_port=_text(connection, "local_port"),
        protocol=_service(connection),
        transport=_text(connection, "transport"),
        hostname=_text(connection, "remote_hostname"),
        **known,
    )


def _known(
    origin: str, data: Mapping[str, Any], connection: Mapping[str, Any]
) -> dict[str, Any] | None:
    """What an incident of this origin adds; None for those that add nothing."""
    path = origin.removeprefix(_ORIGIN).split(".")
    if path[0] == "connection" and _is_incoming(path[-1], _text(connection, "transport")):
        return {"count": 1, "source_port": _text(connection, "remote_port")}
    if path[-1] == "login":
        return {"count": 0, "logins": ((_text(data, "username"), _text(data, "password")),)}
    if path[-1] in {"cmd", "command"}:
        return {"count": 0, "commands": (_command(data),)}
    if path[:2] == ["download", "offer"]:
        return {"count": 0, "urls": _urls(data)}
    if path == ["download", "complete", "hash"]:
        return {"count": 0, "urls": _urls(data), "payloads": ((_text(data, "md5hash"), ""),)}
    return None


def _command(data: Mapping[str, Any]) -> str:
    arguments = " ".join(_list(data, "arguments")) or _text(data, "args")
    return f"{_text(data, 'cmd') or _text(data, 'command')} {arguments}".strip()


def _urls(data: Mapping[str, Any]) -> tuple[str, ...]:
    url = _text(data, "url")
    return (url,) if "://" in url else ()


def _service(connection: Mapping[str, Any]) -> str:
    name = _text(connection, "protocol").lower()
    return _SERVICES.get(name, name)


def _text(fields: Mapping[str, Any], name: str) -> str:
    return _as_text(fields.get(name))


def _as_text(value: object) -> str:
    return str(value) if isinstance(value, (str, int, float)) else ""


def _dict(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def _dicts(told: list[Any]) -> Iterator[Mapping[str, Any]]:
    return (one for one in told if isinstance(one, dict))


def _list(fields: Mapping[str, Any], name: str) -> list[str]:
    value = fields.get(name)
    many = value if isinstance(value, list) else [value]
    return [_as_text(one) for one in many if one is not None]
