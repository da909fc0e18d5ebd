"""The SQLite store keeps every promise of the port."""

from pathlib import Path

import pytest

from securegrid.index.sqlite import SqliteStore
from tests.contract.index.places import Place
from tests.contract.index.suite import StoreContract
from tests.contract.index.suite_processes import ProcessContract


def opened(where: str) -> SqliteStore:
    """The store in the folder ``where``."""
    return SqliteStore(Path(where))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A folder that does not exist yet."""
    return Place(f"{__name__}:opened", str(tmp_path / "index"))


class TestSqlite(StoreContract):
    """In one process."""


class TestSqliteProcesses(ProcessContract):
    """In several."""
