"""E-mail addresses, in lower case with the host in punycode."""

import re
from typing import Final

from securegrid.values.addresses import IPV4
from securegrid.values.hosts import ascii_host, unicode_host
from securegrid.values.model import Kind, Reject, Value

_NAMED: Final = re.compile(r"[^<>]{0,200}<([^<>\s]{3,400})>")
_LOCAL: Final = re.compile(r"[^\s@<>()\[\]\\,;:\"/|]{1,64}")
_SCHEMES: Final = ("mailto:", "smtp:", "email:", "e-mail:")


def email_value(text: str) -> Value | Reject:
    """``user@host``, also ``Name <user@host>`` and ``mailto:``.

    Lower case throughout: no mail system in use tells users apart by case, and MISP
    compares so. Local parts may hold letters of any script (RFC 6531).
    """
    address = _bare(text)
    local, at, host = address.rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or local.startswith(".") or local.endswith("."):
        return Reject.INVALID_EMAIL
    name = _mail_host(host)
    if name is None:
        return Reject.INVALID_EMAIL
    plain = f"{local.lower()}@{name}"
    shown = unicode_host(name)
    return Value(Kind.EMAIL, plain, (plain, f"{local.lower()}@{shown}") if shown else (plain,))


def _bare(text: str) -> str:
    if match := _NAMED.fullmatch(text):
        text = match[1]
    for scheme in _SCHEMES:
        if text[: len(scheme)].lower() == scheme:
            return text[len(scheme) :].partition("?")[0]
    return text


def _mail_host(text: str) -> str | None:
    bare = text.strip("[]")
    if IPV4.fullmatch(bare):
        return bare
    name = ascii_host(text)
    return None if isinstance(name, Reject) or "." not in name else name
