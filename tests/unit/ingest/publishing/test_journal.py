"""The journal: imports that are gone on with, and files that are none."""

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from securegrid.ingest.publishing.journal import Journal, UnknownImport, UnusableJournal
from securegrid.ingest.publishing.outcomes import ImportState

MISP, OTHER = "https://misp.example.org", "https://other.example.org"
NOW = 1_795_000_000.0


def opened(path: Path) -> Journal:
    return Journal(path, now=lambda: NOW, suffix=lambda: "ab12")


def test_an_open_import_is_gone_on_with_and_a_done_one_is_not(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal") as journal:
        first = journal.begin("IPAlert", MISP, note="a.log")
        assert journal.begin("IPAlert", MISP) == first
        assert journal.begin("IPAlert", OTHER) != first
        assert journal.begin("docodoco.jp", MISP) != first
        journal.end(first, ImportState.DONE)
        assert journal.begin("IPAlert", MISP).id != first.id
        assert [one.source for one, _ in journal.imports()] == [
            "IPAlert", "docodoco.jp", "IPAlert", "IPAlert",
        ]  # fmt: skip


def test_a_name_says_when(tmp_path: Path) -> None:
    with opened(tmp_path / "journal") as journal:
        assert journal.begin("IPAlert", MISP).name == "20261118-110640-ab12"
        assert journal.find("20261118-110640-ab12").begun == NOW
        with pytest.raises(UnknownImport):
            journal.find("other")


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "journal"
    os.umask(before := os.umask(0))
    with opened(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.umask(before) == before


def test_the_last_misp_of_a_source_is_known_until_it_is_undone(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal") as journal:
        assert not journal.is_last("IPAlert", MISP)
        one = journal.begin("IPAlert", MISP)
        assert journal.is_last("IPAlert", MISP)
        journal.end(one, ImportState.DONE)
        other = journal.begin("IPAlert", OTHER)
        assert not journal.is_last("IPAlert", MISP)
        journal.end(other, ImportState.UNDONE)
        assert journal.is_last("IPAlert", MISP)


def test_refusals_are_of_one_import_and_made_anew(tmp_path: Path) -> None:
    event, inner = "c51d8dda-eccd-4642-8cd6-26863734a920", "a959dd78-0948-4be6-a095-e9dbdcc164de"
    with Journal(tmp_path / "journal") as journal:
        one = journal.begin("IPAlert", MISP)
        journal.refuse(one, [(event, inner), (event, event), (event, inner)])
        assert journal.refused(one, event) == {event, inner}
        assert journal.refused(one, inner) == frozenset()
        assert journal.counts(one).refused == 1
        assert journal.refused(journal.begin("IPAlert", MISP), event) == frozenset()


@pytest.mark.parametrize("version", [0, 99])
def test_what_is_no_journal_is_not_written_to(tmp_path: Path, version: int) -> None:
    path = tmp_path / "journal"
    if version:
        with sqlite3.connect(path) as other:
            other.execute(f"PRAGMA user_version = {version}")
        other.close()
    else:
        path.write_bytes(b"no database " * 100)
    before = path.read_bytes()
    with pytest.raises(UnusableJournal):
        Journal(path)
    assert version or path.read_bytes() == before
