"""Values are stored in MISP's form, and refused with MISP's words."""

import pytest

from securegrid.misp.typetable import type_table
from securegrid.node.acceptance import Accepted, accept
from securegrid.node.normalisation import normalise_value
from securegrid.node.records import NewAttribute
from securegrid.node.validation import EMPTY, problem_of

STORED = [
    ("ip-dst", "2001:0DB8:0:0:0:0:0:99", "2001:db8::99"),
    ("ip-src", "2001:DB8:0::/32", "2001:db8::/32"),
    ("ip-src", " 10.0.0.0/8 ", "10.0.0.0/8"),
    ("ip-dst|port", "203.0.113.5:8443", "203.0.113.5|8443"),
    ("ip-src|port", "[2001:DB8::1]:80", "2001:db8::1|80"),
    ("hostname|port", "WWW.Example.com:443", "www.example.com|443"),
    ("domain", "UPPER.Example.COM.", "upper.example.com"),
    ("domain", "日本語.jp", "xn--wgv71a119e.jp"),
    ("domain|ip", "Evil.example|2001:DB8::1", "evil.example|2001:db8::1"),
    ("sha256", "AB" * 32, "ab" * 32),
    ("filename|md5", "Invoice.EXE|" + "AB" * 16, "Invoice.EXE|" + "ab" * 16),
    ("malware-sample", "a.exe|" + "AB" * 16, "a.exe|" + "ab" * 16),
    ("email-src", "Attacker@Evil.example", "attacker@evil.example"),
    ("vulnerability", "cve–2021–44228", "CVE-2021-44228"),
    ("AS", "as64500", "64500"),
    ("mac-address", "00-1B.44:11 3AB7", "00:1b:44:11:3a:b7"),
    ("datetime", "2021-06-11T03:12:45+09:00", "2021-06-11T03:12:45.000000+0900"),
    ("boolean", "TRUE", "1"),
    ("x509-fingerprint-sha1", "AB:" * 19 + "AB", "ab" * 20),
    ("phone-number", "0081 (0)3-1234", "+8131234"),
    ("text", "  kept\nlines ", "kept\nlines"),
    ("url", "http://Example.com/A?b=C", "http://Example.com/A?b=C"),
]

REFUSED = [
    ("ip-dst", "banana"),
    ("ip-dst", "203.0.113.215\n203.0.113.216"),
    ("ip-dst", "203.0.113.256"),
    ("ip-dst", "203.0.113.5/33"),
    ("ip-dst", "fe80::1%eth0"),
    ("ip-dst|port", "203.0.113.5"),
    ("ip-dst|port", "203.0.113.5|70000"),
    ("ip-dst|port", "203.0.113.5|80|81"),
    ("domain", "no spaces.example"),
    ("domain", "single"),
    ("domain", "-bad.example"),
    ("hostname", "203.0.113.5"),
    ("md5", "ab"),
    ("sha256", "zz" * 32),
    ("filename|sha256", "a.exe|zz"),
    ("email-src", "nobody"),
    ("port", "0"),
    ("port", "٣"),
    ("AS", "0"),
    ("vulnerability", "log4shell"),
    ("size-in-bytes", "-1"),
    ("float", "much"),
    ("boolean", "perhaps"),
    ("datetime", "yesterday"),
    ("mac-address", "00:1b"),
    ("ssdeep", "x"),
    ("url", "http://a/\nhttp://b/"),
]


@pytest.mark.parametrize(("misp_type", "written", "stored"), STORED)
def test_it_is_stored_in_misps_form(misp_type: str, written: str, stored: str) -> None:
    value = normalise_value(misp_type, written)
    assert value == stored
    assert problem_of(misp_type, value) is None
    assert normalise_value(misp_type, value) == value


@pytest.mark.parametrize(("misp_type", "written"), REFUSED)
def test_it_is_refused_with_a_reason(misp_type: str, written: str) -> None:
    problem = problem_of(misp_type, normalise_value(misp_type, written))
    assert problem
    assert written not in problem


@pytest.mark.parametrize("misp_type", sorted(type_table().types))
def test_every_type_refuses_an_empty_value_and_survives_a_strange_one(misp_type: str) -> None:
    assert accept(NewAttribute(misp_type, "  ")) == {"value": [EMPTY]}
    strange = accept(NewAttribute(misp_type, "𠮷|\t| 請求書😀"))
    assert isinstance(strange, Accepted) or set(strange) == {"value"}


def test_the_halves_of_a_composite_have_a_key_each() -> None:
    accepted = accept(NewAttribute("filename|md5", "請求書.EXE|" + "AB" * 16))
    assert isinstance(accepted, Accepted)
    assert (accepted.value1, accepted.value2) == ("請求書.EXE", "ab" * 16)
    assert (accepted.key1, accepted.key2) == ("請求書.exe", "ab" * 16)


def test_category_and_detection_come_from_pymisps_table() -> None:
    accepted = accept(NewAttribute("ip-dst", "203.0.113.5"))
    assert isinstance(accepted, Accepted)
    assert (accepted.category, accepted.to_ids) == ("Network activity", True)
    silent = accept(NewAttribute("ip-dst", "203.0.113.5", to_ids=False))
    assert isinstance(silent, Accepted)
    assert silent.to_ids is False


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (NewAttribute("nonsense", "x"), "type"),
        (NewAttribute("ip-dst", "203.0.113.5", category="Nope"), "category"),
        (NewAttribute("ip-dst", "203.0.113.5", category="Person"), "type"),
        (NewAttribute("ip-dst", "203.0.113.5", distribution=4), "distribution"),
        (NewAttribute("ip-dst", "203.0.113.5", uuid="no-uuid"), "uuid"),
        (NewAttribute("text", "a\0b"), "value"),
    ],
)
def test_what_else_is_wrong_is_told_by_field(new: NewAttribute, field: str) -> None:
    verdict = accept(new)
    assert isinstance(verdict, dict)
    assert field in verdict
