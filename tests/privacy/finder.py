"""Looking for texts that must not be there, in every form in which they could have leaked.

``Finder`` knows each text raw, in JSON, in an address, in hex, in base64, in UTF-16, in any
case, defanged, as a number, and hashed: MD5, SHA-1, SHA-256, SHA-512, BLAKE2b and, for given
keys, keyed BLAKE2b. A digest is found whole, cut down to 8 hex characters (16 where something
was done to the text before hashing) or to 8 raw bytes. What is compressed is unpacked first.
"""

import base64
import hashlib
import ipaddress
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from urllib.parse import quote, quote_plus

from securegrid.values.fingerprints import FINGERPRINT_BYTES

HEX_CHARACTERS = 8
"""Of a digest; fewer are found by accident."""
MORE_HEX_CHARACTERS = 16
"""Of the digest of a form that is one of many; 8 of these would be found by accident too."""
RAW_BYTES = 8
_UNPACKED_BYTES = 10_000_000


class Finder:
    """Finds ``texts``; also hashed under each of ``keys`` as the index hashes.

    ``cut``: hex characters to which a digest may be cut; more than 8 for what holds many random
    UUIDs, among which 8 characters are found by accident.
    """

    def __init__(
        self, texts: Iterable[str], keys: Sequence[bytes] = (), *, cut: int = HEX_CHARACTERS
    ) -> None:
        exact: list[tuple[bytes, str]] = []
        caseless: list[tuple[bytes, str]] = []
        for text in texts:
            readings = _readings(text)
            digests = {digest for each in readings for digest in _digests(each, keys)}
            exact += ((form, text) for form in _exact(text, readings, digests))
            caseless += ((form, text) for form in _caseless(text, readings, digests, cut))
        self._exact, self._caseless = _Needles(exact), _Needles(caseless)

    def found_in(self, haystack: bytes | bytearray | str) -> dict[str, bytes]:
        """The texts of which ``haystack`` holds a trace, each with one of the traces."""
        data = haystack.encode() if isinstance(haystack, str) else bytes(haystack)
        found: dict[str, bytes] = {}
        for part in (data, *_unpacked(data)):
            found |= self._exact.in_(part) | self._caseless.in_(part.lower())
        return found


class _Needles:
    """Many needles looked for in one pass: their beginnings are, then the rest of each."""

    def __init__(self, needles: Iterable[tuple[bytes, str]]) -> None:
        self._short: dict[bytes, str] = {}
        self._long: dict[bytes, dict[bytes, str]] = {}
        for needle, text in needles:
            if len(needle) < RAW_BYTES:
                self._short[needle] = text
            else:
                self._long.setdefault(needle[:RAW_BYTES], {})[needle] = text

    def in_(self, data: bytes) -> dict[str, bytes]:
        found = {text: needle for needle, text in self._short.items() if needle in data}
        beginnings = self._long
        for at in range(len(data) - RAW_BYTES + 1):
            if data[at : at + RAW_BYTES] in beginnings:
                for needle, text in beginnings[data[at : at + RAW_BYTES]].items():
                    if data.startswith(needle, at):
                        found[text] = needle
        return found


def _readings(text: str) -> frozenset[str]:
    """The text as different programs would write it before hashing or encoding."""
    found = {text, *_punycode(text)}
    found |= {text.replace(".", dot) for dot in ("[.]", "(.)", "{.}", "[dot]", " dot ")}
    found |= {text.replace(".", "[.]", 1), ".".join(reversed(text.split(".")))}
    found |= {text.replace("@", at) for at in ("[@]", "[at]", " at ")}
    found |= {text.replace("://", mark) for mark in ("[://]", "[:]//")}
    found |= {re.sub("^http", "hxxp", each) for each in found}
    return frozenset({*found, *map(str.lower, found), *map(str.upper, found)})


def _punycode(text: str) -> Iterator[str]:
    if not text.isascii():
        parts = re.split(r"([./:@]+)", text)
        yield "".join(p if p.isascii() else "xn--" + p.encode("punycode").decode() for p in parts)


def _digests(form: str, keys: Sequence[bytes]) -> Iterator[bytes]:
    for raw in (form.encode(), f"{form}\n".encode(), form.encode("utf-16-le")):
        for make in _HASHES:
            yield make(raw)
        for key in keys:
            yield blake2b(raw, key=key, digest_size=FINGERPRINT_BYTES).digest()


def _hash(name: str) -> Callable[[bytes], bytes]:
    return lambda raw: hashlib.new(name, raw, usedforsecurity=False).digest()


def _blake(size: int) -> Callable[[bytes], bytes]:
    return lambda raw: blake2b(raw, digest_size=size).digest()


_HASHES = (
    *map(_hash, ("md5", "sha1", "sha256", "sha512")),
    *map(_blake, (8, 16, 20, 32, 64)),
)


def _exact(text: str, readings: Iterable[str], digests: Iterable[bytes]) -> Iterator[bytes]:
    """Forms in which the case of letters matters."""
    for form in readings:
        for coding in ("utf-8", "utf-16-le", "utf-16-be"):
            yield from _base64(form.encode(coding))
    for digest in digests:
        yield digest[:RAW_BYTES]
        yield digest[-RAW_BYTES:]
        yield from _base64(digest[:RAW_BYTES])
    address = _address(text)
    if address is not None and len(address.packed) >= RAW_BYTES:
        yield address.packed


def _caseless(
    text: str, readings: Iterable[str], digests: Iterable[bytes], cut: int
) -> Iterator[bytes]:
    """Forms that are found in any case; all in small letters."""
    for form in readings:
        for written in (form, *_escaped(form)):
            for coding in ("utf-8", "utf-16-le", "utf-16-be"):
                yield written.encode(coding).lower()
        yield form.encode().hex().encode()
        yield form.encode("utf-16-le").hex().encode()
    for make in _HASHES:
        yield make(text.encode()).hex()[:cut].encode()
    for digest in digests:
        yield digest.hex()[:MORE_HEX_CHARACTERS].encode()
        yield digest.hex()[-MORE_HEX_CHARACTERS:].encode()
    yield from _numbers(text)


def _escaped(text: str) -> Iterator[str]:
    inner = json.dumps(text)[1:-1]
    yield from (inner, inner.replace("/", "\\/"), json.dumps(inner)[1:-1])
    addressed = (quote(text), quote(text, safe=""), quote_plus(text))
    yield from (*addressed, quote(quote(text, safe=""), safe=""))
    yield "".join(f"%{byte:02x}" for byte in text.encode())
    yield "".join(f"\\u{ord(letter):04x}" for letter in text)


def _base64(raw: bytes) -> Iterator[bytes]:
    """The part of the encoded text that is the same whatever stands before and after it."""
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            whole = encode(b"\0" * before + raw)
            yield whole[-(-before * 4 // 3) : (before + len(raw)) * 4 // 3]


def _numbers(text: str) -> Iterator[bytes]:
    """An address as one number, without its short form, and as its name in the DNS."""
    address = _address(text)
    if address is not None:
        yield str(int(address)).encode()
        yield f"{int(address):0{address.max_prefixlen // 4}x}".encode()
        yield address.exploded.encode()
        yield address.reverse_pointer.encode()


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _unpacked(data: bytes) -> Iterator[bytes]:
    """Whatever can be unpacked of what looks like gzip or zlib."""
    for mark in re.finditer(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]", data):
        engine = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        try:
            part = engine.decompress(data[mark.start() :], _UNPACKED_BYTES)
        except zlib.error:
            continue
        if part:
            yield part
