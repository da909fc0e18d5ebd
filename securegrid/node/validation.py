"""Whether a normalised value is one that MISP would store under its type."""

import ipaddress
import re
from collections.abc import Callable
from datetime import datetime
from functools import cache, partial

from securegrid.misp.typetable import type_table
from securegrid.node.normalisation import halves_of

Checker = Callable[[str], str | None]

EMPTY = "Value cannot be empty."
_ADDRESS = "IP address has an invalid format."
_OTHER = 'Please double check the value or select type "other".'
_NO_PIPE = "Composite type, but value not in the value1|value2 format."
_PORT = "Port numbers have to be integers between 1 and 65535."
_WHOLE_NUMBER = "The value has to be a whole number greater or equal 0."
_ONE_LINE = "Value must be on one line."

_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}", re.ASCII)
_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_DOMAIN = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*\.[a-z][a-z0-9-]*[a-z0-9]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_CVE = re.compile(r"(?:CVE-\d{4}-\d{4,}|[A-Z]+-[A-Z0-9-]+)", re.ASCII)
_MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")
_EUI = re.compile(r"(?:[0-9a-f]{2}:){7}[0-9a-f]{2}")
_SSDEEP = re.compile(r"\d+:[A-Za-z0-9/+]*:[A-Za-z0-9/+]*")
_HEX = re.compile(r"[0-9a-fA-F]+")
_NO_BLANKS = re.compile(r"\S+")
_JARM = re.compile(r"[0-9a-f]{62}")
_TLSH = re.compile(r"(?:t1)?[0-9a-f]{70}")

_MANY_LINES = frozenset(
    [
        "text",
        "comment",
        "other",
        "yara",
        "sigma",
        "snort",
        "snort3",
        "bro",
        "zeek",
        "suricata",
        "pattern-in-file",
        "pattern-in-traffic",
        "pattern-in-memory",
        "pattern-filename",
        "email-body",
        "email-header",
        "email-thread-index",
        "pgp-public-key",
        "pgp-private-key",
        "ssh-fingerprint",
        "kusto-query",
        "process-state",
        "cookie",
        "stix2-pattern",
        "http-header",
        "attachment",
        "malware-sample",
    ]
)
_LENGTHS = {
    **dict.fromkeys(
        [
            "md5",
            "imphash",
            "hassh-md5",
            "hasshserver-md5",
            "ja3-fingerprint-md5",
            "x509-fingerprint-md5",
        ],
        32,
    ),
    **dict.fromkeys(["sha1", "pehash", "x509-fingerprint-sha1", "git-commit-id", "cdhash"], 40),
    **dict.fromkeys(["sha224", "sha512/224", "sha3-224"], 56),
    **dict.fromkeys(
        ["sha256", "authentihash", "sha512/256", "sha3-256", "x509-fingerprint-sha256"], 64
    ),
    **dict.fromkeys(["sha384", "sha3-384"], 96),
    **dict.fromkeys(["sha512", "sha3-512"], 128),
}


def problem_of(misp_type: str, value: str) -> str | None:
    """Why a normalised value cannot be stored, in MISP's words; ``None`` when it can.

    The type is known to the type table.
    """
    return checker(misp_type)(value) if value else EMPTY


@cache
def checker(misp_type: str) -> Checker:
    """The rule of a type for values that are not empty, looked up once."""
    kinds = halves_of(misp_type)
    if kinds:
        return partial(_composite_problem, checker(kinds[0]), checker(kinds[1]))
    if misp_type in _LENGTHS:
        return partial(_hash_problem, _LENGTHS[misp_type])
    if misp_type in _RULES:
        return _RULES[misp_type]
    return _no_problem if misp_type in _MANY_LINES else _line_problem


def type_problem(misp_type: str, category: str) -> dict[str, list[str]]:
    """Why a type and a category cannot go together; empty when they can."""
    table = type_table()
    if misp_type not in table.types:
        return {"type": ["Invalid type."]}
    if table.allows(category, misp_type):
        return {}
    problems = {"type": ["Options depend on the selected category."]}
    if category not in table.described.categories:
        options = ", ".join(table.described.categories[1:5])
        return {"category": [f"Options : {options} ..."], **problems}
    return problems


