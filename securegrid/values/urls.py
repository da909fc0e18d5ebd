"""URLs, with and without a scheme, in the one form of RFC 3986."""

import re
from typing import Final
from urllib.parse import quote

from securegrid.values.addresses import IPV4, address_value, is_port
from securegrid.values.hosts import ascii_host, host_value, unicode_host
from securegrid.values.model import Kind, Reject, Value

DEFAULT_PORTS: Final = {
    "http": "80",
    "https": "443",
    "ftp": "21",
    "ftps": "990",
    "sftp": "22",
    "ssh": "22",
    "telnet": "23",
    "tftp": "69",
    "ws": "80",
    "wss": "443",
    "ldap": "389",
    "ldaps": "636",
    "smb": "445",
    "rdp": "3389",
    "socks5": "1080",
    "rmi": "1099",
    "tcp": "",
    "udp": "",
    "dns": "53",
    "git": "9418",
}
"""Schemes that running text is searched for; any other is taken from an explicit value."""

MAX_SPELLINGS: Final = 4
_MAX_PLAIN: Final = 253
_NEVER_LAST: Final = ("%", ",", ";")  # a wildcard to MISP; marks of a list to us

_URL: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30})://([^/?#\\]*)([^\0]*)")
_PLAIN_URL: Final = re.compile(
    r"(https?)://((?:[a-z0-9_][a-z0-9_-]{0,62}\.)+(?:[a-z][a-z0-9-]{0,62}|[0-9]{1,3}))"
    r"(?::([1-9][0-9]{0,4}))?(/[A-Za-z0-9/._~?=&#+@:!$*-]*)?"
)
"""A URL that is canonical as it stands, but perhaps for its port or a missing path."""
_HOST_PORT: Final = re.compile(r"(\[[0-9A-Fa-f:.%]+[^\]]*\]|[^:\[\]]*)(?::([0-9]{0,5}))?")
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_STRAY_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PATH: Final = re.compile(r"^[^?#]*")
_SPACE: Final = re.compile(r"\s")
_ASCII: Final = "".join(map(chr, range(33, 127)))
_GUESSED_SCHEMES: Final = ("http://", "https://")


def plain_url_value(text: str) -> Value | None:
    """What ``url_value`` says, sooner, of a URL that is already in its one form."""
    match = _PLAIN_URL.fullmatch(text)
    if match is None or "xn--" in text or len(text) > _MAX_PLAIN:
        return None
    scheme, host, port, rest = match.groups()
    if port is not None and (port == DEFAULT_PORTS[scheme] or not is_port(port)):
        return None
    if host[-1].isdigit() and host.rpartition(".")[2].isdigit() and not IPV4.fullmatch(host):
        return None
    plain = text if rest else text + "/"
    return Value(Kind.URL, plain, (plain, *_toggled(plain)))


def url_value(text: str, *, spaces: bool = False) -> Value | Reject:
    """An absolute URL; ``spaces`` (in the path) only where the sender says that it is a URL.

    Scheme and host in lower case, IDN in punycode, the scheme's own port and an empty
    user name dropped, an empty path is ``/`` (RFC 3986 6.2.2 and 6.2.3). The path keeps
    its case. Segments ``.`` and ``..`` stay: a traversal is what analysts look for.
    """
    match = _URL.fullmatch(text)
    if match is None or (not spaces and _SPACE.search(text)):
        return Reject.INVALID_URL
    scheme = match[1].lower()
    authority = _authority(match[2], DEFAULT_PORTS.get(scheme, ""))
    if authority is None:
        return Reject.INVALID_URL
    user, host, port = authority
    before, after = f"{scheme}://{user}", port + _rest(match[3])
    plain = before + host + after
    shown = unicode_host(host)
    others = [f"{before}{shown}{after}"] if shown else []
    return Value(Kind.URL, plain, _distinct([plain, *_toggled(plain), *others, text]))


def bare_url_value(text: str) -> Value | Reject:
    """``evil.example/gate.php``: kept without scheme; asked also with http and https."""
    host, slash, rest = text.partition("/")
    if not host or not rest or _SPACE.search(text):
        return Reject.UNKNOWN_KIND
    name, _, port = host.partition(":")
    known = address_value(name) if name[-1:].isdigit() else host_value(name)
    if isinstance(known, Reject) or (port and not is_port(port)):
        return known if isinstance(known, Reject) else Reject.INVALID_URL
    plain = known.text + (f":{int(port)}" if port else "") + _rest(slash + rest)
    guessed = tuple(scheme + plain for scheme in _GUESSED_SCHEMES)
    return Value(Kind.URL, plain, _distinct([plain, *guessed, *_toggled(plain)]))


