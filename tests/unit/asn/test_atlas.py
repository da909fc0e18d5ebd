"""Who announces an address: the shipped atlas, its speed, and what it says nothing of."""

import csv
import pickle
import random
import threading
import time
from importlib.resources import files
from ipaddress import IPv4Address, IPv6Address, ip_network
from pathlib import Path

import pytest

from scripts.atlas import SPECIAL
from securegrid.asn import Atlas, Origin
from securegrid.asn.layout import NotAnAtlas

TRIAL = csv.DictReader(
    files("securegrid.demo").joinpath("trial_hits.csv").read_text(encoding="utf-8").splitlines()
)


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return Atlas.load()


@pytest.mark.parametrize("row", list(TRIAL), ids=lambda row: row["value"])
def test_the_trials_addresses_are_of_the_countries_of_the_talk(
    atlas: Atlas, row: dict[str, str]
) -> None:
    found = atlas.of(row["value"])

    assert found is not None
    assert found.country == row["asn_country_code"]


@pytest.mark.parametrize(
    ("address", "asn", "part_of_name"),
    [
        ("13.249.153.121", 16509, "AMAZON"),
        ("184.168.221.70", 26496, "GO-DADDY"),
        ("40.81.188.85", 8075, "MICROSOFT"),
        ("45.32.43.59", 20473, "VULTR"),
        ("2001:4860:4860::8888", 15169, "GOOGLE"),
        ("2001:4860:4860:0:0:0:0:8888", 15169, "GOOGLE"),
        ("::ffff:8.8.8.8", 15169, "GOOGLE"),
        ("::FFFF:808:808", 15169, "GOOGLE"),
    ],
)
def test_known_addresses_have_number_and_name(
    atlas: Atlas, address: str, asn: int, part_of_name: str
) -> None:
    found = atlas.of(address)

    assert found is not None
    assert found.asn == asn
    assert part_of_name in found.name


@pytest.mark.parametrize("written", SPECIAL)
def test_private_and_reserved_addresses_are_of_nobody(atlas: Atlas, written: str) -> None:
    network = ip_network(written)
    inside = random.Random(7).randrange(network.num_addresses)

    for at in (0, inside, network.num_addresses - 1):
        assert atlas.of(str(network[at])) is None


@pytest.mark.parametrize(
    "text",
    ["", " ", "evil.example", "8.8.8.8/24", "8.8.8.8:53", "8.8.8", "8.8.8.8\0", "fe80::1%eth0",
     ":", "::g", "１.1.1.1", "\ud800", "1" * 10_000, "999.1.1.1", "0x08080808"],
)  # fmt: skip
def test_what_is_no_address_is_of_nobody(atlas: Atlas, text: str) -> None:
    assert atlas.of(text) is None


def test_the_day_of_the_data_is_told(atlas: Atlas) -> None:
    assert atlas.dated.isoformat() == "2026-09-16"


def test_the_note_beside_the_data_tells_the_same_day(atlas: Atlas) -> None:
    note = files("securegrid.asn").joinpath("data/README.md").read_text(encoding="utf-8")

    assert atlas.dated.isoformat() in note


def test_one_atlas_serves_a_whole_process() -> None:
    assert Atlas.load() is Atlas.load()


def test_it_can_be_sent_to_another_process(atlas: Atlas) -> None:
    assert pickle.loads(pickle.dumps(atlas)).of("8.8.8.8") == atlas.of("8.8.8.8")


def test_many_threads_may_look_up_at_once(atlas: Atlas) -> None:
    dice = random.Random(11)
    addresses = [str(IPv4Address(dice.getrandbits(32))) for _ in range(2_000)]
    alone = [atlas.of(one) for one in addresses]
    together: list[list[Origin | None]] = []
    threads = [
        threading.Thread(target=lambda: together.append([atlas.of(a) for a in addresses]))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert together == [alone] * 4


def test_a_look_up_takes_less_than_ten_microseconds(atlas: Atlas) -> None:
    dice = random.Random(5)
    addresses = [str(IPv4Address(dice.getrandbits(32))) for _ in range(5_000)]
    addresses += [str(IPv6Address((0x2000 << 112) | dice.getrandbits(124))) for _ in range(5_000)]

    def seconds() -> float:
        started = time.process_time()
        for one in addresses:
            atlas.of(one)
        return time.process_time() - started

    assert min(seconds() for _ in range(3)) / len(addresses) < 10e-6


@pytest.mark.parametrize("content", [b"", b"SGATLAS1", b"not an atlas" * 100])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "atlas.bin"
    file.write_bytes(content)

    with pytest.raises(NotAnAtlas):
        Atlas.load(file)


def test_a_cut_off_atlas_is_refused(tmp_path: Path) -> None:
    whole = files("securegrid.asn").joinpath("data/atlas.bin").read_bytes()
    file = tmp_path / "atlas.bin"
    file.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(NotAnAtlas):
        Atlas.load(file)
