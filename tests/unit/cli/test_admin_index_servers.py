"""``securegrid admin index server``: servers and partitions by script, passwords on stdin only."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from typer.testing import CliRunner, Result

from securegrid.cli.admin import app
from securegrid.portal.config import config
from securegrid.portal.indexing.stores import store

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


def call(*arguments: str, given: str = "") -> Result:
    words = ("index", "server", *arguments)
    return CliRunner().invoke(app, words, input=given, env={"LC_ALL": "C"})


def done(*arguments: str, given: str = "") -> str:
    result = call(*arguments, given=given)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments: str, given: str = "") -> str:
    result = call(*arguments, given=given)
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    return result.stderr


def partitions() -> dict[str, int]:
    """How many each server holds."""
    return {one["name"]: len(one["partitions"]) for one in json.loads(done("list", "--json"))}


@pytest.fixture
def urls(postgres_url: str) -> Iterator[tuple[str, str]]:
    """Two empty databases; the first one is the index of the settings."""
    names = [f"index_{token_hex(4)}" for _ in range(2)]
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for name in names:
            connection.execute(f"CREATE DATABASE {name}")
        yield tuple(f"{postgres_url.rpartition('/')[0]}/{name}" for name in names)  # type: ignore[misc]
        for name in names:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def kept_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """``kept_at(url)``: let the settings keep the index there."""

    def keep(url: str) -> None:
        monkeypatch.setenv("SECUREGRID_INDEX_URL", url)
        config.cache_clear()
        store.cache_clear()

    yield keep
    store().close()
    monkeypatch.undo()
    config.cache_clear()
    store.cache_clear()


@pytest.fixture
def index(urls: tuple[str, str], kept_at: Callable[[str], None]) -> None:
    """The settings name the first of them."""
    kept_at(urls[0])


@pytest.mark.usefixtures("index")
def test_a_server_comes_and_goes(urls: tuple[str, str]) -> None:
    password = str(conninfo_to_dict(urls[1])["password"])
    assert partitions() == {"coordinator": 16}
    assert password not in done("add", "second", "--url-stdin", given=f"{urls[1]}\n")
    assert partitions() == {"coordinator": 16, "second": 0}
    moved = done("move", "3", "15", "--to", "second").splitlines()
    assert moved == ["Partition 3 is at second.", "Partition 15 is at second."]
    assert partitions() == {"coordinator": 14, "second": 2}
    assert password not in done("list") + done("list", "--json")
    assert "move them first" in refused("remove", "second")
    done("move", "3", "15", "--to", "coordinator")
    done("remove", "second")
    assert partitions() == {"coordinator": 16}


@pytest.mark.usefixtures("index")
def test_what_is_refused_says_why_in_one_line_without_secrets(urls: tuple[str, str]) -> None:
    wrong = urls[1].replace(str(conninfo_to_dict(urls[1])["password"]), "s3cret-word")
    assert "standard input" in refused("add", "second", "--url-stdin")
    for given in (wrong, "host=db s3cret-word", f"{wrong}?options=-cjit%3Doff"):
        assert "s3cret" not in refused("add", "second", "--url-stdin", given=given)
    assert "no such server" in refused("move", "3", "--to", "second")
    assert "0 to 15" in refused("move", "16", "--to", "coordinator")
    assert call("add", "second").exit_code == 2


def test_an_index_in_sqlite_has_no_servers(kept_at: Callable[[str], None], tmp_path: Path) -> None:
    kept_at(f"sqlite:///{tmp_path}/index")
    assert "SQLite" in refused("list")