def _composite_problem(left_check: Checker, right_check: Checker, value: str) -> str | None:
    left, bar, right = value.partition("|")
    if not bar or not left or not right or "|" in right:
        return _NO_PIPE
    return left_check(left) or right_check(right)


def _no_problem(_: str) -> None:
    return None


def _line_problem(value: str) -> str | None:
    return _ONE_LINE if "\n" in value or "\r" in value else None


def _hash_problem(length: int, value: str) -> str | None:
    if len(value) == length and _HEX.fullmatch(value):
        return None
    return (
        f"Checksum has an invalid length or format (expected: {length} hexadecimal characters). "
        + _OTHER
    )


def _address_problem(value: str) -> str | None:
    if _IPV4.fullmatch(value):
        return None
    address, slash, length = value.partition("/")
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return _ADDRESS
    if slash and not (length.isdecimal() and int(length) <= parsed.max_prefixlen):
        return _ADDRESS
    return _ADDRESS if "%" in address else None


def _domain_problem(value: str) -> str | None:
    return None if _DOMAIN.fullmatch(value) else f"Domain name has an invalid format. {_OTHER}"


def _hostname_problem(value: str) -> str | None:
    return None if _DOMAIN.fullmatch(value) else f"Host name has an invalid format. {_OTHER}"


def _email_problem(value: str) -> str | None:
    return None if _EMAIL.fullmatch(value) else f"Email address has an invalid format. {_OTHER}"


def _port_problem(value: str) -> str | None:
    good = value.isascii() and value.isdecimal() and 1 <= int(value[:9]) <= 65535
    return None if good else _PORT


def _number_problem(value: str) -> str | None:
    return None if value.isascii() and value.isdecimal() else _WHOLE_NUMBER


def _float_problem(value: str) -> str | None:
    try:
        float(value)
    except ValueError:
        return "The value has to be a number."
    return None


def _as_problem(value: str) -> str | None:
    good = value.isascii() and value.isdecimal() and 0 < int(value[:11]) <= 4294967295
    return None if good else "AS number have to be integers between 1 and 4294967295"


def _boolean_problem(value: str) -> str | None:
    return None if value in {"0", "1"} else "The value has to be either true or false."


def _datetime_problem(value: str) -> str | None:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return "Datetime has to be in the ISO 8601 format."
    return None


def _pattern(pattern: re.Pattern[str], words: str) -> Checker:
    return lambda value: None if pattern.fullmatch(value) else words


_RULES: dict[str, Checker] = {
    **dict.fromkeys(["ip-src", "ip-dst"], _address_problem),
    **dict.fromkeys(["hostname"], _hostname_problem),
    **dict.fromkeys(["counter", "size-in-bytes"], _number_problem),
    **dict.fromkeys(
        ["email", "email-src", "email-dst", "target-email", "whois-registrant-email", "eppn"],
        _email_problem,
    ),
    "domain": _domain_problem,
    "port": _port_problem,
    "float": _float_problem,
    "AS": _as_problem,
    "boolean": _boolean_problem,
    "datetime": _datetime_problem,
    "vulnerability": _pattern(_CVE, "Invalid format. Expected: CVE-xxxx-xxxx."),
    "mac-address": _pattern(_MAC, "MAC address has an invalid format."),
    "mac-eui-64": _pattern(_EUI, "EUI-64 address has an invalid format."),
    "ssdeep": _pattern(_SSDEEP, "Invalid SSDeep hash. The format has to be blocksize:hash:hash"),
    "jarm-fingerprint": _pattern(_JARM, "JARM fingerprint has an invalid format."),
    "tlsh": _pattern(_TLSH, "TLSH has an invalid format."),
    "btc": _pattern(_NO_BLANKS, "Bitcoin address has an invalid format."),
    "xmr": _pattern(_NO_BLANKS, "Address has an invalid format."),
}
