"""Which names are domains, which are hosts, and which are neither."""

import pytest
from publicsuffixlist import PublicSuffixList

from securegrid.values.hosts import (
    FLAT_SUFFIXES,
    INTERNAL_SUFFIXES,
    ascii_host,
    host_kind,
    host_value,
    is_suffix,
    registered_domain,
    unicode_host,
)
from securegrid.values.model import Kind, Reject


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("evil.com", Kind.DOMAIN),
        ("www.evil.com", Kind.HOSTNAME),
        ("evil.co.uk", Kind.DOMAIN),
        ("www.evil.co.uk", Kind.HOSTNAME),
        ("city.kobe.jp", Kind.DOMAIN),
        ("www.ck", Kind.DOMAIN),
        ("go.jp", Kind.DOMAIN),
        ("xn--wgv71a119e.xn--p1ai", Kind.DOMAIN),
        ("abc.onion", Kind.DOMAIN),
        ("com", None),
        ("host.local", None),
    ],
)
def test_a_domain_is_what_is_registered(name: str, kind: Kind | None) -> None:
    assert host_kind(name) is kind


@pytest.mark.parametrize("suffix", sorted(FLAT_SUFFIXES))
def test_the_quick_suffixes_have_no_rule_below_them(suffix: str) -> None:
    with_rules = PublicSuffixList(accept_unknown=False, only_icann=True)
    assert is_suffix(suffix)
    assert not [s for s in with_rules._publicsuffix if s.endswith("." + suffix)]


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("www.evil.com", "evil.com"),
        ("evil.com", "evil.com"),
        ("a.b.evil.co.uk", "evil.co.uk"),
        ("x.duckdns.org", "x.duckdns.org"),
        ("a.x.duckdns.org", "x.duckdns.org"),
        ("duckdns.org", ""),
        ("a.b.s3.amazonaws.com", "b.s3.amazonaws.com"),
        ("www.amazonaws.com", "amazonaws.com"),
        ("www.ck", "www.ck"),
        ("a.b.c.ck", "b.c.ck"),
        ("xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("com", ""),
        ("co.uk", ""),
        ("dc01.corp", ""),
        ("localhost", ""),
        ("192.0.2.1", ""),
        ("2001:db8::1", ""),
    ],
)
def test_what_was_registered_of_a_host(name: str, domain: str) -> None:
    assert registered_domain(name) == domain


def test_the_quick_way_to_what_was_registered_is_right_around_every_rule() -> None:
    rules = PublicSuffixList(accept_unknown=False)
    for rule in rules._publicsuffix:
        plain = rule.lstrip("!*.")
        names = [plain, *(f"{below}.{plain}" for below in ("a", "b.a", "c.b.a"))]
        for name in [*names, *(f"x{name}" for name in names)]:
            assert registered_domain(name) == (rules.privatesuffix(name) or "")


@pytest.mark.parametrize("suffix", sorted(INTERNAL_SUFFIXES))
def test_internal_suffixes_are_none_of_the_public_ones(suffix: str) -> None:
    assert not is_suffix(suffix)
    found = host_value("dc01." + suffix)
    assert not isinstance(found, Reject)
    assert found.kind is Kind.HOSTNAME


def test_a_name_of_an_unknown_root_needs_a_word_for_it() -> None:
    assert host_value("dc01.acme") is Reject.UNKNOWN_SUFFIX
    found = host_value("dc01.acme", any_suffix=True)
    assert not isinstance(found, Reject)
    assert found.text == "dc01.acme"


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "a..b",
        "-a.com",
        "a b.com",
        "a.1",
        "a" * 64 + ".com",
        "a." * 127 + "com",
        "xn--é.com",
    ],
)
def test_no_host_names(name: str) -> None:
    assert ascii_host(name) is Reject.INVALID_HOST


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("xn--wgv71a119e.jp", "日本語.jp"),
        ("evil.com", None),
        ("xn--a.com", None),
        ("xn--e28h.ws", None),
        ("xn--\u0301.com", None),
    ],
)
def test_unicode_only_where_it_leads_back(name: str, shown: str | None) -> None:
    assert unicode_host(name) == shown
