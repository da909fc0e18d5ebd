"""Own lists go before own AS lists, these before MISP's; the provider is the best known name."""

import pickle
from ipaddress import ip_network
from pathlib import Path

import pytest
from maxminddb import InvalidDatabaseError

from securegrid.asn.model import Origin
from securegrid.ingest.networks.classes import Networks, Place
from securegrid.ingest.networks.systems import SystemDatabase
from tests.unit.ingest.networks.mmdb import database

AWS = "https://aws.amazon.com/"


class Systems:
    """Answers as an AS database would."""

    def of(self, address: str) -> Origin | None:
        if address.startswith("192.0.2."):
            return Origin(64500, "EXAMPLE-NET", "JP")
        return Origin(16509, "AMAZON-02", "US") if address.startswith("198.51.100.") else None


def own(*lists: tuple[str, str], shipped: bool = False, **more: object) -> Networks:
    named = [(kind, [ip_network(network)]) for kind, network in lists]
    return Networks(named, systems=Systems(), shipped=shipped, **more)  # type: ignore[arg-type]


def test_only_what_a_list_holds_is_anonymous() -> None:
    networks = own(("VPN", "192.0.2.0/25"), ("VPN", "2001:db8::/32"))
    assert networks.of("192.0.2.1") == Place("VPN", "AS64500 EXAMPLE-NET")
    assert networks.of("2001:db8::1") == Place("VPN")
    assert networks.of("192.0.2.200") is None
    assert networks.of("2001:db9::1") is None


def test_the_smallest_of_the_users_networks_decides() -> None:
    networks = own(("VPS/Cloud", "192.0.2.0/24"), ("Tor", "192.0.2.7/32"))
    assert getattr(networks.of("192.0.2.7"), "kind", "") == "Tor"
    assert getattr(networks.of("192.0.2.8"), "kind", "") == "VPS/Cloud"


def test_a_known_system_has_its_providers_address() -> None:
    assert own(("VPS/Cloud", "198.51.100.0/24")).of("198.51.100.1") == Place("VPS/Cloud", AWS)


def test_a_system_may_be_anonymous_as_a_whole() -> None:
    systems = [("Hosting", frozenset({64500}))]
    networks = own(("VPN", "192.0.2.0/25"), own_systems=systems)
    assert networks.of("192.0.2.200") == Place("Hosting", "AS64500 EXAMPLE-NET")
    assert networks.of("192.0.2.1") == Place("VPN", "AS64500 EXAMPLE-NET")
    assert networks.of("203.0.113.1") is None


@pytest.fixture(scope="module")
def shipped() -> Networks:
    return own(("Mine", "52.25.92.0/32"), shipped=True)


def test_misps_lists_know_the_providers_of_the_trial(shipped: Networks) -> None:
    assert shipped.of("3.223.115.185") == Place("VPS/Cloud", AWS)
    assert shipped.of("40.81.188.85") == Place("VPS/Cloud", "https://azure.microsoft.com/")
    assert getattr(shipped.of("45.32.43.59"), "kind", "") == "VPN/Datacenter"
    assert shipped.of("133.242.0.1") is None


def test_the_users_class_goes_before_and_keeps_the_provider(shipped: Networks) -> None:
    assert shipped.of("52.25.92.0") == Place("Mine", AWS)


def test_networks_are_the_same_in_another_process(shipped: Networks) -> None:
    copy = pickle.loads(pickle.dumps(shipped))
    assert copy.of("3.223.115.185") == shipped.of("3.223.115.185")
    assert len(pickle.dumps(shipped)) < 4_000_000


def test_a_database_in_maxminds_format_tells_systems(tmp_path: Path) -> None:
    path = tmp_path / "asn.mmdb"
    path.write_bytes(
        database(
            {
                "192.0.2.0/24": {
                    "autonomous_system_number": 64500,
                    "autonomous_system_organization": "EXAMPLE",
                },
                "198.51.100.0/24": {"asn": "AS64501", "name": "OTHER", "country_code": "JP"},
                "203.0.113.0/24": {"something": "else"},
            }
        )
    )
    systems = pickle.loads(pickle.dumps(SystemDatabase(path)))
    systems.check()
    assert systems.of("192.0.2.1") == Origin(64500, "EXAMPLE", "")
    assert systems.of("198.51.100.1") == Origin(64501, "OTHER", "JP")
    assert systems.of("203.0.113.1") is None
    assert systems.of("10.0.0.1") is None
    assert systems.of("2001:db8::1") is None


def test_another_file_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "asn.mmdb"
    path.write_bytes(b"AS64500")
    with pytest.raises(InvalidDatabaseError):
        SystemDatabase(path).check()
