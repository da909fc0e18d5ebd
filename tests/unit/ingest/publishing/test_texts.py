"""Texts that every MISP can store."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from securegrid.ingest.publishing.texts import storable, storable_value


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("plain", "plain"),
        ("どこどこJP", "どこどこJP"),
        ("😀", r"\U0001f600"),
        ("𠮷野家", r"\U00020bb7野家"),
        ("a\0b", "a\ufffdb"),
        ("あ\0", "あ\ufffd"),
        ("half \ud83d", "half \ufffd"),
    ],
)
def test_what_cannot_be_stored_is_written_otherwise(text: str, stored: str) -> None:
    assert storable(text) == stored


def test_in_an_address_it_is_percent_encoded() -> None:
    assert storable_value("url", "http://a.jp/😀?あ") == "http://a.jp/%F0%9F%98%80?あ"
    assert storable_value("text", "😀") == r"\U0001f600"


@given(st.text(st.characters()), st.sampled_from(["url", "text", "ip-src"]))
def test_whatever_comes_fits_into_three_bytes_a_character(text: str, type_: str) -> None:
    stored = storable_value(type_, text)
    assert all(len(character.encode()) <= 3 for character in stored)
    assert "\0" not in stored
    assert storable_value(type_, stored) == stored
