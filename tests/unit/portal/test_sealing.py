"""Sealed texts open with their key in their place, and nowhere else."""

import base64
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from securegrid.portal.config import Config, Mode, UnsafeSettings
from securegrid.portal.sealing import Sealer, SealError, keys_of, new_key, parse_keys

OLD, NEW = b"o" * 32, b"n" * 32


@given(st.binary(max_size=2000), st.text(max_size=50))
def test_opens_what_it_sealed(plain: bytes, subject: str) -> None:
    sealer = Sealer([NEW])
    sealed = sealer.seal(plain, "test:" + subject)
    assert sealer.unseal(sealed, "test:" + subject) == plain
    assert sealer.unseal(memoryview(sealed), "test:" + subject) == plain


def test_the_plain_text_is_not_in_the_sealed_one() -> None:
    assert b"very secret" not in Sealer([NEW]).seal(b"very secret", "test:1")


def test_sealing_twice_gives_different_texts() -> None:
    sealer = Sealer([NEW])
    assert sealer.seal(b"same", "test:1") != sealer.seal(b"same", "test:1")


@pytest.mark.parametrize("context", ["test:2", "other:1"])
def test_does_not_open_in_another_place(context: str) -> None:
    sealer = Sealer([NEW])
    with pytest.raises(SealError):
        sealer.unseal(sealer.seal(b"x", "test:1"), context)


def test_does_not_open_with_another_key() -> None:
    with pytest.raises(SealError):
        Sealer([NEW]).unseal(Sealer([OLD]).seal(b"x", "test:1"), "test:1")


def test_a_changed_byte_anywhere_is_noticed() -> None:
    sealer = Sealer([NEW])
    sealed = sealer.seal(b"some text", "test:1")
    for index in range(len(sealed)):
        changed = bytearray(sealed)
        changed[index] ^= 1
        with pytest.raises(SealError):
            sealer.unseal(bytes(changed), "test:1")


@pytest.mark.parametrize("sealed", [b"", b"x", b"x" * 12, b"x" * 13, b"x" * 40])
def test_rubbish_is_refused(sealed: bytes) -> None:
    with pytest.raises(SealError):
        Sealer([NEW]).unseal(sealed, "test:1")


def test_a_context_without_a_purpose_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="purpose:subject"):
        Sealer([NEW]).seal(b"x", "nothing")


def test_an_old_key_still_opens_but_is_not_current() -> None:
    old = Sealer([OLD]).seal(b"x", "test:1")
    both = Sealer([NEW, OLD])
    assert both.unseal(old, "test:1") == b"x"
    assert not both.is_current(old, "test:1")
    assert both.is_current(both.seal(b"x", "test:1"), "test:1")


def test_two_keys_with_one_number_do_not_disturb_each_other() -> None:
    twins = _two_keys_with_one_number()
    sealed = Sealer([twins[1]]).seal(b"x", "test:1")
    assert Sealer([twins[0]]).seal(b"x", "test:1")[0] == sealed[0]
    both = Sealer(twins)
    assert both.unseal(sealed, "test:1") == b"x"
    assert not both.is_current(sealed, "test:1")


def _two_keys_with_one_number() -> tuple[bytes, bytes]:
    seen: dict[int, bytes] = {}
    for number in range(300):  # 256 numbers: two must agree
        key = number.to_bytes(32, "big")
        mark = Sealer([key]).seal(b"", "test:1")[0]
        if mark in seen:
            return seen[mark], key
        seen[mark] = key
    raise AssertionError("300 keys with 300 numbers")


def test_derived_keys_differ_by_purpose() -> None:
    sealer = Sealer([NEW])
    assert sealer.derive("a") == sealer.derive("a") != sealer.derive("b")


def test_keys_are_read_with_remarks_and_in_both_base64_forms() -> None:
    first, second = os.urandom(32), b"\xfb\xff" * 16
    text = (
        f"# rotated in June\n{base64.b64encode(first).decode()}  # current\n\n"
        f"{base64.urlsafe_b64encode(second).decode()}\n"
    )
    assert parse_keys(text) == (first, second)
    assert len(parse_keys(new_key())[0]) == 32


@pytest.mark.parametrize("text", ["short", base64.b64encode(b"x" * 31).decode(), "ü" * 44])
def test_an_unusable_key_is_refused_without_quoting_it(text: str) -> None:
    with pytest.raises(ValueError, match="32 bytes") as refused:
        parse_keys(text)
    assert text not in str(refused.value)


def test_demo_makes_one_key_file_for_its_owner_only(tmp_path: Path) -> None:
    settings = Config(mode=Mode.DEMO, database_url=f"sqlite:///{tmp_path}/portal.sqlite3")
    made = keys_of(settings)
    assert made == keys_of(settings)
    path = tmp_path / "master.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_production_makes_no_key() -> None:
    with pytest.raises(UnsafeSettings, match="SECUREGRID_MASTER_KEY_FILE"):
        keys_of(Config(mode=Mode.PRODUCTION))


def test_a_missing_key_file_is_named_by_its_setting(tmp_path: Path) -> None:
    with pytest.raises(UnsafeSettings, match="SECUREGRID_MASTER_KEY_FILE"):
        keys_of(Config(mode=Mode.PRODUCTION, master_key_file=tmp_path / "none"))


def test_an_empty_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("# nothing\n")
    with pytest.raises(UnsafeSettings, match="holds no key"):
        keys_of(Config(mode=Mode.TEST, master_key_file=tmp_path / "key"))
