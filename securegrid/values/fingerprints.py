"""Keyed fingerprints of values, and which of them a stored attribute has."""

from collections.abc import Iterable
from enum import IntEnum
from hashlib import blake2b

KEY_BYTES = 32
FINGERPRINT_BYTES = 16


class Mark(IntEnum):
    """What of an attribute a fingerprint is of; the numbers are stored for years."""

    WHOLE = 1
    """The value itself."""
    HALF = 2
    """One half of a composite."""
    HOST = 3
    """The host of a URL or an e-mail address."""
    DOMAIN = 4
    """The registered domain of its host."""
    BLOCK = 5
    """The /24 (IPv4), /48 or /64 (IPv6) that holds the address."""


def fingerprints(key: bytes, forms: Iterable[str]) -> list[bytes]:
    """The fingerprint of each canonical form under ``key`` (32 bytes): keyed BLAKE2b-128."""
    keyed = blake2b(key=key, digest_size=FINGERPRINT_BYTES)
    found = []
    for form in forms:
        one = keyed.copy()
        one.update(form.encode())
        found.append(one.digest())
    return found
