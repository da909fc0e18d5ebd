"""What journeys share: a browser, and a database of each kind."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright

from scripts.screenshots import CHROMIUM, QUIET


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window.

    Never longer than a module: its event loop counts as running, and no database call of
    Django nor asynchronous test may follow in the same thread while it does.
    """
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database of its own, once of each kind."""
    if request.param == "sqlite":
        folder: Path = tmp_path_factory.mktemp("database")
        return f"sqlite:///{folder}/portal.sqlite3"
    server: str = request.getfixturevalue("postgres_url")
    name = f"journey_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return server.rpartition("/")[0] + f"/{name}"
