"""Which addresses may be dialled, in every disguise."""

import socket

import pytest

from securegrid.misp.addresses import AddressPolicy, ForbiddenAddress, guarded_socket

NEVER = [
    "169.254.169.254",
    "169.254.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "0.0.0.0",
    "0.1.2.3",
    "::",
    "224.0.0.1",
    "239.255.255.250",
    "ff02::1",
    "240.0.0.1",
    "255.255.255.255",
    "::ffff:169.254.169.254",
    "::ffff:0.0.0.0",
    "::169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "2001:0:a9fe:a9fe::1",
    "::ffff:0:169.254.169.254",
]
LOOPBACK = ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"]
PRIVATE = [
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "fd12:3456::1",
    "::ffff:10.0.0.1",
    "2002:a00:1::",
]
PUBLIC = ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", NEVER)
def test_never_allowed_whatever_the_setting(address: str) -> None:
    assert not AddressPolicy(allow_private=True, allow_loopback=True).allows(address)


@pytest.mark.parametrize("address", LOOPBACK)
def test_loopback_only_with_the_setting(address: str) -> None:
    assert not AddressPolicy().allows(address)
    assert AddressPolicy(allow_loopback=True).allows(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_only_with_the_setting(address: str) -> None:
    assert AddressPolicy().allows(address)
    assert not AddressPolicy(allow_private=False).allows(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_is_allowed(address: str) -> None:
    assert AddressPolicy(allow_private=False).allows(address)


def test_what_is_no_address_is_not_allowed() -> None:
    assert not AddressPolicy(allow_loopback=True).allows("localhost")


def test_the_socket_is_not_even_made_for_a_forbidden_address() -> None:
    open_socket = guarded_socket(AddressPolicy())
    with pytest.raises(ForbiddenAddress):
        open_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80)))


def test_the_socket_of_an_allowed_address() -> None:
    open_socket = guarded_socket(AddressPolicy())
    made = open_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 80)))
    with made:
        assert made.family == socket.AF_INET
