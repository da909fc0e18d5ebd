"""``securegrid ingest access-log``: its lists, rows and proxies are looked at before it reads."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from securegrid.cli.main import exit_code_of

LINE = '198.51.100.7 - - [13/May/2021:12:00:00 +0900] "GET / HTTP/1.1" 200 5 "-" "Windows"\n'
BEHIND = LINE.replace("198.51.100.7", "10.0.0.1").replace("\n", ' "198.51.100.7"\n')
Look = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def look(cache: Path, tmp_path: Path, capfd: Any, monkeypatch: pytest.MonkeyPatch) -> Look:
    """``look(content, …options)``: a dry run over a log with ``content``, in English."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.chdir(tmp_path)
    Path("vpn.txt").write_text("198.51.100.0/24\n")
    Path("as.txt").write_text("AS64500\n")

    def run(content: str, *options: str) -> tuple[int, str, str]:
        Path("access.log").write_text(content)
        fixed = ["--dry-run", "--state", "state", "--no-shipped-lists", "--workers", "1"]
        code = exit_code_of(["ingest", "access-log", "access.log", *fixed, *options])
        told = capfd.readouterr()
        return code, told.out, told.err

    return run


def test_a_dry_run_shows_the_event(look: Look) -> None:
    code, out, err = look(
        LINE, "--networks", "VPN=vpn.txt", "--source", "shop.example", "--name", "Shop"
    )
    assert (code, err) == (0, "")
    assert "(2021-05-13) Shop Windows VPN (provider unknown)" in out
    assert "shop.example" in out
    assert "tlp:amber" in out
    assert not list(Path("state").glob("*"))


def test_the_zone_moves_the_day(look: Look) -> None:
    early = LINE.replace("12:00:00", "08:00:00")
    networks = ("--networks", "VPN=vpn.txt")
    assert "(2021-05-12)" in look(early, *networks)[1]
    assert "(2021-05-13)" in look(early, *networks, "--zone", "Asia/Tokyo")[1]


def test_a_trusted_proxy_names_the_client(look: Look) -> None:
    options = ("--networks", "VPN=vpn.txt", "--json")
    assert json.loads(look(BEHIND, *options)[1])["read"]["counted"] == 0
    found = look(BEHIND, *options, "--trusted-proxy", "10.0.0.0/8")[1]
    assert json.loads(found)["read"]["counted"] == 1


def test_rows_and_their_columns(look: Look) -> None:
    rows = "日時,IP,種別\n2021-05-13,198.51.100.7,VPN\n"
    Path("columns.toml").write_text('[columns]\ntime="日時"\naddress="IP"\nclass="種別"\n')
    code, out, _ = look(rows, "--columns", "columns.toml")
    assert code == 0
    assert "OS-Unknown VPN" in out
    assert look(rows, "--rows")[0] == 3  # the shipped names are others


PROBLEMS = {
    "no class": (["--networks", "vpn.txt"], "--networks wants CLASS=FILE"),
    "no file": (["--networks", "VPN="], "--networks wants CLASS=FILE"),
    "no such file": (["--as-list", "VPN=none.txt"], "none.txt cannot be read"),
    "not a list": (["--networks", "VPN=access.log"], "access.log, line 1: 198.51.100.7 - -"),
    "not AS numbers": (["--as-list", "VPN=vpn.txt"], "vpn.txt, line 1"),
    "no database": (["--asn-db", "as.txt"], "as.txt is not a database in MaxMind's format"),
    "no proxy": (["--trusted-proxy", "proxy.example"], "--trusted-proxy wants"),
    "no zone": (["--zone", "Tokyo/Asia"], "Tokyo/Asia is no time zone"),
    "no columns": (["--columns", "as.txt"], "as.txt does not say what the columns are"),
    "no such columns": (["--columns", "none.toml"], "none.toml cannot be read"),
}


@pytest.mark.parametrize("kind", PROBLEMS)
def test_what_cannot_be_meant_is_told(look: Look, kind: str) -> None:
    options, words = PROBLEMS[kind]
    code, out, err = look(LINE, *options)
    assert (code, out) == (1, "")
    assert words in err
