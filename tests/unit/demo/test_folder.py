"""The demo's folder: private, kept whole, and one demo's at a time."""

import json
import stat
from pathlib import Path

import pytest

from securegrid.demo.beginning import password
from securegrid.demo.folder import Folder, FolderBusy, Node, Person, State, locked

STATE = State(
    people=(Person("a@lac.example", "pass", "analyst", "LAC", "sg_token"),
            Person("o@x.example", "pass", "operator", None, "sg_other")),
    nodes=(Node("geo", "GEO-MISP", "Geolocation Technology", 8003, "k" * 40, "p" * 40),),
    secret_key="s",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A folder that is prepared."""
    made = Folder(tmp_path / "demo", "composed")
    made.begin_anew()
    return made


def test_what_is_kept_comes_back(folder: Folder) -> None:
    folder.write_state(STATE)
    assert folder.read_state() == STATE


@pytest.mark.parametrize("written", [None, "", "{", '{"people": []}', "[]"])
def test_what_did_not_get_ready_counts_as_nothing(folder: Folder, written: str | None) -> None:
    if written is not None:
        folder.state_file.write_text(written)
    assert folder.read_state() is None


def test_credentials_have_the_promised_shape_and_are_private(folder: Folder) -> None:
    folder.write_credentials("http://127.0.0.1:8000", STATE)
    assert json.loads(folder.credentials_file.read_text()) == {
        "portal": "http://127.0.0.1:8000",
        "users": [
            {"email": "a@lac.example", "password": "pass", "role": "analyst", "member": "LAC",
             "token": "sg_token"},
            {"email": "o@x.example", "password": "pass", "role": "operator", "member": None,
             "token": "sg_other"},
        ],
        "misps": [
            {"name": "GEO-MISP", "member": "Geolocation Technology",
             "url": "http://127.0.0.1:8003", "key": "k" * 40},
        ],
    }  # fmt: skip
    private = [folder.credentials_file, folder.token_file("a@lac.example")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}


def test_two_demos_do_not_share_a_folder(tmp_path: Path) -> None:
    with locked(tmp_path / "demo"), pytest.raises(FolderBusy), locked(tmp_path / "demo"):
        pass
    with locked(tmp_path / "demo"):
        pass


def test_beginning_anew_leaves_the_other_set_of_data(folder: Folder) -> None:
    real = Folder(folder.root, "real")
    real.begin_anew()
    real.write_state(STATE)
    folder.write_state(STATE)
    folder.begin_anew()
    assert (folder.read_state(), real.read_state()) == (None, STATE)


def test_passwords_differ_and_are_long_enough() -> None:
    made = {password() for _ in range(100)}
    assert len(made) == 100
    assert min(map(len, made)) >= 20
