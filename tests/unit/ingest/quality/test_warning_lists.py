"""The warning lists' index: built once, looked into as MISP's lists mean, never trusted blindly."""

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from securegrid.ingest.quality.findings import RuleId
from securegrid.ingest.quality.profile import ListsUsed, Profile
from securegrid.ingest.quality.warning_lists import ListsUnusable, WarningLists
from securegrid.ingest.quality.warning_lists import lists as lists_module
from securegrid.values.model import Kind
from tests.unit.ingest.quality.composed import attribute, found, given

ALL = ListsUsed(("*",))
ADDRESSES = ["ip-src", "ip-dst", "domain|ip"]
NAMES = ["hostname", "domain", "url", "domain|ip"]

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """``write(folder, kind, entries, types)`` adds a list; gives the folder of all."""
    lists = tmp_path / "lists"

    def write(folder: str, kind: str, entries: list[str], types: list[str] | None = None) -> Path:
        (lists / folder).mkdir(parents=True, exist_ok=True)
        content = {
            "name": f"The {folder} list", "description": "", "version": 1,
            "type": kind, "list": entries,
        }  # fmt: skip
        more = {} if types is None else {"matching_attributes": types}
        (lists / folder / "list.json").write_text(json.dumps(content | more))
        return lists

    return write


def on(lists: WarningLists, type_: str, kind: Kind, text: str) -> list[str]:
    return [head.folder for head in lists.chosen(ALL).of_value(type_, kind, text)]


def test_networks_hold_their_addresses_and_no_others(write: Write, tmp_path: Path) -> None:
    write("wide", "cidr", ["44.0.0.0/8", "2a00::/12", "not a network"], ADDRESSES)
    write("narrow", "cidr", ["44.1.0.0/16", "44.1.2.3", "255.255.255.255/32"], ADDRESSES)
    folder = write("edge", "cidr", ["0.0.0.0/32", "2a01:4f8::/32", "2a01:4f8::1"], ADDRESSES)
    lists = WarningLists.load(tmp_path, lists=folder)
    expected = {
        "44.0.0.0": ["wide"], "44.255.255.255": ["wide"], "45.0.0.0": [], "43.255.255.255": [],
        "44.1.2.3": ["narrow", "wide"], "44.1.2.4": ["narrow", "wide"], "44.2.0.0": ["wide"],
        "0.0.0.0": ["edge"], "0.0.0.1": [], "255.255.255.255": ["narrow"],
    }  # fmt: skip
    assert {text: on(lists, "ip-src", Kind.IPV4, text) for text in expected} == expected
    expected = {
        "2a00::": ["wide"], "2a0f:ffff::1": ["wide"], "2a10::": [], "::": [],
        "2a01:4f8::1": ["edge", "wide"], "2a01:4f8:ffff::": ["edge", "wide"],
        "2a01:4f9::": ["wide"], "ffff::": [],
    }  # fmt: skip
    assert {text: on(lists, "ip-dst", Kind.IPV6, text) for text in expected} == expected


def test_names_are_found_whole_or_under_a_host_as_the_list_means(
    write: Write, tmp_path: Path
) -> None:
    write("top", "hostname", ["Google.com", ".bank.co.jp", "blogspot.com"], NAMES)
    folder = write("exact", "string", ["www.known.jp", ".below.jp"], NAMES)
    lists = WarningLists.load(tmp_path, lists=folder)
    expected = {
        "google.com": ["top"], "www.google.com": ["top"], "notgoogle.com": [], "com": [],
        "www.bank.co.jp": ["top"], "co.jp": [], "www.known.jp": ["exact"], "a.www.known.jp": [],
        "deep.below.jp": ["exact"],
        # Anybody may register a name there: not the list's.
        "evil.blogspot.com": [], "blogspot.com": ["top"],
    }  # fmt: skip
    assert {text: on(lists, "hostname", Kind.HOSTNAME, text) for text in expected} == expected


