"""Cowrie's JSON log (docs.cowrie.org, OUTPUT): sessions, log-ins, commands and files."""

from collections.abc import Mapping
from typing import Any

from securegrid.ingest.readers.honeypot_contact import Contact
from securegrid.ingest.readers.when import unix_time

_PREFIX = "cowrie."
_LOGINS = {"cowrie.login.success", "cowrie.login.failed"}
_FILES = {
    "cowrie.session.file_download",
    "cowrie.session.file_download.failed",
    "cowrie.session.file_upload",
}
_TELNET_PORTS = {"23", "2223", "2323"}


def is_cowrie(fields: Mapping[str, Any]) -> bool:
    """Whether a JSON line is one of Cowrie's."""
    return str(fields.get("eventid", "")).startswith(_PREFIX)


def contact_of(fields: Mapping[str, Any], zone: str) -> Contact | None:
    """What a line says; None for what tells nothing of its own (keys, terminal sizes)."""
    match _text(fields, "eventid"):
        case "cowrie.session.connect":
            return _contact(fields, zone, count=1)
        case "cowrie.session.closed":
            return _contact(fields, zone)
        case "cowrie.command.input":
            return _contact(fields, zone, commands=(_text(fields, "input"),))
        case event if event in _LOGINS:
            login = (_text(fields, "username"), _text(fields, "password"))
            return _contact(fields, zone, logins=(login,))
        case event if event in _FILES:
            return _file(fields, zone)
    return None


def _file(fields: Mapping[str, Any], zone: str) -> Contact:
    path = _text(fields, "filename") or _text(fields, "destfile")
    name = path.replace("\\", "/").rpartition("/")[2]
    url, digest = _text(fields, "url"), _text(fields, "shasum")
    return _contact(
        fields,
        zone,
        urls=(url,) if "://" in url else (),
        payloads=((digest, name),) if digest else (),
    )


def _contact(fields: Mapping[str, Any], zone: str, count: int = 0, **more: Any) -> Contact:
    service = _service(fields)
    return Contact(
        at=unix_time(_text(fields, "timestamp"), zone),
        unverified_source=_text(fields, "src_ip"),
        unverified_port="23" if service == "telnet" else "22",
        count=count,
        protocol=service,
        transport="tcp",
        source_port=_text(fields, "src_port") if count else "",
        sensor=_text(fields, "sensor"),
        **more,
    )


def _service(fields: Mapping[str, Any]) -> str:
    """``ssh`` or ``telnet``: only the first line of a session names the port, so that it must
    follow from what every line holds, wherever a log is cut."""
    protocol = _text(fields, "protocol").lower()
    if protocol in {"ssh", "telnet"}:
        return protocol
    if "telnet" in _text(fields, "system").lower():
        return "telnet"
    return "telnet" if _text(fields, "dst_port") in _TELNET_PORTS else "ssh"


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return str(value) if isinstance(value, (str, int, float)) else ""
