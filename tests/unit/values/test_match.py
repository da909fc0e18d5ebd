"""A stored attribute is recognised by every value that MISP returns it for, and by no other."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from securegrid.misp.query import unsafe
from securegrid.values.match import keys
from securegrid.values.model import Kind, Relation, Value
from securegrid.values.normalise import normalise
from tests.unit.values.samples import WRITTEN

TYPES = {
    Kind.IPV4: ("ip-src", "ip-dst", "text"),
    Kind.IPV6: ("ip-src", "ip-dst", "other"),
    Kind.CIDR: ("ip-src", "ip-dst"),
    Kind.DOMAIN: ("domain", "hostname", "text"),
    Kind.HOSTNAME: ("hostname", "domain", "other"),
    Kind.URL: ("url", "link", "uri", "text"),
    Kind.EMAIL: ("email", "email-src", "email-dst", "whois-registrant-email", "text"),
    Kind.MD5: ("md5", "x509-fingerprint-md5", "hassh-md5", "text"),
    Kind.SHA1: ("sha1", "git-commit-id", "pehash"),
    Kind.SHA224: ("sha224", "sha512/224"),
    Kind.SHA256: ("sha256", "authentihash", "sha3-256"),
    Kind.SHA384: ("sha384",),
    Kind.SHA512: ("sha512",),
    Kind.IMPHASH: ("imphash", "md5"),
    Kind.SSDEEP: ("ssdeep",),
    Kind.TLSH: ("tlsh",),
    Kind.JA3: ("ja3-fingerprint-md5",),
    Kind.JARM: ("jarm-fingerprint",),
    Kind.FILENAME: ("filename", "attachment", "email-attachment"),
    Kind.CVE: ("vulnerability", "text"),
    Kind.AS: ("AS",),
    Kind.BITCOIN: ("btc",),
    Kind.MAC: ("mac-address",),
}
CASE_MATTERS = (Kind.URL, Kind.SSDEEP, Kind.BITCOIN)
"""RFC 3986 6.2.2.1, and base 64 and base 58: another case is another value."""


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


CHANGES: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "upper case": str.upper,
    "lower case": str.lower,
    "width": full_width,
    "blanks behind": "{}  ".format,
}


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("change", CHANGES)
@given(data=st.data())
@settings(max_examples=12, deadline=None)
def test_every_spelling_is_recognised(kind: Kind, change: str, data: st.DataObject) -> None:
    """Also in another case and width, with blanks behind: MISP returns all of these (trap 3)."""
    value = normalise(data.draw(WRITTEN[kind]), hint=kind)
    assert isinstance(value, Value)
    if "case" in change and kind in CASE_MATTERS:
        return
    for spelling in value.spellings:
        for misp_type in TYPES[kind]:
            assert (value.text, Relation.EQUAL) in keys(misp_type, CHANGES[change](spelling))


@pytest.mark.parametrize(
    ("misp_type", "stored", "parts"),
    [
        ("domain|ip", "Evil.com|192.0.2.1", ("evil.com", "192.0.2.1")),
        ("ip-dst|port", "192.0.2.1|443", ("192.0.2.1",)),
        ("ip-src|port", "2001:DB8::1|443", ("2001:db8::1",)),
        ("hostname|port", "www.evil.com|443", ("www.evil.com",)),
        ("filename|md5", "Evil.exe|" + "D" * 32, ("evil.exe", "d" * 32)),
        ("filename|sha256", "請求書 1.exe|" + "d" * 64, ("請求書 1.exe", "d" * 64)),
        ("malware-sample", "x.bin|" + "d" * 32, ("x.bin", "d" * 32)),
        ("filename|ssdeep", "a.exe|3:AIO9AJraN:AeuIN", ("a.exe", "3:AIO9AJraN:AeuIN")),
        ("regkey|value", "HKLM\\x|c:\\evil.exe", ("c:\\evil.exe",)),
    ],
)
def test_composites_are_found_by_either_half(
    misp_type: str, stored: str, parts: tuple[str, ...]
) -> None:
    assert keys(misp_type, stored) == tuple((part, Relation.PART) for part in parts)


@pytest.mark.parametrize(
    ("misp_type", "stored", "asked"),
    [
        ("hostname", "exämple.com", "example.com"),
        ("domain", "évil.com", "evil.com"),
        ("filename", "résumé.exe", "resume.exe"),
        ("filename", "てすと.exe", "テスト.exe"),
        ("url", "http://evil.com/Path", "http://evil.com/path"),
        ("url", "http://evil.com/", "evil.com"),
        ("url", "https://evil.com/a", "http://evil.com/a"),
        ("port", "443", "AS443"),
        ("ip-dst|port", "192.0.2.1|443", "AS443"),
        ("text", "443", "AS443"),
        ("comment", "saw evil.com", "evil.com"),
        ("ip-dst", "192.0.2.0/24", "192.0.2.1"),
        ("domain", "www.evil.com", "evil.com"),
    ],
)
def test_what_merely_resembles_the_question_is_no_match(
    misp_type: str, stored: str, asked: str
) -> None:
    assert asked not in dict(keys(misp_type, stored))


@pytest.mark.parametrize(
    ("misp_type", "stored", "asked"),
    [
        ("hostname", "bücher.de", "xn--bcher-kva.de"),
        ("domain", "xn--bcher-kva.de", "bücher.de"),
        ("url", "http://bücher.de/a", "http://xn--bcher-kva.de/a/"),
        ("url", "http://evil.com:80/a", "http://evil.com/a"),
        ("url", "https://evil.com/a.php", "evil.com/a.php"),
        ("ip-dst", "2001:0DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("ip-dst", "::FFFF:192.0.2.1", "192.0.2.1"),
        ("ip-dst", "192.0.2.77/24", "192.0.2.0/24"),
        ("AS", "64500", "as64500"),
        ("AS", "AS64500", "AS64500"),
        ("tlsh", "a" * 70, "T1" + "a" * 70),
        ("vulnerability", "cve-2021-44228", "CVE-2021-44228"),
        ("mac-address", "aa:bb:cc:dd:ee:ff", "AA-BB-CC-DD-EE-FF"),
        ("hostname", "dc01.acme", "dc01.acme"),
        ("text", "setup.py", "setup.py"),
        ("filename", "evil.com", "evil.com"),
    ],
)
def test_other_writings_of_the_same_value_match(misp_type: str, stored: str, asked: str) -> None:
    value = normalise(asked, hint=Kind.HOSTNAME if asked == "dc01.acme" else None)
    assert isinstance(value, Value)
    assert dict(keys(misp_type, stored))[value.text] is Relation.EQUAL


def test_accents_are_not_levelled_in_either_normal_form() -> None:
    assert keys("hostname", unicodedata.normalize("NFD", "bücher.de")) == keys(
        "hostname", "bücher.de"
    )


@given(
    written=st.text("ab1.:/@[]()%-_\\ xn～。．ß日é", max_size=30)
    | st.text(max_size=12).map("http://a.com/{}".format)
    | st.text("xn-.ß日1a", max_size=20).map("http://{}/b".format)
    | st.text("/\\?#a.", max_size=8).map("a.com/{}".format),
    hint=st.none() | st.sampled_from(list(Kind)),
)
@example(written="http://xn--/a", hint=None)
@example(written="http://xn--@[2001:db8::1]/a", hint=None)
@example(written="a.com/x\\y", hint=None)
@example(written="a.com//", hint=None)
@example(written="http://a.com/a;/", hint=None)
@example(written="http://a.com/\\?\\.0", hint=None)
@settings(max_examples=400, deadline=None)
def test_whatever_was_written_its_spellings_lead_back(written: str, hint: Kind | None) -> None:
    value = normalise(written, hint=hint)
    if isinstance(value, Value):
        for spelling in value.spellings:
            assert value.text in dict(keys(TYPES[value.kind][0], spelling))


@given(
    written=st.one_of(*WRITTEN.values())
    | st.text("a%!&|/:?0", max_size=8).map("http://a.com/{}".format)
    | st.text("a%!&|/:?0", max_size=8).map("a.com/{}".format)
)
@example(written="AS0")
@example(written="http://a.com/100%/")
@settings(max_examples=500, deadline=None)
def test_a_value_is_never_unsafe_to_ask_for_the_sake_of_another_spelling(written: str) -> None:
    value = normalise(written)
    if isinstance(value, Value) and unsafe(value.text) is None:
        assert not any(map(unsafe, value.spellings))


@given(
    misp_type=st.sampled_from([t for types in TYPES.values() for t in types])
    | st.sampled_from(["domain|ip", "filename|sha256", "malware-sample", "|", "", "nonsense"])
    | st.text(max_size=20),
    stored=st.text(max_size=60) | st.text("a.b|/:%1", max_size=30),
)
@settings(max_examples=500, deadline=None)
def test_anything_stored_gives_keys_without_doubles(misp_type: str, stored: str) -> None:
    found = keys(misp_type, stored)
    assert len({text for text, _ in found}) == len(found)
