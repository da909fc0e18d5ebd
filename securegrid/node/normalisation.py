"""Bringing an attribute's value into the form that MISP stores."""

import ipaddress
import re
from collections.abc import Callable
from datetime import datetime
from functools import cache, partial

import idna

Normaliser = Callable[[str], str]

_FINGERPRINT_SEPARATORS = re.compile(r"[:\s]")
_NOT_DIGITS = re.compile(r"[^0-9]+")
_NOT_ALNUM = re.compile(r"[^0-9A-Z]+")
_NOT_PHONE = re.compile(r"[^+0-9]+")
_MAC_SEPARATORS = re.compile(r"[.:\- ]")
_PLAIN_DOMAIN = re.compile(r"[a-z0-9._-]+")


def normalise_value(misp_type: str, written: str) -> str:
    """The stored form of a value (MISP's ``modifyBeforeValidation``).

    Never raises: what cannot be normalised is returned as it is and left to the validation.
    """
    return normaliser(misp_type)(written)


@cache
def normaliser(misp_type: str) -> Normaliser:
    """The rule of a type, looked up once."""
    kinds = halves_of(misp_type)
    if kinds:
        return partial(_composite, *kinds)
    rule = _RULES.get(misp_type)
    return (lambda written: rule(written.strip())) if rule else str.strip


def halves_of(misp_type: str) -> tuple[str, str] | None:
    """The types of the two halves in which values of the type are stored (``a|b``)."""
    left, bar, right = _WHOLE.get(misp_type, misp_type).partition("|")
    return (_half(left), _half(right)) if bar else None


def _half(name: str) -> str:
    return "ip-dst" if name == "ip" else name


def _composite(left_type: str, right_type: str, written: str) -> str:
    value = written.strip()
    if right_type == "port" and "|" not in value:
        host, colon, port = value.rpartition(":")
        value = f"{host.strip('[]')}|{port}" if colon else value
    left, bar, right = value.partition("|")
    if not bar:
        return value
    return f"{normaliser(left_type)(left)}|{normaliser(right_type)(right)}"


def _lower(value: str) -> str:
    return value.lower()


def _upper(value: str) -> str:
    return value.upper()


def _address(value: str) -> str:
    """IPv6 compressed (trap 3), IPv4 as it is; a network keeps its length."""
    if ":" not in value:
        return value
    address, slash, length = value.partition("/")
    try:
        return ipaddress.IPv6Address(address).compressed + slash + length
    except ValueError:
        return value


def _domain(value: str) -> str:
    lowered = value.lower().strip(".")
    if _PLAIN_DOMAIN.fullmatch(lowered):
        return lowered
    try:
        return idna.encode(lowered, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return lowered


def _autonomous_system(value: str) -> str:
    return value[2:].strip() if value[:2].upper() == "AS" else value


def _vulnerability(value: str) -> str:
    return value.replace("–", "-").upper()


def _mac(value: str) -> str:
    digits = _MAC_SEPARATORS.sub("", value.lower())
    return ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))


def _fingerprint(value: str) -> str:
    return _FINGERPRINT_SEPARATORS.sub("", value).lower()


def _digits(value: str) -> str:
    return _NOT_DIGITS.sub("", value)


def _account(value: str) -> str:
    return _NOT_ALNUM.sub("", value.upper())


def _phone(value: str) -> str:
    international = "+" + value[2:] if value.startswith("00") else value
    return _NOT_PHONE.sub("", international.replace("(0)", ""))


def _boolean(value: str) -> str:
    return {"true": "1", "false": "0"}.get(value.lower(), value)


def _datetime(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    zone = moment.strftime("%z") or "+0000"
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + zone[:5]


_HASHES = [
    "md5",
    "sha1",
    "sha224",
    "sha256",
    "sha384",
    "sha512",
    "sha512/224",
    "sha512/256",
    "sha3-224",
    "sha3-256",
    "sha3-384",
    "sha3-512",
    "authentihash",
    "vhash",
    "imphash",
    "impfuzzy",
    "pehash",
    "telfhash",
    "tlsh",
    "ja3-fingerprint-md5",
    "jarm-fingerprint",
    "hassh-md5",
    "hasshserver-md5",
    "cdhash",
    "git-commit-id",
]
_EMAILS = ["email", "email-src", "email-dst", "target-email", "eppn", "whois-registrant-email"]
_WHOLE = {"malware-sample": "filename|md5"}
_RULES: dict[str, Normaliser] = {
    **dict.fromkeys((h for h in _HASHES if h != "impfuzzy"), _lower),
    **dict.fromkeys(_EMAILS, _lower),
    **dict.fromkeys(["ip-src", "ip-dst"], _address),
    **dict.fromkeys(["domain", "hostname"], _domain),
    **dict.fromkeys(["http-method", "hex"], _upper),
    **dict.fromkeys(["vulnerability", "weakness"], _vulnerability),
    **dict.fromkeys(["mac-address", "mac-eui-64"], _mac),
    **dict.fromkeys(["cc-number", "bin"], _digits),
    **dict.fromkeys(["iban", "bic"], _account),
    **dict.fromkeys(["prtn", "whois-registrant-phone", "phone-number"], _phone),
    **dict.fromkeys([f"x509-fingerprint-{h}" for h in ("md5", "sha1", "sha256")], _fingerprint),
    "AS": _autonomous_system,
    "boolean": _boolean,
    "datetime": _datetime,
}
