"""What MISP calls a value of a table: its type and category, as told or guessed from its form."""

from collections.abc import Mapping
from typing import Final

import msgspec

from securegrid.misp.typetable import type_table
from securegrid.values.model import Kind, Value
from securegrid.values.normalise import normalise

TYPES: Final[Mapping[Kind, str]] = {
    Kind.IPV4: "ip-dst",
    Kind.IPV6: "ip-dst",
    Kind.CIDR: "ip-dst",
    Kind.DOMAIN: "domain",
    Kind.HOSTNAME: "hostname",
    Kind.URL: "url",
    Kind.EMAIL: "email",
    Kind.MD5: "md5",
    Kind.SHA1: "sha1",
    Kind.SHA224: "sha224",
    Kind.SHA256: "sha256",
    Kind.SHA384: "sha384",
    Kind.SHA512: "sha512",
    Kind.IMPHASH: "imphash",
    Kind.SSDEEP: "ssdeep",
    Kind.TLSH: "tlsh",
    Kind.JA3: "ja3-fingerprint-md5",
    Kind.JARM: "jarm-fingerprint",
    Kind.FILENAME: "filename",
    Kind.CVE: "vulnerability",
    Kind.AS: "AS",
    Kind.BITCOIN: "btc",
    Kind.MAC: "mac-address",
}
"""What an indicator of a kind is, where nothing says that it is anything else."""
HINTS: Final[Mapping[str, Kind]] = {
    **{type_: kind for kind, type_ in TYPES.items() if kind not in {Kind.IPV6, Kind.CIDR}},
    "ip-src": Kind.IPV4,
    "email-src": Kind.EMAIL,
    "email-dst": Kind.EMAIL,
}
_SAME: Final = ({Kind.IPV4, Kind.IPV6, Kind.CIDR}, {Kind.DOMAIN, Kind.HOSTNAME})
_HASHES: Final = {"md5", "sha1", "sha224", "sha256", "sha384", "sha512", "imphash", "ssdeep"}
_NAMES: Final = {"domain", "hostname"}
_YES: Final = {"1", "true", "yes", "y", "はい", "○"}
_NO: Final = {"0", "false", "no", "n", "いいえ", "×"}


class Typed(msgspec.Struct, frozen=True):
    """A value ready to be an attribute."""

    type: str
    category: str
    value: str
    to_ids: bool


def typed(written: str, type_: str = "", category: str = "", to_ids: str = "") -> Typed | None:
    """``written`` with its type; None when it is empty, or has no type and no known form.

    A type that MISP does not know is as none; a category that the type cannot have gives way to
    the type's default (MISP's ``describeTypes``).
    """
    named = _known(type_)
    found = (named, _plain(written, named)) if named else _guessed(written)
    if found is None or not found[1]:
        return None
    default = type_table().default(found[0])
    fits = type_table().allows(category.strip(), found[0])
    return Typed(
        found[0],
        category.strip() if fits else default.default_category,
        found[1],
        _flag(to_ids, bool(default.to_ids)),
    )


def _known(type_: str) -> str:
    name = type_.strip()
    if name in type_table().types:
        return name
    return name.lower() if name.lower() in type_table().types else ""


def _plain(written: str, type_: str) -> str:
    """Refanged and canonical, where its form is that of its type; else as it is written."""
    hint = HINTS.get(type_)
    found = normalise(written, hint=hint) if hint else None
    if isinstance(found, Value) and hint and _is_same(found.kind, hint):
        return found.text
    return written.strip()


def _is_same(one: Kind, other: Kind) -> bool:
    return one is other or any(one in group and other in group for group in _SAME)


def _guessed(written: str) -> tuple[str, str] | None:
    if written.count("|") == 1 and (pair := _composite(*written.split("|"))):
        return pair
    found = normalise(written)
    return (TYPES[found.kind], found.text) if isinstance(found, Value) else None


def _composite(left: str, right: str) -> tuple[str, str] | None:
    """``name|address``, ``file|digest`` or ``address|port``; None when it is none of them."""
    first, second = _guessed(left), _guessed(right)
    if first and first[0] == "ip-dst" and right.strip().isdecimal() and int(right) < 65_536:
        return "ip-dst|port", f"{first[1]}|{int(right)}"
    if first is None or second is None:
        return None
    if first[0] in _NAMES and second[0] == "ip-dst":
        return "domain|ip", f"{first[1]}|{second[1]}"
    if first[0] == "filename" and second[0] in _HASHES:
        return f"filename|{second[0]}", f"{first[1]}|{second[1]}"
    return None


def _flag(written: str, otherwise: bool) -> bool:
    text = written.strip().lower()
    return True if text in _YES else False if text in _NO else otherwise
