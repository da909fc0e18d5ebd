"""The finder finds what it is for, whatever was done to it, and nothing else."""

import base64
import gzip
import hashlib
import json
import os
import zlib
from hashlib import blake2b
from random import Random
from urllib.parse import quote

import pytest

from securegrid.values.fingerprints import fingerprints
from tests.privacy.finder import Finder

KEY = bytes(range(32))
TEXTS = (
    "miss-kestrel.example",
    "203.0.113.201",
    "2001:db8:47::113:9",
    "https://miss-osprey.example/a b/?q=Ä",
    "miss.merlin@miss-harrier.example",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "例え.example",
)
NOISE = Random(1).randbytes(5_000) + json.dumps([Random(2).random() for _ in range(400)]).encode()
FINDER = Finder(TEXTS, [KEY])


def _leaks(text: str) -> dict[str, bytes]:
    """Ways in which a text could leak, each a piece of what would be recorded."""
    raw = text.encode()
    leaks = {
        "raw": raw,
        "upper": text.upper().encode(),
        "mixed case": "".join(
            c.upper() if n % 2 else c.lower() for n, c in enumerate(text)
        ).encode(),
        "json": json.dumps({"value": [text]}).encode(),
        "json twice": json.dumps(json.dumps([text])).encode(),
        "php json": json.dumps(text).replace("/", "\\/").encode(),
        "address": quote(text, safe="").encode(),
        "every byte of the address": "".join(f"%{byte:02X}" for byte in raw).encode(),
        "hex": raw.hex().encode(),
        "HEX": raw.hex().upper().encode(),
        "utf-16": text.encode("utf-16"),
        "utf-16 big": text.encode("utf-16-be"),
        "defanged": text.replace(".", "[.]").replace("http", "hxxp").encode(),
        "gzip": gzip.compress(raw),
        "zlib": zlib.compress(raw, 9),
        "the index's own": fingerprints(KEY, [text])[0],
        "the index's own in hex": fingerprints(KEY, [text])[0].hex().encode(),
        "blake2b-128": blake2b(raw, digest_size=16).digest(),
        "line": hashlib.sha256(raw + b"\n").hexdigest().encode(),
    }
    for before in range(3):
        leaks[f"base64 after {before}"] = base64.b64encode(b"xyz"[:before] + raw + b"~")
        leaks[f"base64 url after {before}"] = base64.urlsafe_b64encode(b"xyz"[:before] + raw + b"~")
    for name in ("md5", "sha1", "sha256", "sha512", "blake2b"):
        digest = hashlib.new(name, raw)
        leaks[name] = digest.hexdigest().encode()
        leaks[f"{name} cut to 8"] = b'"' + digest.hexdigest()[:8].encode() + b'"'
        leaks[f"{name} in capitals"] = digest.hexdigest().upper()[:16].encode()
        leaks[f"{name} raw, cut to 8"] = digest.digest()[:8]
        leaks[f"{name} in base64"] = base64.b64encode(digest.digest())
    return leaks


@pytest.mark.parametrize("text", TEXTS)
def test_every_leak_is_found_wherever_it_stands(text: str) -> None:
    for name, leak in _leaks(text).items():
        for haystack in (leak, NOISE + leak + NOISE):
            assert text in FINDER.found_in(haystack), name


def test_an_address_is_found_as_a_number_and_as_its_name_in_the_dns() -> None:
    for leak in ("3405803977", "CB0071C9", "201.113.0.203.in-addr.arpa"):
        assert "203.0.113.201" in FINDER.found_in(f"<{leak}>"), leak
    for leak in ("2001:0db8:0047:0000:0000:0000:0113:0009", "20010db8004700000000000001130009"):
        assert "2001:db8:47::113:9" in FINDER.found_in(f"<{leak}>"), leak


def test_nothing_is_found_where_nothing_is() -> None:
    near = b"kestrel.example 203.0.113.20 2001:db8:47::113:8 miss-osprey.example/a merlin@"
    assert FINDER.found_in(NOISE + near + os.urandom(50_000)) == {}


def test_the_fingerprint_under_another_key_is_not_found() -> None:
    assert FINDER.found_in(fingerprints(bytes(32), TEXTS)[0]) == {}
