"""Fingerprints depend on every byte of the key and of the form, and on nothing else."""

from hashlib import blake2b

from hypothesis import given
from hypothesis import strategies as st

from securegrid.values.fingerprints import FINGERPRINT_BYTES, KEY_BYTES, fingerprints

keys = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)
forms = st.text(st.characters(codec="utf-8"), max_size=60)


@given(keys, st.lists(forms, max_size=5))
def test_each_is_the_keyed_digest_of_its_form(key: bytes, written: list[str]) -> None:
    expected = [
        blake2b(form.encode(), key=key, digest_size=FINGERPRINT_BYTES).digest() for form in written
    ]
    assert fingerprints(key, written) == expected


@given(keys, keys, forms)
def test_another_key_gives_another_fingerprint(one: bytes, other: bytes, form: str) -> None:
    assert (fingerprints(one, [form]) == fingerprints(other, [form])) == (one == other)
