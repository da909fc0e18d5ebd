"""The smallest network around an address decides, as a search through all of them would say."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_network

from hypothesis import given, settings
from hypothesis import strategies as st

from securegrid.ingest.networks.ranges import NOTHING, Ranges

BASE = int(IPv4Address("10.0.0.0"))
SPAN = 256

networks = st.lists(
    st.builds(
        lambda offset, prefix: IPv4Network((BASE + offset, prefix), strict=False),
        st.integers(0, SPAN - 1),
        st.integers(24, 32),
    ),
    max_size=20,
)


@settings(max_examples=60, deadline=None)
@given(networks)
def test_of_nested_and_equal_networks_the_smallest_and_first_decides(
    given_networks: list[IPv4Network],
) -> None:
    ranges = Ranges([(one, n) for n, one in enumerate(given_networks, 1)], version=4)
    for address in range(BASE - 1, BASE + SPAN + 1):
        around = [one for one in given_networks if IPv4Address(address) in one]
        best = max(around, key=lambda one: one.prefixlen, default=None)
        expected = given_networks.index(best) + 1 if best else NOTHING
        assert ranges.of(address) == expected


def test_the_ends_of_the_address_space() -> None:
    whole = Ranges([(ip_network("0.0.0.0/0"), 1), (ip_network("255.255.255.255/32"), 2)], version=4)
    assert [whole.of(0), whole.of(2**32 - 2), whole.of(2**32 - 1)] == [1, 1, 2]
    sixth = Ranges([(ip_network("ffff::/16"), 1), (ip_network("10.0.0.0/8"), 2)], version=6)
    assert sixth.of(int(IPv6Address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"))) == 1
    assert sixth.of(int(IPv6Address("::1"))) == NOTHING
