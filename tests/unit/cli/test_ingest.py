"""``securegrid ingest``: its frame, as people and programs meet it."""

import io
import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from securegrid.cli.ingest.progress import Line, in_words, stopping
from securegrid.cli.main import exit_code_of
from securegrid.cli.words import Language
from securegrid.ingest.publishing.outcomes import Progress, Stage
from securegrid.ingest.quality.warning_lists import WarningLists
from securegrid.ingest.runs.reports import Progress as ReadProgress
from securegrid.ingest.runs.reports import Stage as ReadStage
from securegrid.misp.failures import Reason
from tests.contract.publishing import READER, WRITER, held

LINES = (
    '{"time":"2021-06-11T03:12:45Z","source":"219.167.13.11","port":445}\n'
    '{"time":"2021-06-11T04:12:45Z","source":"1.0.16.9","port":22}\n'
    "\x1b[31mno line\n"
)


@pytest.fixture(autouse=True)
def no_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Indexing the warning lists takes seconds, once on every machine."""
    monkeypatch.setattr(WarningLists, "load", staticmethod(WarningLists.none))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture
def log(tmp_path: Path) -> str:
    path = tmp_path / "honeypot.json"
    path.write_text(LINES)
    return str(path)


@pytest.fixture
def state(tmp_path: Path) -> str:
    return str(tmp_path / "state")


@pytest.fixture
def key(tmp_path: Path) -> str:
    path = tmp_path / "key"
    path.write_text(f"{WRITER}\n")
    return str(path)


def honeypot(*arguments: str) -> int:
    return exit_code_of(["ingest", "honeypot", "--workers", "1", *arguments])


def test_a_log_is_imported_listed_and_undone(
    node: str, log: str, state: str, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert honeypot(log, "--misp", node, "--key-file", key, "--state", state) == 0
    told = capsys.readouterr().out
    assert "Lines read: 3. Data: 2; passed over: 0; not understood: 1." in told
    assert "2 events new, 0 extended, 0 unchanged" in told
    assert len(held(node)) == 2
    assert exit_code_of(["ingest", "imports", "--state", state, "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["import"]["state"], one["counts"]["events_made"]) == ("done", 2)
    assert WRITER not in json.dumps(one)
    name = one["import"]["name"]
    assert exit_code_of(["ingest", "imports", "--state", state]) == 0
    assert name in capsys.readouterr().out
    assert exit_code_of(["ingest", "undo", name, "--key-file", key, "--state", state]) == 0
    assert f"Import {name} is undone: 2 events deleted" in capsys.readouterr().out
    assert held(node) == {}


def test_a_dry_run_needs_no_misp_and_tells_programs_everything(
    log: str, state: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "bad.jsonl"
    options = ["--dry-run", "--json", "--state", state, "--report", str(report)]
    assert honeypot(log, *options) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert told["read"]["bad"] == {"not_the_format": 1}
    assert (told["would_write"]["events"], told["published"]) == (2, None)
    assert told["would_write"]["samples"][0]["info"].startswith("[IPAlert] 2021-06-11")
    assert "points" in told["quality"]
    assert json.loads(report.read_text()) == {
        "file": log, "line": 3, "reason": "not_the_format", "head": "\\x1b[31mno line",
    }  # fmt: skip
    assert not Path(state).exists()


def test_a_dry_run_shows_people_samples_without_terminal_commands(
    log: str, state: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    assert honeypot(log, "--dry-run", "--state", state) == 0
    told = capsys.readouterr().out
    assert "書き込む内容: イベント 2 件" in told
    assert "[IPAlert] 2021-06-11 port:445 access from 219.167.13.11" in told
    assert "\x1b" not in told


def test_what_the_rules_refuse_ends_with_3_and_force_writes_it(
    node: str, log: str, state: str, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    profile = tmp_path / "profile.toml"
    profile.write_text('[sizes]\nevent = 3\n[rules]\nevent-too-large = "error"\n')
    given = [log, "--misp", node, "--key-file", key, "--state", state, "--profile", str(profile)]
    assert honeypot(*given) == 3
    assert "0 attributes, 2 events (--force writes them)" in capsys.readouterr().out
    assert held(node) == {}
    assert honeypot(*given, "--force") == 0
    assert "the journal says so" in capsys.readouterr().out
    assert len(held(node)) == 2
    exit_code_of(["ingest", "imports", "--state", state])
    assert "done, forced" in capsys.readouterr().out


def test_a_file_that_is_not_there_ends_with_3(
    node: str, state: str, key: str, log: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [log, "/no/such/file", "--misp", node, "--key-file", key, "--state", state]
    assert honeypot(*given) == 3
    assert "/no/such/file: there is no such file" in capsys.readouterr().out
    assert len(held(node)) == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "Which MISP?"),
        (["--misp", "http://127.0.0.1:9"], "auth key is needed"),
        (["--misp", "ftp://x", "--key-stdin"], "cannot be spoken to as named"),
        (["--misp", "http://127.0.0.1:9", "--key-file", "/no/key"], "cannot be read as text"),
        (["--profile", "/no/profile", "--dry-run"], "The profile cannot be used"),
    ],
)
def test_what_is_wrong_is_said(
    options: list[str],
    said: str,
    log: str,
    state: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{WRITER}\n"))
    assert honeypot(log, "--state", state, *options) == 1
    assert said in capsys.readouterr().err


def test_key_and_data_cannot_both_come_from_standard_input(
    node: str, state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert honeypot("-", "--misp", node, "--key-stdin", "--state", state) == 1
    assert "cannot both come from standard input" in capsys.readouterr().err


def test_a_misp_that_refuses_is_named_and_the_rest_stays_in_the_journal(
    node: str, log: str, state: str, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(key).write_text(READER)
    given = [log, "--misp", node, "--key-file", key, "--state", state]
    assert honeypot(*given) == 1
    told = capsys.readouterr().err
    assert node in told
    assert READER not in told
    Path(key).write_text(WRITER)
    assert honeypot(*given) == 0
    assert len(held(node)) == 2


def test_an_unknown_import_is_not_undone(
    state: str, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code_of(["ingest", "undo", "x", "--key-file", key, "--state", state]) == 1
    assert "There is no import x." in capsys.readouterr().err
    assert exit_code_of(["ingest", "imports", "--state", state]) == 0
    assert "Nothing was imported yet" in capsys.readouterr().out


class Terminal(io.StringIO):
    """Somebody watches."""

    def isatty(self) -> bool:
        return True


READING = ReadProgress(ReadStage.READING, "a.log", 1, 1, 1_000_000, 7, 50, 200, 4.0)


def test_progress_is_one_line_that_is_not_shown_too_often() -> None:
    out, now = Terminal(), [0.0]
    line = Line(Language.ENGLISH, out, lambda: now[0])
    line.tell(READING)
    line.tell(READING)
    now[0] = 1.0
    line.tell(Progress(stage=Stage.WAITING, reason=Reason.MAINTENANCE, pause_s=60))
    line.clear()
    shown = out.getvalue().split("\r\x1b[2K")[1:]
    assert shown[0] == "reading a.log: 1,000,000 lines, 250,000/s, 7 not understood, 25%"
    assert shown[1].startswith("waiting 60 s: ")
    assert shown[2:] == [""]


def test_nobody_watches_nothing_is_shown() -> None:
    out = io.StringIO()
    line = Line(Language.ENGLISH, out)
    line.tell(READING)
    line.clear()
    assert out.getvalue() == ""


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("stage", Stage)
def test_every_stage_is_said(stage: Stage, language: Language) -> None:
    assert in_words(Progress(stage=stage, done=1, of=2), language)


def test_ctrl_c_asks_once_and_then_insists() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stopping() as stop:
        assert not stop()
        signal.raise_signal(signal.SIGINT)
        assert stop()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
