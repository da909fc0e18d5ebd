"""What a connection accepts, and that it keeps its secrets."""

import pytest

from securegrid.misp.connection import BadConnection, Connection, Problem, Tls

KEY = "k" * 40


@pytest.mark.parametrize(
    "url",
    [
        "http://misp.example",
        "https://misp.example:8443/",
        "https://[2001:db8::1]/misp",
        "http://10.0.0.1",
    ],
)
def test_usable_addresses(url: str) -> None:
    assert str(Connection(url, KEY).address_of("/users/view/me")).endswith("/users/view/me")


def test_a_path_before_misp_is_kept() -> None:
    address = Connection("https://host.example/misp/", KEY).address_of("/users/view/me")
    assert str(address) == "https://host.example/misp/users/view/me"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", Problem.NOT_AN_HTTP_ADDRESS),
        ("misp.example", Problem.NOT_AN_HTTP_ADDRESS),
        ("ftp://misp.example", Problem.NOT_AN_HTTP_ADDRESS),
        ("file:///etc/passwd", Problem.NOT_AN_HTTP_ADDRESS),
        ("https://", Problem.NOT_AN_HTTP_ADDRESS),
        ("https://misp.example:99999", Problem.NOT_AN_HTTP_ADDRESS),
        (" https://misp.example", Problem.NOT_AN_HTTP_ADDRESS),
        ("https://me:pass@misp.example", Problem.CREDENTIALS_IN_ADDRESS),
        ("https://misp.example/?a=b", Problem.QUERY_IN_ADDRESS),
        ("https://misp.example/#a", Problem.QUERY_IN_ADDRESS),
    ],
)
def test_unusable_addresses(url: str, problem: Problem) -> None:
    with pytest.raises(BadConnection) as caught:
        Connection(url, KEY)
    assert caught.value.problem is problem


@pytest.mark.parametrize("key", ["", "a b", "k\r\nX-Injected: 1", "ｋｅｙ", "k\x00"])
def test_unusable_keys(key: str) -> None:
    with pytest.raises(BadConnection) as caught:
        Connection("https://misp.example", key)
    assert caught.value.problem is Problem.UNUSABLE_KEY


def test_an_own_authority_must_be_given() -> None:
    with pytest.raises(BadConnection) as caught:
        Connection("https://misp.example", KEY, tls=Tls.OWN_CA)
    assert caught.value.problem is Problem.CA_MISSING


def test_the_repr_shows_no_secret() -> None:
    made = Connection("https://misp.example", "the-key", ca_pem="the-ca", client_pem="the-pem")
    assert "misp.example" in repr(made)
    assert not any(secret in repr(made) for secret in ("the-key", "the-ca", "the-pem"))