def url_keys(plain: str) -> tuple[str, ...]:
    """All canonical texts that a stored URL with this canonical text answers.

    With or without the final slash, and asked with http, https or no scheme; the latter only
    where ``bare_url_value`` takes it for a URL, or a file name would be a URL to one mode of
    search and none to the other.
    """
    forms = [plain, *_other_slash(plain)]
    if plain.startswith(_GUESSED_SCHEMES):
        bare = (form.partition("://")[2] for form in forms)
        forms += [form for form in bare if isinstance(bare_url_value(form), Value)]
    return tuple(forms)


def without_slash(plain: str) -> str:
    """One text for a URL with and without its final slash, which ``url_keys`` takes as one."""
    if not plain.endswith("/") or plain.endswith("//") or "?" in plain or "#" in plain:
        return plain
    return plain[:-1]


def url_host(plain: str) -> str:
    """The host of a canonical URL, with or without scheme: a name or an address as values are."""
    authority = plain.partition("://")[2] if "://" in plain else plain
    for end in "/?#":
        authority = authority.partition(end)[0]
    host = authority.rpartition("@")[2]
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def _authority(text: str, default_port: str) -> tuple[str, str, str] | None:
    """User (with its ``@``), host, port (with its ``:``), each in its one form."""
    user, _, host_port = text.rpartition("@")
    match = _HOST_PORT.fullmatch(host_port)
    if match is None:
        return None
    host = _host(match[1])
    port = (match[2] or "").lstrip("0") or ("0" if match[2] else "")
    if host is None or (port and not is_port(port)):
        return None
    if port == default_port:
        port = ""
    return f"{_escaped(user)}@" if user else "", host, f":{port}" if port else ""


def _host(text: str) -> str | None:
    if text.startswith("["):
        address = address_value(text)
        if isinstance(address, Reject):
            return None
        return f"[{address.text}]" if address.kind is Kind.IPV6 else address.text
    name = text.rstrip(".")
    if name[-1:].isdigit() and "." in name and not name.rpartition(".")[2].strip("0123456789"):
        address = address_value(name)
        return None if isinstance(address, Reject) else address.text
    host = ascii_host(name)
    return None if isinstance(host, Reject) else host


def _rest(text: str) -> str:
    """Path, query and fragment; browsers read a backslash in the path as a slash."""
    if "\\" in text:
        text = _PATH.sub(lambda match: match[0].replace("\\", "/"), text, count=1)
    if not text.startswith("/"):
        text = "/" + text
    return text if text.isascii() and "%" not in text and " " not in text else _escaped(text)


def _escaped(text: str) -> str:
    """Percent-encoding in its one form: upper case, and none for unreserved characters.

    Where a ``%`` begins no escape, nothing is decoded: the result could become one.
    """
    if not text.isascii() or " " in text:
        text = quote(text, safe=_ASCII)
    if "%" not in text:
        return text
    if _STRAY_PERCENT.search(text):
        return _ESCAPE.sub(lambda match: match[0].upper(), text)
    return _ESCAPE.sub(_plain_escape, text)


def _plain_escape(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()


def _distinct(forms: list[str]) -> tuple[str, ...]:
    """At most four; MISP finds those that differ in case alone, and must not get ``…%``."""
    kept = {forms[0].lower(): forms[0]}
    for form in forms[1:]:
        if not form.endswith(_NEVER_LAST):
            kept.setdefault(form.lower(), form)
    return tuple(kept.values())[:MAX_SPELLINGS]


def _toggled(plain: str) -> tuple[str, ...]:
    """The other final slash, as far as it is worth asking: never behind a file name."""
    last = plain.rpartition("/")[2]
    return () if "." in last else _other_slash(plain)


def _other_slash(plain: str) -> tuple[str, ...]:
    if "?" in plain or "#" in plain or plain.endswith("//"):
        return ()
    return (plain[:-1] if plain.endswith("/") else plain + "/",)
