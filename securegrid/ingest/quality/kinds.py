"""Which kinds of values a MISP type holds, where its values have a form that can be checked."""

from collections.abc import Mapping
from typing import Final

from securegrid.values.model import Kind

ADDRESSES: Final = frozenset({Kind.IPV4, Kind.IPV6, Kind.CIDR})
HOSTS: Final = frozenset({Kind.DOMAIN, Kind.HOSTNAME})
HASHES: Final = frozenset({Kind.MD5, Kind.SHA1, Kind.SHA224, Kind.SHA256, Kind.SHA384, Kind.SHA512})

KINDS: Final[Mapping[str, frozenset[Kind]]] = {
    **dict.fromkeys(("ip-src", "ip-dst", "ip"), ADDRESSES),
    **dict.fromkeys(("domain", "hostname"), HOSTS),
    "url": frozenset({Kind.URL}),
    "link": frozenset({Kind.URL}),
    **dict.fromkeys(
        ("email", "email-src", "email-dst", "email-reply-to", "target-email",
         "whois-registrant-email", "dns-soa-email"),
        frozenset({Kind.EMAIL}),
    ),
    **dict.fromkeys(
        ("md5", "x509-fingerprint-md5", "ja3-fingerprint-md5", "hassh-md5", "hasshserver-md5",
         "imphash"),
        frozenset({Kind.MD5, Kind.IMPHASH, Kind.JA3}),
    ),
    **dict.fromkeys(("sha1", "x509-fingerprint-sha1", "pehash"), frozenset({Kind.SHA1})),
    **dict.fromkeys(("sha224", "sha3-224", "sha512/224"), frozenset({Kind.SHA224})),
    **dict.fromkeys(
        ("sha256", "sha3-256", "sha512/256", "x509-fingerprint-sha256", "authentihash"),
        frozenset({Kind.SHA256}),
    ),
    **dict.fromkeys(("sha384", "sha3-384"), frozenset({Kind.SHA384})),
    **dict.fromkeys(("sha512", "sha3-512"), frozenset({Kind.SHA512})),
    "ssdeep": frozenset({Kind.SSDEEP}),
    "tlsh": frozenset({Kind.TLSH}),
    "jarm-fingerprint": frozenset({Kind.JARM}),
    "AS": frozenset({Kind.AS}),
    "mac-address": frozenset({Kind.MAC}),
    "mac-eui-64": frozenset({Kind.MAC}),
}  # fmt: skip

CLICKED: Final = ADDRESSES | HOSTS | {Kind.URL, Kind.EMAIL}
"""Kinds that people defang, so that nobody clicks on them."""

WORDS: Final = frozenset({"text", "comment", "other"})
"""Types that say nothing about their values."""
MANY_LINES: Final = WORDS | {
    "yara", "sigma", "snort", "snort3", "bro", "zeek", "suricata", "pattern-in-file",
    "pattern-in-traffic", "pattern-in-memory", "email-body", "email-header", "pgp-public-key",
    "pgp-private-key", "kusto-query", "process-state", "cookie", "stix2-pattern", "http-header",
    "attachment", "malware-sample", "user-agent", "regkey|value",
}  # fmt: skip
"""Types whose values may be long, and of several lines."""
LONGEST: Final = 65_535
"""Bytes that MISP's column of a value holds."""


def hint_of(type_: str) -> Kind | None:
    """The one kind of a type; ``None`` where there are several or none."""
    kinds = KINDS.get(type_)
    return next(iter(kinds)) if kinds and len(kinds) == 1 else None
