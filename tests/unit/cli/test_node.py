"""``securegrid node``: keys are made, listed and revoked without prompts; secrets come on stdin."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from securegrid.cli.node import app
from securegrid.cli.node_words import NodeSays, say
from securegrid.cli.words import Language
from securegrid.node.accounts import Role, caller_of
from securegrid.node.store import Store


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")


def _run(*arguments: str, given: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments), input=given)
    return result.exit_code, result.output


def _role(db: Path, key: str) -> Role | None:
    store = Store(db)
    with store.reading() as connection:
        caller = caller_of(connection, key, store.now)
    store.close()
    return caller.role if caller else None


@pytest.mark.parametrize("role", list(Role))
def test_a_key_is_made_and_printed_once(tmp_path: Path, role: Role) -> None:
    db = tmp_path / "new" / "node.sqlite3"
    code, key = _run("key", "add", "--db", str(db), "--role", role.value, "--org", "LAC")
    assert code == 0
    assert _role(db, key.strip()) is role
    code, listed = _run("key", "list", "--db", str(db))
    assert (code, listed.split("\t")[1:3]) == (0, ["LAC", role.value])
    assert key.strip() not in listed


def test_a_given_key_comes_on_standard_input_and_is_not_echoed(tmp_path: Path) -> None:
    db, key = tmp_path / "node.sqlite3", "g" * 40
    arguments = ("key", "add", "--db", str(db), "--role", "admin", "--key-stdin")
    assert _run(*arguments, given=key + "\n") == (0, "")
    assert _role(db, key) is Role.ADMIN
    code, told = _run(*arguments, given="tooshort\n")
    assert code == 1
    assert "40 letters and digits" in told
    assert "tooshort" not in told


def test_a_key_ends_and_is_revoked(tmp_path: Path) -> None:
    db = tmp_path / "node.sqlite3"
    make = ("key", "add", "--db", str(db), "--role", "read-only")
    ended = _run(*make, "--expires", "2020-01-01")[1].strip()
    lasting = _run(*make, "--comment", "lasting")[1].strip()
    assert _role(db, ended) is None
    assert _role(db, lasting) is Role.READ_ONLY
    assert _run("key", "revoke", "--db", str(db), "2") == (0, "")
    assert _role(db, lasting) is None
    assert "revoked\tlasting" in _run("key", "list", "--db", str(db))[1]
    assert _run("key", "revoke", "--db", str(db), "99")[0] == 1


@pytest.mark.parametrize("what", list(NodeSays))
def test_everything_is_said_in_both_languages(what: NodeSays) -> None:
    parts = {"url": "U", "file": "F", "reason": "R", "length": 40, "number": 7}
    english, japanese = (say(what, language, **parts) for language in Language)
    assert english.isascii()
    assert not japanese.isascii()


def test_an_unusable_file_is_told_in_one_line(tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("not a database, but long enough to look at" * 50)
    for db in (other, tmp_path):
        code, told = _run("key", "list", "--db", str(db))
        assert code == 1
        assert told.startswith(f"Error: {db} cannot be used")
        assert "Traceback" not in told
