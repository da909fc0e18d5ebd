"""Addresses and numbers of networks: IPv4, IPv6, CIDR, MAC, AS."""

import ipaddress
import re
from socket import AF_INET6, inet_ntop, inet_pton
from typing import Final

from securegrid.values.model import Kind, Reject, Value

_OCTET: Final = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
IPV4: Final = re.compile(rf"(?:{_OCTET}\.){{3}}{_OCTET}")
_IPV4_LIKE: Final = re.compile(r"[0-9]+(?:\.[0-9]+)+")
_IPV6_LIKE: Final = re.compile(r"[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,8}(?:[0-9.]{2,13})?")
_BRACKETED: Final = re.compile(r"\[([0-9a-fA-F:.]+)(?:%[^\]]*)?\](?::([0-9]{1,5}))?")
_ZONE: Final = re.compile(r"%[0-9A-Za-z._~-]{1,32}$")
_NETWORK: Final = re.compile(r"([0-9a-fA-F:.]+)/([0-9]{1,3}|[0-9]{1,3}(?:\.[0-9]{1,3}){3})")
_MAC: Final = re.compile(
    r"[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}(?:(?::[0-9a-fA-F]{2}){2})?"
    r"|[0-9a-fA-F]{2}(?:-[0-9a-fA-F]{2}){5}(?:(?:-[0-9a-fA-F]{2}){2})?"
    r"|[0-9a-fA-F]{4}(?:\.[0-9a-fA-F]{4}){2,3}"
    r"|[0-9a-fA-F]{12}(?:[0-9a-fA-F]{4})?"
)
_AS: Final = re.compile(r"(?:ASN?[ :#-]?)?([0-9]{1,10})(?:\.([0-9]{1,5}))?", re.IGNORECASE)
_ZEROS: Final = bytes(10)
_MAPPED: Final = _ZEROS + b"\xff\xff"
_PREFIXES: Final = frozenset(map(str, range(32)))
_MAX_AS: Final = 2**32 - 1
_MAX_PORT: Final = 65_535


def ipv4_value(text: str) -> Value | Reject:
    """Dotted quad. Leading zeros are refused: many read them as octal (RFC 6943 3.1.1)."""
    if IPV4.fullmatch(text):
        return Value(Kind.IPV4, text, (text,))
    return Reject.INVALID_ADDRESS if _IPV4_LIKE.fullmatch(text) else Reject.UNKNOWN_KIND


def ipv6_value(text: str) -> Value | Reject:
    """Compressed lower case as MISP stores it (RFC 5952); the zone is local and dropped.

    An IPv4-mapped address is the IPv4 node itself (RFC 4291 2.5.5.2); the mapped
    spelling, which MISP keeps, is asked too.
    """
    if not _IPV6_LIKE.fullmatch(bare := _ZONE.sub("", text) if "%" in text else text):
        return Reject.UNKNOWN_KIND
    try:
        raw = inet_pton(AF_INET6, bare)
    except OSError:
        return Reject.INVALID_ADDRESS
    if raw.startswith(_MAPPED):
        inner = ".".join(map(str, raw[12:]))
        return Value(Kind.IPV4, inner, (inner, f"::ffff:{inner}"))
    plain = ipv6_text(raw)
    return Value(Kind.IPV6, plain, (plain,))


def ipv6_text(raw: bytes) -> str:
    """The canonical text (RFC 5952) of 16 bytes; those that hold IPv4 stay hexadecimal.

    In a tenth of the time that ``ipaddress`` takes.
    """
    return str(ipaddress.IPv6Address(raw)) if raw.startswith(_ZEROS) else inet_ntop(AF_INET6, raw)


def ipv6_number(plain: str) -> int:
    """The 128 bits of a canonical IPv6 address."""
    return int.from_bytes(inet_pton(AF_INET6, plain), "big")


def address_value(text: str) -> Value | Reject:
    """An IPv4 or IPv6 address, also ``[2001:db8::1]:443`` (the port is dropped)."""
    if match := _BRACKETED.fullmatch(text):
        return ipv6_value(match[1]) if is_port(match[2] or "0") else Reject.INVALID_ADDRESS
    return ipv6_value(text) if ":" in text else ipv4_value(text)


def network_value(text: str) -> Value | Reject:
    """CIDR with its host bits cleared; a network of one address is that address, as in MISP.

    What was written with host bits set is a spelling: MISP stores it so.
    """
    match = _NETWORK.fullmatch(text)
    if match is None:
        return Reject.UNKNOWN_KIND
    single = address_value(match[1])
    if isinstance(single, Reject):
        return single
    if single.kind is Kind.IPV4 and match[2] in _PREFIXES:
        return _ipv4_network(match[1], match[2])
    try:
        network = ipaddress.ip_network(f"{match[1]}/{match[2]}", strict=False)
    except ValueError:
        return Reject.INVALID_NETWORK
    if network.num_addresses == 1:
        return single
    return Value(Kind.CIDR, str(network), _network_spellings(match[1], network))


def _ipv4_network(address: str, prefix: str) -> Value:
    """The same as below for what nearly all networks are, in a fifth of the time."""
    bits = int(prefix)
    a, b, c, d = map(int, address.split("."))
    number = (a << 24 | b << 16 | c << 8 | d) & (0xFFFFFFFF << 32 - bits)
    first = f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    plain = f"{first}/{prefix}"
    return Value(Kind.CIDR, plain, (plain,) if first == address else (plain, f"{address}/{prefix}"))


def mac_value(text: str) -> Value | Reject:
    """EUI-48 or EUI-64 in any usual writing; lower case with colons, as MISP stores it."""
    if not _MAC.fullmatch(text):
        return Reject.UNKNOWN_KIND
    digits = text.translate(_NO_SEPARATORS).lower()
    plain = ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))
    return Value(Kind.MAC, plain, (plain,))


def as_value(text: str) -> Value | Reject:
    """``AS64500``, also from asdot (RFC 5396); MISP stores the digits alone: asked too."""
    match = _AS.fullmatch(text)
    if match is None:
        return Reject.UNKNOWN_KIND
    number = int(match[1])
    if match[2] is not None:
        if max(number, int(match[2])) > 0xFFFF:
            return Reject.INVALID_ADDRESS
        number = (number << 16) + int(match[2])
    if number > _MAX_AS:
        return Reject.INVALID_ADDRESS
    # A MISP must not be asked for "0": PHP takes it for nothing, and the filter is empty.
    digits = (str(number),) if number else ()
    return Value(Kind.AS, f"AS{number}", (f"AS{number}", *digits))


def is_port(text: str) -> bool:
    """Whether ``text`` is a port number, 0 to 65535."""
    return text.isdecimal() and len(text) <= 5 and int(text) <= _MAX_PORT


_NO_SEPARATORS: Final = str.maketrans("", "", ":-.")


def _network_spellings(
    written: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network
) -> tuple[str, ...]:
    given = f"{ipaddress.ip_address(written)}/{network.prefixlen}"
    return (str(network),) if given == str(network) else (str(network), given)
