"""Names of kinds: MISP's types, columns and feeds."""

import pytest

from securegrid.values.model import Kind
from securegrid.values.naming import holds_values, kind_of


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_is_found_by_its_own_code(kind: Kind) -> None:
    """A repeated search is written as a table with these codes in its column of kinds."""
    assert kind_of(kind.value) is kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("FileHash-SHA256", Kind.SHA256),
        ("SHA-1", Kind.SHA1),
        ("ＭＤ５", Kind.MD5),
        ("ドメイン名", Kind.DOMAIN),
        ("FQDN", Kind.HOSTNAME),
        ("cve_id", Kind.CVE),
        ("email-src", Kind.EMAIL),
        ("ja3-fingerprint-md5", Kind.JA3),
        ("mac-eui-64", Kind.MAC),
        ("AS番号", Kind.AS),
        ("ip-dst", None),
        ("port", None),
        ("comment", None),
        ("", None),
    ],
)
def test_names(name: str, kind: Kind | None) -> None:
    assert kind_of(name) is kind


@pytest.mark.parametrize("name", ["ip", "ip-dst", "hash", "IPアドレス", "url", "domain|ip"])
def test_columns_of_values(name: str) -> None:
    assert holds_values(name)


@pytest.mark.parametrize("name", ["date", "comment", "no", "country", ""])
def test_other_columns(name: str) -> None:
    assert not holds_values(name)
