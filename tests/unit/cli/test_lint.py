"""``securegrid lint``: files and MISPs, in words and as JSON, and how it ends."""

import gzip
import io
import json
import string
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from securegrid.cli.lint.words import CATALOGUES, Says
from securegrid.cli.main import exit_code_of
from securegrid.ingest.quality.profile import Profile
from securegrid.node.accounts import Role
from securegrid.node.app import app_of
from securegrid.node.records import NewAttribute, NewEvent, NewTag
from securegrid.node.store import Store
from tests.contract.serving import served

KEY = "k" * 40
GOOD = {
    "uuid": "0d7b9f0e-1111-4111-8111-000000000001",
    "info": "[IPAlert] 2021-06-11 port:445 access from 219.167.13.11",
    "date": "2021-06-11",
    "Tag": [{"name": "IPAlert"}, {"name": "tlp:amber"}],
    "Attribute": [
        {"uuid": "a", "type": "ip-src", "value": "219.167.13.11", "comment": "12 connections"}
    ],
}
LESS = GOOD | {"info": "[IPAlert] access \x1b[2J from 219.167.13.11"}
BAD = GOOD | {
    "Attribute": [
        {"uuid": "b", "type": "ip-src", "value": "10.0.0.1", "comment": "\x1b[31mred"},
        {"uuid": "c", "type": "url", "value": "hxxp://evil[.]jp/", "comment": "c"},
    ]
}


class Ran(NamedTuple):
    """How it ended."""

    code: int
    out: str
    err: str


Lint = Callable[..., Ran]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def lint(cache: Path, tmp_path: Path, capfdbinary: Any, monkeypatch: pytest.MonkeyPatch) -> Lint:
    """``lint("FILE", …)`` with a single warning list, in English."""
    folder = tmp_path / "lists" / "dns"
    folder.mkdir(parents=True)
    (folder / "list.json").write_text(
        json.dumps({"name": "DNS", "type": "cidr", "list": ["8.8.8.8"], "version": 1})
    )
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))

    def run(*options: str) -> Ran:
        code = exit_code_of(["lint", *options, "--lists", str(folder.parent)])
        told = capfdbinary.readouterr()
        return Ran(code, told.out.decode(), told.err.decode())

    return run


@pytest.fixture
def file(tmp_path: Path) -> Callable[[object], str]:
    def write(content: object) -> str:
        path = tmp_path / "events.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    return write


Write = Callable[[object], str]


def test_what_meets_every_rule_ends_with_0(lint: Lint, file: Write) -> None:
    code, out, err = lint(file({"Event": GOOD}))
    assert (code, err) == (0, "")
    assert out == (
        "1 events, 1 attributes: 100.0 of 100 points; 0 errors, 0 warnings.\nEvery rule is met.\n"
    )


def test_warnings_alone_end_with_0_too(lint: Lint, file: Write) -> None:
    code, out, _ = lint(file([LESS]))
    assert code == 0
    assert "title-without-date" in out
    assert "\x1b" not in out


def test_errors_end_with_3_and_are_told_by_rule(lint: Lint, file: Write) -> None:
    code, out, _ = lint(file(BAD))
    assert code == 3
    assert "address-private: private address or name" in out
    assert "Why: Every organisation uses these inside" in out
    assert "Mend: Leave it out" in out
    assert "ip-src: 10.0.0.1" in out
    assert "70.0 = 100 - 15.0 (address-private) - 15.0 (value-defanged)" in out


def test_json_says_it_all_to_programs(lint: Lint, file: Write) -> None:
    code, out, _ = lint(file([BAD, LESS]), "--json")
    told = json.loads(out)
    assert code == 3
    assert (told["events"], told["attributes"], told["errors"]) == (2, 3, 2)
    assert told["points"] == pytest.approx(100 - sum(rule["points"] for rule in told["rules"]))
    private = next(rule for rule in told["rules"] if rule["rule"] == "address-private")
    assert private | {"name": "", "reason": "", "mend": ""} == {
        "rule": "address-private", "severity": "error", "subject": "attribute", "found": 1,
        "of": 3, "weight": 30.0, "points": 10.0, "name": "", "reason": "", "mend": "",
        "examples": [{"event": GOOD["uuid"], "attribute": "b", "example": "ip-src: 10.0.0.1"}],
    }  # fmt: skip


def test_japanese(lint: Lint, file: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    _, out, _ = lint(file(BAD))
    assert "プライベートアドレスや内部名" in out
    assert "対処: 登録対象から除外" in out
    _, _, err = lint("nowhere.json")
    assert "nowhere.json" in err


def test_standard_input(lint: Lint, monkeypatch: pytest.MonkeyPatch) -> None:
    wrapped = io.TextIOWrapper(io.BytesIO(json.dumps(GOOD).encode()))
    monkeypatch.setattr("sys.stdin", wrapped)
    assert lint("-").code == 0


def test_a_profile_changes_what_is_asked(lint: Lint, file: Write, tmp_path: Path) -> None:
    ours = tmp_path / "ours.toml"
    ours.write_text('[rules]\naddress-private = "off"\nvalue-defanged = "warning"\n')
    code, out, _ = lint(file(BAD), "--profile", str(ours))
    assert code == 0
    assert "address-private" not in out


def test_the_default_profile_can_be_copied(lint: Lint, tmp_path: Path) -> None:
    code, out, _ = lint("--show-profile")
    assert code == 0
    assert Profile.of_text(out, "copied") == Profile.load()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "holds no events"),
        ("ip,comment\n1.2.3.4,x\n", "holds no events"),
        ('{"Event": {"info": 3, "Attribute": {}}}', "$.Event.info"),
    ],
)
def test_a_file_without_events_is_refused(
    lint: Lint, file: Write, content: str, words: str
) -> None:
    code, out, err = lint(file(content))
    assert (code, out) == (1, "")
    assert words in err


