"""Addresses in their usual form; X-Forwarded-For is believed from trusted proxies alone."""

import pytest

from securegrid.ingest.readers.clients import Proxies, address_of


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:443", "192.0.2.1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:c000:201", "192.0.2.1"),
        ("192.0.2.01", ""),
        ("192.0.2.256", ""),
        ("192.0.2", ""),
        ("unknown", ""),
        ("-", ""),
        ("", ""),
        ("1" * 10_000, ""),
        (":" * 10_000, ""),
        ("[[[[", ""),
    ],
)
def test_address_of(written: str, address: str) -> None:
    assert address_of(written) == address


TRUSTED = Proxies(["10.0.0.0/8", "2001:db8:1::/48", "192.0.2.1"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        # a stranger may write what it likes
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.9.9.9", "198.51.100.1"),
        # what stands before the last stranger was written by that stranger
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1,2001:db8:1::7", "198.51.100.1"),
        ("192.0.2.1", "[2001:db8::5]:443", "2001:db8::5"),
        ("10.0.0.1", "-", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "unknown", ""),
        ("10.0.0.1", "198.51.100.1, ${jndi:ldap://x}", ""),
        ("10.0.0.1", "," * 5_000, ""),
    ],
)
def test_the_client_behind_proxies(peer: str, forwarded: str, client: str) -> None:
    assert TRUSTED.client(peer, forwarded) == client


def test_by_default_no_proxy_is_believed() -> None:
    assert Proxies().client("10.0.0.1", "198.51.100.1") == "10.0.0.1"


@pytest.mark.parametrize("written", ["10.0.0.0/33", "proxy.example", ""])
def test_only_networks_can_be_trusted(written: str) -> None:
    with pytest.raises(ValueError, match="does not appear"):
        Proxies([written])