def test_of_a_url_only_a_whole_site_is_on_a_list_of_names(write: Write, tmp_path: Path) -> None:
    write("short", "string", ["https://sho.rt/a"], ["url"])
    lists = WarningLists.load(tmp_path, lists=write("top", "hostname", ["google.com"], NAMES))
    expected = {
        "https://google.com": ["top"], "https://www.google.com/": ["top"],
        "https://drive.google.com/evil.exe": [], "https://sho.rt/a": ["short"],
    }  # fmt: skip
    assert {text: on(lists, "url", Kind.URL, text) for text in expected} == expected


def test_substrings_and_expressions(write: Write, tmp_path: Path) -> None:
    write("mail", "regex", ["/^(abuse|noc)\\@.*$/i", "/(unclosed/", "plain"], ["email-src"])
    folder = write("part", "substring", ["mailinator.com"], ["email-src"])
    lists = WarningLists.load(tmp_path, lists=folder)
    assert on(lists, "email-src", Kind.EMAIL, "abuse@evil.jp") == ["mail"]
    assert on(lists, "email-src", Kind.EMAIL, "me@mailinator.com") == ["part"]
    assert on(lists, "email-src", Kind.EMAIL, "me@evil.jp") == []


def test_a_list_counts_for_its_types_and_one_without_types_for_all(
    write: Write, tmp_path: Path
) -> None:
    write("some", "string", ["d41d8cd98f00b204e9800998ecf8427e"], ["md5"])
    lists = WarningLists.load(
        tmp_path, lists=write("any", "string", ["d41d8cd98f00b204e9800998ecf8427e"])
    )
    md5 = "d41d8cd98f00b204e9800998ecf8427e"
    assert on(lists, "md5", Kind.MD5, md5) == ["any", "some"]
    assert on(lists, "imphash", Kind.MD5, md5) == ["any"]


def test_the_profile_chooses(write: Write, tmp_path: Path) -> None:
    write("dns-v4", "cidr", ["8.8.8.8"], ADDRESSES)
    write("dns-old", "cidr", ["8.8.8.8"], ADDRESSES)
    lists = WarningLists.load(tmp_path, lists=write("cloud", "cidr", ["8.0.0.0/8"], ADDRESSES))
    chosen = lists.chosen(ListsUsed(("dns-*", "none"), ("*-old",)))
    found_on = chosen.of_value("ip-src", Kind.IPV4, "8.8.8.8")
    assert [head.name for head in found_on] == ["The dns-v4 list"]
    assert lists.folders == ("cloud", "dns-old", "dns-v4")
    assert WarningLists.none().chosen(ALL).of_value("ip-src", Kind.IPV4, "8.8.8.8") == ()


def test_it_is_built_once_and_again_when_the_lists_change(write: Write, tmp_path: Path) -> None:
    folder = write("a", "cidr", ["8.8.8.8"])
    WarningLists.load(tmp_path / "kept", lists=folder)
    (file,) = (tmp_path / "kept").iterdir()
    before = file.stat().st_mtime_ns, file.stat().st_ino
    WarningLists.load(tmp_path / "kept", lists=folder)
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == before
    write("a", "cidr", ["8.8.8.8", "9.9.9.9"])
    lists = WarningLists.load(tmp_path / "kept", lists=folder)
    assert on(lists, "ip-src", Kind.IPV4, "9.9.9.9") == ["a"]
    assert list((tmp_path / "kept").iterdir()) == [file]


@pytest.mark.parametrize("damage", [b"", b"SGWLIST1", b"SGWLIST1" + b"\xff" * 64, None])
def test_a_damaged_index_is_built_again(write: Write, tmp_path: Path, damage: bytes | None) -> None:
    folder = write("a", "cidr", ["8.8.8.8"])
    WarningLists.load(tmp_path / "kept", lists=folder)
    (file,) = (tmp_path / "kept").iterdir()
    file.write_bytes(file.read_bytes()[:-8] if damage is None else damage)
    lists = WarningLists.load(tmp_path / "kept", lists=folder)
    assert on(lists, "ip-src", Kind.IPV4, "8.8.8.8") == ["a"]