TABLE = (
    "Date,Organization,User,Title,Tag1,Tag2,Tag3,Tag4,Value,Category,Type,Attribute_tags,Comment\n"
    "2021-06-11,LAC,u,[LAB] 2021-06-11,tlp:green,,,,10.0.0.1,Network activity,ip-dst,,C2\n"
    "2021-06-11,LAC,u,[LAB] 2021-06-11,tlp:green,,,,evil.jp,Network activity,domain,,C2\n"
    "someday,LAC,u,[LAB] 2021-06-11,tlp:green,,,,evil.jp,Network activity,domain,,C2\n"
)


@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
def test_a_table_is_looked_over_as_it_would_be_imported(
    lint: Lint, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"lab{ending}"
    path.write_bytes(gzip.compress(TABLE.encode()) if ending.endswith("gz") else TABLE.encode())
    code, out, _ = lint(str(path), "--json")
    told = json.loads(out)
    assert code == 3
    assert (told["events"], told["attributes"], told["bad_lines"]) == (1, 2, 1)
    assert [rule["rule"] for rule in told["rules"]] == ["address-private"]
    _, out, _ = lint(str(path))
    assert "1 lines were not understood" in out


def test_a_stix_bundle_is_looked_over(lint: Lint, file: Write) -> None:
    indicator = {
        "type": "indicator", "spec_version": "2.1", "pattern_type": "stix",
        "id": "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", "name": "C2",
        "created": "2021-06-11T00:00:00.000Z", "modified": "2021-06-11T00:00:00.000Z",
        "valid_from": "2021-06-11T00:00:00Z", "pattern": "[ipv4-addr:value = '10.0.0.1']",
    }  # fmt: skip
    bundle = {
        "type": "bundle", "id": "bundle--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3e",
        "objects": [indicator],
    }  # fmt: skip
    code, out, _ = lint(file(bundle), "--json")
    told = json.loads(out)
    assert (code, told["events"]) == (3, 1)
    assert "address-private" in [rule["rule"] for rule in told["rules"]]


def test_a_damaged_file_is_named(lint: Lint, tmp_path: Path) -> None:
    path = tmp_path / "lab.csv.gz"
    path.write_bytes(gzip.compress(TABLE.encode())[:-12])
    code, _, err = lint(str(path))
    assert code == 1
    assert "damaged" in err


def test_trouble_ends_with_1_and_says_what_is_wrong(
    lint: Lint, file: Write, tmp_path: Path
) -> None:
    ours = tmp_path / "ours.toml"
    ours.write_text('[rules]\ntlp-mising = "off"\n')
    for options, words in (
        ((), "Name a file"),
        (("nowhere.json",), "There is no file nowhere.json"),
        ((str(tmp_path),), "cannot be read"),
        ((file(GOOD), "--profile", str(ours)), "there is no such rule (tlp-mising)"),
        (("-", "--key-stdin"), "cannot both come from standard input"),
        (("https://misp.example",), "key"),
        ((file(GOOD), "--most", "0"), "most"),
    ):
        code, out, err = lint(*options)
        assert (code, out) == (1, ""), options
        assert words in err, options


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = Store(tmp_path_factory.mktemp("node") / "node.sqlite3")
    attributes = (
        NewAttribute("ip-src", "219.167.13.11", "Network activity", comment="c"),
        NewAttribute("ip-dst", "8.8.8.8", "Network activity", comment="c", to_ids=True),
    )
    tags = (NewTag("IPAlert"), NewTag("tlp:amber"))
    store.load(
        NewEvent(f"[IPAlert] 2021-06-1{day}", f"2021-06-1{day}", tags=tags, attributes=attributes)
        for day in range(3)
    )
    store.add_key(Role.READ_ONLY, raw=KEY)
    with served(app_of(store)) as url:
        yield url
    store.close()


def test_a_misp_is_looked_over(lint: Lint, node: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY + "\n")
    ours = tmp_path / "ours.toml"
    ours.write_text('[warning_lists]\nused = ["dns"]\n')
    options = (node, "--key-file", str(tmp_path / "key"), "--profile", str(ours))
    code, out, err = lint(*options)
    assert (code, err) == (3, "")
    assert "3 events, 6 attributes: 85.0 of 100 points; 3 errors, 0 warnings." in out
    assert "8.8.8.8: DNS" in out
    code, out, _ = lint(*options, "--most", "1", "--json")
    told = json.loads(out)
    assert (told["complete"], told["events_listed"]) == (False, 3)
    code, out, _ = lint(*options, "--published-only")
    assert code == 0
    assert out.startswith("0 events")


def test_a_misp_that_refuses_is_trouble(
    lint: Lint, node: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("x" * 40 + "\n"))
    code, out, err = lint(node, "--key-stdin")
    assert (code, out) == (1, "")
    assert "could not be read" in err
    assert "x" * 40 not in err


def test_both_languages_say_everything_with_the_same_parts() -> None:
    for code in Says:
        parts = [
            {part for _, part, _, _ in string.Formatter().parse(words[code]) if part}
            for words in CATALOGUES.values()
        ]
        assert parts[0] == parts[1], code
