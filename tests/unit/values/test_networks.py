"""Networks around and inside are those of the ``ipaddress`` module, and covers are exact."""

import ipaddress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from securegrid.values import networks
from securegrid.values.addresses import ipv6_text, ipv6_value
from securegrid.values.model import Reject, Value
from securegrid.values.networks import (
    MAX_COVER,
    blocks_around,
    cover,
    covers,
    networks_around,
)

ADDRESSES = st.ip_addresses()
SMALL_IPV6 = st.integers(0, 2**50).map(ipaddress.IPv6Address)
GAPPY_IPV6 = st.lists(st.sampled_from([0, 0, 1, 0xFFFF]), min_size=8, max_size=8).map(
    lambda groups: ipaddress.IPv6Address(b"".join(group.to_bytes(2, "big") for group in groups))
)
COVERABLE = st.one_of(
    st.tuples(st.ip_addresses(v=4), st.integers(12, 31)),
    st.tuples(st.ip_addresses(v=6), st.integers(36, 48)),
    st.tuples(st.ip_addresses(v=6), st.integers(52, 64)),
    st.tuples(st.ip_addresses(v=6), st.integers(116, 127)),
).map(lambda pair: ipaddress.ip_network(pair, strict=False))


@given(st.ip_addresses(v=6) | SMALL_IPV6 | GAPPY_IPV6)
@example(ipaddress.IPv6Address("::1.2.3.4"))
@example(ipaddress.IPv6Address("::"))
@example(ipaddress.IPv6Address("0:0:0:0:1::"))
@settings(deadline=None)
def test_the_text_of_ipv6_is_canonical(address: ipaddress.IPv6Address) -> None:
    assert ipv6_text(address.packed) == str(address)


@given(
    st.text("0a:", max_size=20)
    | st.text("01f:.", max_size=30)
    | st.lists(st.sampled_from(["0", "ffff", "00001", "1.2.3.4", "1.2.3.04", ""])).map(":".join)
)
@example("1:2:3:4:5:6:7::")
@example("::1.2.3.256")
@settings(max_examples=500, deadline=None)
def test_the_same_texts_are_ipv6_as_to_the_standard_library(text: str) -> None:
    value = ipv6_value(text)
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        assert isinstance(value, Reject)
    else:
        assert isinstance(value, Value)
        assert value.text == str(address.ipv4_mapped or address)


@given(ADDRESSES | GAPPY_IPV6)
@settings(deadline=None)
def test_the_networks_around_an_address(address: ipaddress.IPv4Address) -> None:
    shortest = 8 if address.version == 4 else 16
    assert list(networks_around(str(address))) == [
        str(ipaddress.ip_network((address, prefix), strict=False))
        for prefix in range(shortest, address.max_prefixlen)
    ]


@given(COVERABLE)
@settings(deadline=None)
def test_the_networks_around_a_network_are_larger(network: ipaddress.IPv4Network) -> None:
    shortest = 8 if network.version == 4 else 16
    around = list(networks_around(str(network)))
    assert len(around) == network.prefixlen - shortest
    assert all(network.subnet_of(ipaddress.ip_network(text)) for text in around)  # type: ignore[arg-type]


def test_a_network_wider_than_all_has_none_around() -> None:
    assert list(networks_around("10.0.0.0/7")) == []
    assert list(networks_around("2000::/3")) == []


@given(COVERABLE, st.data())
@settings(deadline=None)
def test_a_cover_holds_what_lies_inside(
    network: ipaddress.IPv4Network, data: st.DataObject
) -> None:
    forms = list(cover(str(network)) or ())
    inside = str(network[data.draw(st.integers(0, network.num_addresses - 1))])
    assert not {inside, *blocks_around(inside)}.isdisjoint(forms)
    assert covers(str(network), [inside])
    assert len(set(forms)) == len(forms) <= MAX_COVER


@given(COVERABLE, st.data())
@settings(deadline=None)
def test_a_cover_holds_nothing_else(network: ipaddress.IPv4Network, data: st.DataObject) -> None:
    """Neighbours above all: whoever is fetched by mistake tells its owner of the search."""
    before, behind = int(network[0]) - 1, int(network[-1]) + 1
    outside = st.integers(0, 2**network.max_prefixlen - 1) | st.sampled_from([before, behind])
    number = data.draw(outside.filter(lambda n: 0 <= n < 2**network.max_prefixlen))
    address = type(network[0])(number)
    if address not in network:
        found = {str(address), *blocks_around(str(address))}
        assert found.isdisjoint(cover(str(network)) or ())
        assert not covers(str(network), [str(address)])


@pytest.mark.parametrize(
    ("network", "count"),
    [
        ("10.0.0.0/12", 4_096),
        ("10.0.16.0/20", 16),
        ("10.0.0.0/24", 1),
        ("10.0.0.128/25", 128),
        ("10.0.0.2/31", 2),
        ("2001:db8::/36", 4_096),
        ("2001:db8::/48", 1),
        ("2001:db8::/52", 4_096),
        ("2001:db8::/64", 1),
        ("2001:db8::/116", 4_096),
    ],
)
def test_how_many_forms_a_cover_takes(network: str, count: int) -> None:
    assert len(list(cover(network) or ())) == count


@pytest.mark.parametrize(
    "network",
    [
        *("0.0.0.0/0", "10.0.0.0/11", "2000::/3", "2001:db8::/35"),
        *("2001:db8::/49", "2001:db8::/51", "2001:db8::/65", "2001:db8::/115"),
    ],
)
def test_what_takes_too_many_is_refused(network: str) -> None:
    first = str(ipaddress.ip_network(network)[0])
    assert cover(network) is None
    assert not covers(network, [first])


@pytest.mark.parametrize("other", ["10.0.0.0/24", "evil.com", "10.0.0", "::1", ""])
def test_what_is_no_address_lies_in_no_network(other: str) -> None:
    assert not covers("10.0.0.0/16", [other])


@given(st.ip_addresses(v=4), st.ip_addresses(v=6))
@settings(deadline=None)
def test_blocks_of_the_two_families_never_meet(
    one: ipaddress.IPv4Address, other: ipaddress.IPv6Address
) -> None:
    forms = [*blocks_around(str(one)), *blocks_around(str(other))]
    assert len(set(forms)) == 3
    assert all(form.startswith(networks._MARK) for form in forms)
