"""What a MISP's address, key, certificates and limits must look like."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from securegrid.misp.connection import AddressPolicy
from securegrid.portal.alliance import checks
from securegrid.portal.alliance.models import TlsMode
from securegrid.portal.refusals import Problem, Refused

NOW = datetime(2026, 6, 1, tzinfo=UTC)
KEY = "k3yOfTheTests0123456789abcdefghijKLMNOPQ"


def certificate(key: ec.EllipticCurvePrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    dated = builder.not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1))
    return dated.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def private(key: ec.EllipticCurvePrivateKey, password: bytes = b"") -> str:
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()


ONE, OTHER = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())


def url(written: str, *, https_needed: bool = False, **policy: bool) -> str:
    return checks.checked_url(written, https_needed=https_needed, policy=AddressPolicy(**policy))


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (" https://MISP.Example.org/ ", "https://misp.example.org"),
        ("https://misp.example.org:8443/misp/", "https://misp.example.org:8443/misp"),
        ("http://10.1.2.3", "http://10.1.2.3"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
    ],
)
def test_an_address_is_kept_in_one_form(written: str, kept: str) -> None:
    assert url(written) == kept == url(kept)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("", Problem.URL_INVALID),
        ("misp.example.org", Problem.URL_INVALID),
        ("ftp://misp.example.org", Problem.URL_INVALID),
        ("file:///etc/passwd", Problem.URL_INVALID),
        ("https://", Problem.URL_INVALID),
        ("https://misp.example.org:0", Problem.URL_INVALID),
        ("https://misp.example.org:99999", Problem.URL_INVALID),
        ("https://misp.exa mple.org", Problem.URL_INVALID),
        ("https://misp.example.org\t/x", Problem.URL_INVALID),
        ("https://misp.example.org\\@evil.example", Problem.URL_INVALID),
        ("https://misp.example.org/@evil.example", Problem.URL_INVALID),
        ("https://" + "x" * 500, Problem.URL_INVALID),
        ("https://[::1", Problem.URL_INVALID),
        ("https://user@misp.example.org", Problem.URL_WITH_EXTRAS),
        ("https://user:word@misp.example.org", Problem.URL_WITH_EXTRAS),
        ("https://misp.example.org/?key=1", Problem.URL_WITH_EXTRAS),
        ("https://misp.example.org/?", Problem.URL_WITH_EXTRAS),
        ("https://misp.example.org/#x", Problem.URL_WITH_EXTRAS),
        ("http://169.254.169.254", Problem.ADDRESS_FORBIDDEN),
        ("http://127.0.0.1:8080", Problem.ADDRESS_FORBIDDEN),
        ("http://[::1]", Problem.ADDRESS_FORBIDDEN),
        ("http://0.0.0.0", Problem.ADDRESS_FORBIDDEN),
        ("http://[::ffff:169.254.169.254]", Problem.ADDRESS_FORBIDDEN),
    ],
)
def test_an_unusable_address_is_refused(written: str, problem: Problem) -> None:
    with pytest.raises(Refused) as refused:
        url(written)
    assert (refused.value.problem, refused.value.field) == (problem, "url")


def test_https_can_be_demanded() -> None:
    assert url("https://misp.example.org", https_needed=True)
    with pytest.raises(Refused) as refused:
        url("http://misp.example.org", https_needed=True)
    assert refused.value.problem is Problem.URL_NOT_HTTPS


def test_the_policy_of_the_portal_decides_about_literal_addresses() -> None:
    assert url("http://127.0.0.1", allow_loopback=True)
    with pytest.raises(Refused):
        url("http://10.1.2.3", allow_private=False)


def test_the_origin_is_the_server_with_its_port() -> None:
    assert checks.origin_of("https://a.example/misp") == "https://a.example:443"
    assert checks.origin_of("http://a.example") == "http://a.example:80"
    assert checks.origin_of("https://a.example:8443") != checks.origin_of("https://a.example")


@pytest.mark.parametrize("key", [KEY, "A" * 128, f" {KEY}\n"])
def test_a_key_is_accepted(key: str) -> None:
    assert checks.checked_key(key) == key.strip()


@pytest.mark.parametrize("key", ["", "short", "A" * 39, "A" * 129, "ä" * 40, KEY + "\r\nX: y"])
def test_an_unusable_key_is_refused_without_quoting_it(key: str) -> None:
    with pytest.raises(Refused) as refused:
        checks.checked_key(key)
    assert refused.value.problem is Problem.KEY_INVALID
    assert not key or key not in str(refused.value)


def test_a_ca_is_kept_only_where_it_is_used() -> None:
    pem = certificate(ONE)
    assert checks.checked_tls("own_ca", pem) == (TlsMode.OWN_CA, pem)
    assert checks.checked_tls("verify", pem) == (TlsMode.VERIFY, "")


def test_text_around_the_certificates_is_dropped() -> None:
    pem = certificate(ONE) + certificate(OTHER)
    assert checks.checked_tls("own_ca", f"Our CA\n{pem}\nthe end") == (TlsMode.OWN_CA, pem)


@pytest.mark.parametrize(
    ("tls", "pem", "problem"),
    [
        ("trust_me", "", Problem.TLS_INVALID),
        ("own_ca", "", Problem.CA_NEEDED),
        ("own_ca", "not a certificate", Problem.CA_INVALID),
        ("own_ca", certificate(ONE) + private(ONE), Problem.CA_INVALID),
        ("own_ca", certificate(ONE) * 21, Problem.CA_INVALID),
        ("own_ca", "x" * 100_001, Problem.CA_INVALID),
    ],
)
def test_an_unusable_verification_is_refused(tls: str, pem: str, problem: Problem) -> None:
    with pytest.raises(Refused) as refused:
        checks.checked_tls(tls, pem)
    assert refused.value.problem is problem


def test_a_client_certificate_comes_with_its_own_key() -> None:
    pem = certificate(ONE) + private(ONE)
    assert checks.checked_client_pem(pem) == pem
    assert checks.checked_client_pem("  \n") == ""


@pytest.mark.parametrize(
    "pem",
    [
        "nothing",
        certificate(ONE),
        private(ONE),
        certificate(ONE) + private(OTHER),
        certificate(ONE) + private(ONE, b"password"),
    ],
)
def test_an_unusable_client_certificate_is_refused(pem: str) -> None:
    with pytest.raises(Refused) as refused:
        checks.checked_client_pem(pem)
    assert refused.value.problem is Problem.CLIENT_CERTIFICATE_INVALID


@pytest.mark.parametrize("concurrency", [0, 9, -1])
def test_requests_at_once_are_limited(concurrency: int) -> None:
    with pytest.raises(Refused):
        checks.checked_concurrency(concurrency)
    assert [checks.checked_concurrency(number) for number in (1, 8)] == [1, 8]


@pytest.mark.parametrize("pause_ms", [-1, 10_001])
def test_the_pause_is_limited(pause_ms: int) -> None:
    with pytest.raises(Refused):
        checks.checked_pause_ms(pause_ms)
    assert [checks.checked_pause_ms(number) for number in (0, 10_000)] == [0, 10_000]


def test_what_is_left_out_has_no_doubles() -> None:
    assert checks.checked_left_out([" tlp:red", "tlp:red", "", "a"], "f") == ["a", "tlp:red"]


@pytest.mark.parametrize("text", ["!tlp:red", "%red", "red%", "x" * 191, "a\nb"])
def test_a_filter_that_means_something_else_to_misp_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        checks.checked_left_out([text], "left_out_tags")
    assert refused.value.field == "left_out_tags"


def test_at_most_a_hundred_are_left_out() -> None:
    with pytest.raises(Refused):
        checks.checked_left_out([f"tag{number}" for number in range(101)], "left_out_tags")
