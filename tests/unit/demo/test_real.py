"""Real data in small: lists of the published forms, made up here, become events."""

from pathlib import Path

import pytest

from securegrid.demo import real, trails
from securegrid.demo.networks import Inside, read
from securegrid.demo.records import ComposedEvent
from securegrid.node.records import NewEvent

TRAILS = """\
# Copyright (c) somebody

# Reference: https://reports.example.org/1
# Reference: https://reports.example.org/2

evil.example.com
192.0.2.1:443
http://192.0.2.2
/only/a/path.php

# Reference: https://reports.example.org/3

evil.example.net    # was: something else
evil.example.net
"""
ESET = """{"response": [{"Event": {"info": "A campaign", "date": "2020-12-16", "uuid":
"b5a79c58-fbd0-459c-8f19-8494f7f12b51", "timestamp": "1608152949", "threat_level_id": "1",
"Orgc": {"name": "ESET", "uuid": "55f6ea5e-51ac-4344-bc8c-4170950d210f"},
"Attribute": [{"type": "domain", "category": "Network activity", "value": "a.example.org",
"to_ids": true, "comment": "", "uuid": "8b1d7230-9c1b-44e1-ab93-6bdd74ed2319",
"timestamp": "1608136898"}]}}]}"""
FILES = {
    "lac-iocs/honeypot/2022/ip_list.csv": "first_seen,ip,cve_id\n20220506,192.0.2.9,CVE-2022-1\n",
    "lac-iocs/honeypot/2023/url_list.csv": "first_seen,url\n20230101,http://192.0.2.9/m\n"
    "20230101,http://192.0.2.8/m\n",
    "lac-iocs/Cybercrime/2022/08.csv": "\ufeffdate,Category,FQDN\n20220813,Fake,a.example.net\n"
    "20220813,Fake,b.example.net\n20220814,,broken.example.net\n",
    "eset/one/one.misp.json": ESET,
    "maltrail-apt/apt_blacktech.txt": TRAILS,
    "x4bnet/output/datacenter/ipv4.txt": "192.0.2.0/30\n198.51.100.0/24\n",
    "x4bnet/output/datacenter/ipv6.txt": "2001:db8::/32\n",
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of real data in small."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def told(events: object) -> list[tuple[str, list[str]]]:
    """Each event's title with its values."""
    assert hasattr(events, "__iter__")
    return [(event.info, [one.value for one in event.attributes]) for event in events]


def test_trails_become_one_event_per_cited_report(data: Path) -> None:
    first, second = told(trails.events(data / "maltrail-apt"))
    assert first == (
        "blacktech: https://reports.example.org/1",
        ["https://reports.example.org/1", "https://reports.example.org/2", "evil.example.com",
         "192.0.2.1|443", "192.0.2.2", "http://192.0.2.2/"],
    )  # fmt: skip
    assert second[1] == ["https://reports.example.org/3", "evil.example.net"]


def test_osint_holds_esets_events_as_they_are_too(data: Path) -> None:
    kinds = [type(event) for event in real.osint(data)]
    assert kinds == [NewEvent, ComposedEvent, ComposedEvent]
    assert told(real.osint(data))[0] == ("A campaign", ["a.example.org"])


def test_lab_and_ipa_hold_lacs_lists(data: Path) -> None:
    assert told(real.lab(data)) == [
        ("[Cybercrime] 2022-08-13 Fake", ["a.example.net", "b.example.net"])
    ]
    assert told(real.ipa(data)) == [
        ("[Honeypot] 2022-05-06 CVE-2022-1 access from 192.0.2.9", ["192.0.2.9", "CVE-2022-1"]),
        ("[Honeypot] 2023-01-01 download addresses", ["http://192.0.2.9/m", "http://192.0.2.8/m"]),
    ]


def test_geo_holds_networks_and_only_the_known_addresses_in_them(data: Path) -> None:
    assert told(real.geo(data)) == [
        ("(2026-08-01) VPS/Cloud networks in 192.0.0.0/8", ["192.0.2.0/30"]),
        ("(2026-08-01) VPS/Cloud networks in 198.0.0.0/8", ["198.51.100.0/24"]),
        ("(2026-08-01) VPS/Cloud networks in 2001::/16", ["2001:db8::/32"]),
        ("(2026-08-01) VPS/Cloud addresses of: blacktech", ["192.0.2.1", "192.0.2.2"]),
    ]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.0", "192.0.2.0/30"),
        ("192.0.2.3", "192.0.2.0/30"),
        ("192.0.2.4", None),
        ("198.51.100.255", "198.51.100.0/24"),
        ("0.0.0.0", None),
        ("no address", None),
    ],
)
def test_the_network_around_an_address_is_found(
    data: Path, address: str, network: str | None
) -> None:
    found = Inside(read(data / "x4bnet" / "output" / "datacenter")).network_of(address)
    assert (None if found is None else str(found)) == network


def test_what_is_searched_first_has_no_comments(data: Path) -> None:
    assert "#" not in real.blacktech_trails(data).splitlines()[0]
    assert "reports.example.org" not in real.blacktech_trails(data)


def test_a_folder_without_the_lists_is_told(tmp_path: Path) -> None:
    assert real.missing(tmp_path) == ["lac-iocs", "eset", "maltrail-apt", "x4bnet"]


@pytest.mark.shared
def test_the_real_lists_fill_every_misp(real_data: Path) -> None:
    assert real.missing(real_data) == []
    for slug in ("lab", "ipa"):
        assert len(list(real.EVENTS[slug](real_data))) > 200
    assert len(real.blacktech_trails(real_data).splitlines()) > 50
