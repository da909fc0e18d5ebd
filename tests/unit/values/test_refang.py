"""Defanged forms are undone, and nothing else is touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from securegrid.values.refang import refang, refang_dots


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("a[.]b", "a.b"),
        ("a(.)b", "a.b"),
        ("a{.}b", "a.b"),
        ("a<.>b", "a.b"),
        ("a[dot]b", "a.b"),
        ("a(DOT)b", "a.b"),
        ("a [.] b", "a.b"),
        ("a[ . ]b", "a.b"),
        ("a[,]b", "a.b"),
        ("a[.b", "a.b"),
        ("a.]b", "a.b"),
        ("a\\.b", "a.b"),
        ("a。b", "a.b"),
        ("http://a\\.b/c\\.d?e\\.f", "http://a.b/c.d?e\\.f"),
        ("a[@]b", "a@b"),
        ("a(at)b", "a@b"),
        ("hxxp://a", "http://a"),
        ("HXXPS://a", "https://a"),
        ("h**ps://a", "https://a"),
        ("hxxp[:]//a", "http://a"),
        ("hxxp[:/]/a", "http://a"),
        ("hxxp[://]a", "http://a"),
        ("[hxxp]://a", "http://a"),
        ("[hxxps://]a", "https://a"),
        ("http:\\\\a", "http://a"),
        ("http:// a", "http://a"),
        ("http[:][/][/]a", "http://a"),
        ("fxp://a", "ftp://a"),
        ("[[.]]b", "[.]b"),
    ],
)
def test_undone(written: str, plain: str) -> None:
    assert refang(written) == refang(plain)
    assert refang(plain) == (plain if "[" not in plain else ".b")


@pytest.mark.parametrize(
    "text", ["evil.com", "http://evil.com/a", "h.xp", "a:b", "[2001:db8::1]:443", "C:\\a\\b"]
)
def test_left_alone(text: str) -> None:
    assert refang(text) == text


@pytest.mark.parametrize("text", ["evil.com", "http://evil.com/a", "192.0.2.1", "d" * 64])
def test_what_is_plain_comes_back_as_the_same_object(text: str) -> None:
    assert refang(text) is text


def test_a_file_name_keeps_everything_but_closed_dots() -> None:
    assert refang_dots("evil[.]exe") == "evil.exe"
    assert refang_dots("a(at)b[.c") == "a(at)b[.c"


@given(st.text("ab.[](){}<>dotathxp:/\\ @", max_size=40))
def test_shallow_nesting_ends(text: str) -> None:
    once = refang(text)
    assert len(once) <= len(text) + 1