def test_a_large_list_is_indexed_only_when_it_is_used(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists_module, "LARGE_BYTES", 1_000)
    write("large", "hostname", [f"site{number}.jp" for number in range(200)], NAMES)
    lists = WarningLists.load(tmp_path / "kept", lists=write("small", "hostname", ["a.jp"], NAMES))
    assert lists.chosen(ListsUsed(("small",))).of_value("domain", Kind.DOMAIN, "site7.jp") == ()
    assert [file.name for file in (tmp_path / "kept").iterdir()] == ["warning-lists.index"]
    assert on(lists, "domain", Kind.DOMAIN, "site7.jp") == ["large"]
    assert lists.folders == ("large", "small")
    assert len(list((tmp_path / "kept").iterdir())) == 2


def test_lists_that_cannot_be_used_are_named(write: Write, tmp_path: Path) -> None:
    with pytest.raises(ListsUnusable, match="nowhere"):
        WarningLists.load(tmp_path, lists=tmp_path / "nowhere")
    folder = write("a", "cidr", ["8.8.8.8"])
    (tmp_path / "file").write_text("")
    with pytest.raises(ListsUnusable, match="file"):
        WarningLists.load(tmp_path / "file", lists=folder)
    (folder / "a" / "list.json").write_text('{"name": 3}')
    with pytest.raises(ListsUnusable, match=r"list\.json"):
        WarningLists.load(tmp_path / "kept", lists=folder)
    assert not list(tmp_path.glob("kept/*"))


def test_only_what_is_marked_for_detection_is_looked_up(write: Write, tmp_path: Path) -> None:
    lists = WarningLists.load(tmp_path, lists=write("dns", "cidr", ["8.8.8.0/24"], ADDRESSES))
    profile = msgspec.structs.replace(Profile.load(), warning_lists=ALL)
    for value, type_ in (
        ("8.8.8.8", "ip-src"), ("evil.jp|8.8.8.8", "domain|ip"), ("::ffff:8.8.8.8", "ip-dst"),
        ("8.8.8.0/25", "ip-dst"), ("8[.]8.8.8", "ip-dst"),
    ):  # fmt: skip
        marked = found(given(attribute(value, type_, to_ids=True)), profile, lists)
        (finding,) = (one for one in marked if one.rule is RuleId.ON_WARNING_LIST)
        assert "The dns list" in finding.example
        unmarked = found(given(attribute(value, type_)), profile, lists)
        assert RuleId.ON_WARNING_LIST not in {one.rule for one in unmarked}
    good = found(given(attribute("219.167.13.11", to_ids=True)), profile, lists)
    assert good == []


def test_the_installed_lists_hold_what_they_are_known_for(tmp_path: Path) -> None:
    lists = WarningLists.load(tmp_path).chosen(Profile.load().warning_lists)

    def folders(type_: str, kind: Kind, text: str) -> set[str]:
        return {head.folder for head in lists.of_value(type_, kind, text)}

    assert "public-dns-v4" in folders("ip-dst", Kind.IPV4, "8.8.8.8")
    assert folders("ip-dst", Kind.IPV6, "2001:4860:4860::8888") >= {"public-dns-v6"}
    assert folders("ip-src", Kind.IPV4, "104.16.1.1") == {"cloudflare"}
    assert folders("domain", Kind.DOMAIN, "google.com") >= {"google", "tranco10k"}
    assert folders("md5", Kind.MD5, "d41d8cd98f00b204e9800998ecf8427e") >= {"empty-hashes"}
    # Of the trial's hits: what anybody can rent is on no list that counts.
    assert folders("ip-src", Kind.IPV4, "3.223.115.185") == set()
    assert folders("ip-src", Kind.IPV4, "40.81.188.85") == set()
