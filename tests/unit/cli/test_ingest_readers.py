"""The commands of honeypot logs, FortiGate logs and tables: their own options and problems."""

import json
from pathlib import Path
from typing import Any

import pytest

from securegrid.cli.main import exit_code_of
from tests.unit.ingest.readers.test_fortigate import line

ROW = "2021-06-11T03:04:05,8.8.8.8,445,smb,IPAlert-03,\n"


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def looked(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """What ``--dry-run --json`` tells."""
    assert exit_code_of(["ingest", *arguments, "--dry-run", "--json", "--workers", "1"]) == 0
    return json.loads(capsys.readouterr().out)


def written(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def titles(told: Any) -> list[str]:
    return [one["info"] for one in told["would_write"]["samples"]]


def tags(told: Any) -> list[str]:
    return list(told["would_write"]["samples"][0]["tags"])


def test_a_honeypots_source_zone_and_tags(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = written(tmp_path, "log", ROW)
    told = looked(capsys, "honeypot", file)
    assert titles(told) == ["[IPAlert] 2021-06-11 port:445 access from 8.8.8.8"]
    assert tags(told) == ["IPAlert", "tlp:amber"]
    told = looked(
        capsys, "honeypot", file, "--source", "cowrie-1", "--name", "Cowrie", "--zone",
        "Pacific/Kiritimati", "--tlp", "green", "--tag", "ours",
    )  # fmt: skip
    assert titles(told) == ["[Cowrie] 2021-06-11 port:445 access from 8.8.8.8"]
    assert tags(told) == ["source:cowrie-1", "tlp:green", "ours"]
    told = looked(capsys, "honeypot", file, "--source", "x", "--tlp", "none")
    assert tags(told) == ["source:x"]


def test_a_fortigates_own_labels(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = written(tmp_path, "log", line("0317013568", hostname="bad.jp", url="/"))
    labels = written(tmp_path, "labels.toml", '["13568"]\nkind = "webfilter"\nlabel = "Scripts"\n')
    assert titles(looked(capsys, "fortigate", file, "--source", "a")) == []
    told = looked(capsys, "fortigate", file, "--source", "b", "--labels", labels)
    assert titles(told) == ["[b] 2026-06-01 Web Filter"]


def test_a_table_is_named_by_its_file_and_its_columns_by_options(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = written(tmp_path, "feed.2026.csv", "when,what\n2026-06-01,8.8.8.8\n")
    columns = ("--column", "date=when", "--column", "value=what")
    told = looked(capsys, "table", file, *columns)
    assert (titles(told), tags(told)) == (
        ["[feed.2026] 2026-06-01"],
        ["source:feed.2026", "tlp:amber"],
    )
    mapping = written(
        tmp_path, "map.toml", 'title = "A"\ntags = ["b"]\n[columns]\nvalue = 2\ndate = 1\n'
    )
    told = looked(capsys, "table", file, "--mapping", mapping, "--source", "m")
    assert (titles(told), tags(told)) == (["A"], ["source:m", "b", "tlp:amber"])
    told = looked(capsys, "table", file, "--mapping", mapping, "--source", "n", "--title", "C")
    assert titles(told) == ["C"]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ('{"Event": {"info": "E", "date": "2026-06-01", "Attribute":'
         ' [{"type": "ip-dst", "value": "8.8.8.8"}]}}', "E"),
        ('{"type": "bundle", "id": "bundle--6f1c6c7e-6a4b-4d0a-9a53-0b8d6f2f2021", "objects": ['
         '{"type": "indicator", "spec_version": "2.1", "pattern_type": "stix",'
         ' "id": "indicator--6f1c6c7e-6a4b-4d0a-9a53-0b8d6f2f2022",'
         ' "created": "2026-06-01T00:00:00.000Z", "modified": "2026-06-01T00:00:00.000Z",'
         ' "valid_from": "2026-06-01T00:00:00.000Z",'
         ' "pattern": "[ipv4-addr:value = \'8.8.8.8\']"}]}', "[file] 2026-06-01 STIX 2.1 bundle"),
    ],
    ids=["misp", "stix"],
)  # fmt: skip
def test_events_and_bundles_are_known_by_their_beginning(
    text: str, title: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert titles(looked(capsys, "table", written(tmp_path, "file.json", text))) == [title]


@pytest.mark.parametrize(
    ("command", "options", "words"),
    [
        ("honeypot", ("--zone", "Mars/Olympus"), "Mars/Olympus"),
        ("fortigate", ("--labels", "{bad}"), "message ids"),
        ("fortigate", ("--labels", "{none}"), "cannot be read"),
        ("table", ("--column", "valu=IOC"), "valu=IOC"),
        ("table", ("--mapping", "{bad}"), "columns cannot be understood"),
        ("table", ("--mapping", "{none}"), "cannot be read"),
        ("table", ("--delimiter", "ab"), "ab"),
    ],
)
def test_wrong_options_are_told(
    command: str,
    options: tuple[str, str],
    words: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    file, bad = written(tmp_path, "log", ROW), written(tmp_path, "bad", "[")
    named = [one.format(bad=bad, none=tmp_path / "none") for one in options]
    assert exit_code_of(["ingest", command, file, "--dry-run", *named]) == 1
    assert words in capsys.readouterr().err
