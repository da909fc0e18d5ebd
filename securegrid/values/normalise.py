"""Any written piece to its one canonical value, or the reason why it has none."""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from securegrid.values import addresses, bitcoin, digests, emails, filenames, hosts, urls
from securegrid.values.model import Kind, Reject, Rejected, Value
from securegrid.values.refang import refang

MAX_CANONICAL_BYTES: Final = 2_048
MAX_WRITTEN: Final = 8_192
"""Characters read of one piece: enough for any canonical form defanged dot by dot."""
MAX_SHOWN: Final = 200
_QUICK_LENGTH: Final = 253

_QUICK: Final = re.compile(
    rf"(?P<ipv4>{addresses.IPV4.pattern})"
    rf"|(?P<network>{addresses.IPV4.pattern}/[0-9]{{1,2}})"
    r"|(?P<ipv6>[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7})"
    r"|(?P<digest>[0-9a-fA-F]{32,128})"
    r"|(?P<host>(?:[a-z0-9_][a-z0-9_-]{0,62}\.)+[a-z][a-z0-9-]{1,62})"
)
"""What most lines are: already plain. The same answers as by the long way, sooner."""

INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
"""Characters without a look of their own, which copying from documents brings along."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SMUGGLERS: Final = re.compile("[℀℁℅℆⁇⁈⁉⩴]")
"""Single characters in which NFKC finds a delimiter: ``℀`` would begin a path in a host."""
_WRAPPERS: Final = {
    '"': '"',
    "'": "'",
    "`": "`",
    "<": ">",
    "(": ")",
    "[": "]",
    "{": "}",
    "「": "」",
    "『": "』",
    "【": "】",
    "“": "”",
    "‘": "’",
    "«": "»",
    "|": "|",
}
_TRAILING: Final = ",;、"
_SPACE: Final = re.compile(r"\s")
_CVE: Final = re.compile(r"CVE[-_ ‐‑‒–—−]?([0-9]{4})[-_ ‐‑‒–—−]([0-9]{4,19})", re.IGNORECASE)
_AS: Final = re.compile(r"ASN?[ :#-]?[0-9]{1,10}(?:\.[0-9]{1,5})?", re.IGNORECASE)

_NAMES: Final = (Kind.DOMAIN, Kind.HOSTNAME)

Parser = Callable[[str], Value | Reject]

_QUICK_PARSERS: Final[dict[str, Parser]] = {
    "network": addresses.network_value,
    "ipv6": addresses.ipv6_value,
    "digest": digests.hex_value,
}


def normalise(written: str, *, hint: Kind | None = None) -> Value | Rejected:
    """The value that ``written`` stands for.

    ``hint``: what the sender says it is. It decides where a form leaves a choice (an
    imphash looks like an MD5, ``setup.py`` like a host) and allows what would be a bold
    guess without it (a file name with blanks, a host of an unknown root); where the
    form contradicts it, the form wins. For every value ``v``,
    ``normalise(v.text, hint=v.kind).text == v.text``.
    """
    if (value := _quick(written)) and (hint is None or value.kind is hint or _is_name(value, hint)):
        return value
    found = _understood(written, hint)
    return found if isinstance(found, Value) else Rejected(written[:MAX_SHOWN], found)


def _is_name(value: Value, hint: Kind) -> bool:
    """Whether both are names of hosts: which of the two a name is, only its form tells."""
    return value.kind in _NAMES and hint in _NAMES


def _quick(written: str) -> Value | None:
    match = _QUICK.fullmatch(written) if len(written) <= _QUICK_LENGTH else None
    if match is None:
        return urls.plain_url_value(written) if written.startswith("http") else None
    if match.lastgroup == "ipv4":
        return Value(Kind.IPV4, written, (written,))
    if match.lastgroup != "host":
        found = _QUICK_PARSERS[match.lastgroup or ""](written)
        return found if isinstance(found, Value) else None
    if "xn--" in written:
        return None
    if filenames.is_filename(written):
        return Value(Kind.FILENAME, written, (written,))
    kind = hosts.host_kind(written)
    return None if kind is None else Value(kind, written, (written,))


def _understood(written: str, hint: Kind | None) -> Value | Reject:
    text = _prepared(written)
    if isinstance(text, Reject):
        return text
    found = _by_hint(text, hint) if hint else _by_form(text)
    if isinstance(found, Value) and _is_too_long(found.text):
        return Reject.TOO_LONG
    return found


def _is_too_long(text: str) -> bool:
    return len(text) * 4 > MAX_CANONICAL_BYTES and len(text.encode()) > MAX_CANONICAL_BYTES


def _prepared(written: str) -> str | Reject:
    """NFKC without invisible characters and blanks around; not yet unwrapped or refanged."""
    text = written.strip() if len(written) <= MAX_WRITTEN else written[: MAX_WRITTEN * 2].strip()
    if len(text) > MAX_WRITTEN:
        return Reject.TOO_LONG
    if not text.isascii():
        if _SMUGGLERS.search(text):
            return Reject.INVALID_HOST
        text = unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).strip()
    if not text:
        return Reject.EMPTY
    return Reject.CONTROL_CHARACTERS if _CONTROL.search(text) else text


def _by_hint(text: str, hint: Kind) -> Value | Reject:
    """As hinted if that is possible, otherwise by form; the hinted reason if neither is."""
    if hint is Kind.FILENAME:
        return filenames.filename_value(text)
    plain = refang(_unwrapped(text))
    if not plain:
        return Reject.EMPTY
    hinted = _PARSERS[hint](plain)
    if isinstance(hinted, Value):
        return hinted
    formed = _by_form(text)
    return formed if isinstance(formed, Value) or hinted is Reject.UNKNOWN_KIND else hinted


def _by_form(text: str) -> Value | Reject:
    quoted = text[0] == text[-1] == '"' and len(text) > 2
    text = _unwrapped(text)
    plain = refang(text)
    if plain is not text and (value := _quick(plain)) and value.kind is not Kind.FILENAME:
        return value  # evil[.]zip is rather a host
    if not plain:
        return Reject.EMPTY
    if _SPACE.search(plain):
        return _with_blanks(plain, quoted)
    if "://" in plain:
        return urls.url_value(plain)
    if filenames.looks_like_path(plain):
        return filenames.filename_value(plain)
    if "@" in plain and "/" not in plain.partition("@")[0]:
        return emails.email_value(plain)
    found = _undotted(plain)
    return found if found is not Reject.UNKNOWN_KIND else _dotted(plain, plain is not text)


def _unwrapped(text: str) -> str:
    """Without the quotes, brackets and list commas around the whole piece."""
    text = text.rstrip(_TRAILING) or text
    while len(text) > 1 and _WRAPPERS.get(text[0]) == text[-1]:
        text = text[1:-1].strip().rstrip(_TRAILING)
    return text


def _with_blanks(plain: str, quoted: bool) -> Value | Reject:
    """Blanks are left only in ``AS 64500``, ``CVE 2021-44228``, a named address, a path."""
    for parser in (_cve_value, _as_value):
        if isinstance(found := parser(plain), Value):
            return found
    if plain.endswith(">") and "@" in plain:
        return emails.email_value(plain)
    last = filenames.extension(plain)
    if filenames.looks_like_path(plain) or (quoted and last in filenames.FILE_EXTENSIONS):
        return filenames.filename_value(plain)
    return Reject.INVALID_URL if "://" in plain.split(maxsplit=1)[0] else Reject.UNKNOWN_KIND


def _undotted(plain: str) -> Value | Reject:
    """The kinds with a form of their own, told by what they hold."""
    if plain.isalnum():
        found = digests.hex_value(plain)
        if isinstance(found, Value):
            return found
        for parser in (_as_value, digests.tlsh_value, bitcoin.bitcoin_value):
            if (tried := parser(plain)) is not Reject.UNKNOWN_KIND:
                return tried
        return Reject.UNKNOWN_KIND
    if isinstance(found := _cve_value(plain), Value):
        return found
    if ":" in plain or "-" in plain or plain.count(".") == 2:
        return _with_colons(plain)
    return _as_value(plain)


def _with_colons(plain: str) -> Value | Reject:
    for parser in (_mac_value, digests.ssdeep_value, _as_value):
        if isinstance(found := parser(plain), Value):
            return found
    if plain.startswith("[") or plain.count(":") > 1:
        return (addresses.network_value if "/" in plain else addresses.address_value)(plain)
    return Reject.UNKNOWN_KIND


def _dotted(plain: str, defanged: bool) -> Value | Reject:
    """Addresses, networks, hosts and file names, each perhaps with a port or a path."""
    plain = plain.removeprefix("||").removesuffix("^")
    if "/" in plain:
        network = addresses.network_value(plain)
        if network is not Reject.UNKNOWN_KIND:
            return network
        head, _, path = plain.partition("/")
        return urls.bare_url_value(plain) if path else _dotted(head, defanged)
    name, separator, port = plain.replace("|", ":", 1).partition(":")
    if separator and not addresses.is_port(port):
        return Reject.UNKNOWN_KIND
    name = name.rstrip(".")
    if "." not in name.lstrip("."):
        return Reject.UNKNOWN_KIND
    if name.replace(".", "").isdecimal():
        return addresses.ipv4_value(name)
    if not defanged and not separator and filenames.is_filename(name):
        return filenames.filename_value(name)
    return _named(name, defanged)


def _named(name: str, defanged: bool) -> Value | Reject:
    """A host; ``*.`` before it is dropped."""
    found = hosts.host_value(name.removeprefix("*."))
    if isinstance(found, Value) or not defanged or not filenames.is_filename(name):
        return found
    return filenames.filename_value(name)  # evil[.]exe


def _cve_value(plain: str) -> Value | Reject:
    match = _CVE.fullmatch(plain)
    if match is None:
        return Reject.UNKNOWN_KIND
    text = f"CVE-{match[1]}-{match[2]}"
    return Value(Kind.CVE, text, (text,))


def _as_value(plain: str) -> Value | Reject:
    return addresses.as_value(plain) if _AS.fullmatch(plain) else Reject.UNKNOWN_KIND


def _mac_value(plain: str) -> Value | Reject:
    """Without a hint, eight pairs with colons are an IPv6 address written in full."""
    return Reject.UNKNOWN_KIND if plain.count(":") == 7 else addresses.mac_value(plain)


def _host_or_port(plain: str) -> Value | Reject:
    name, _, port = plain.partition(":")
    if port and not addresses.is_port(port):
        return Reject.INVALID_HOST
    if name.replace(".", "").isdecimal() or "/" in name or "@" in name:
        return Reject.UNKNOWN_KIND
    return hosts.host_value(name.removeprefix("*."), any_suffix=True)


def _url(plain: str) -> Value | Reject:
    return urls.url_value(plain, spaces=True) if "://" in plain else Reject.UNKNOWN_KIND


def _ssdeep(plain: str) -> Value | Reject:
    return digests.ssdeep_value(plain, least=1)


_PARSERS: Final[dict[Kind, Parser]] = {
    Kind.IPV4: addresses.address_value,
    Kind.IPV6: addresses.address_value,
    Kind.CIDR: addresses.network_value,
    Kind.DOMAIN: _host_or_port,
    Kind.HOSTNAME: _host_or_port,
    Kind.URL: _url,
    Kind.EMAIL: emails.email_value,
    **dict.fromkeys(
        (Kind.MD5, Kind.SHA1, Kind.SHA224, Kind.SHA256, Kind.SHA384, Kind.SHA512, Kind.JARM),
        digests.hex_value,
    ),
    Kind.IMPHASH: lambda plain: digests.hex_value(plain, Kind.IMPHASH),
    Kind.JA3: lambda plain: digests.hex_value(plain, Kind.JA3),
    Kind.SSDEEP: _ssdeep,
    Kind.TLSH: digests.tlsh_value,
    Kind.CVE: _cve_value,
    Kind.AS: addresses.as_value,
    Kind.BITCOIN: bitcoin.bitcoin_value,
    Kind.MAC: addresses.mac_value,
}
