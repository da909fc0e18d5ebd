"""Queues of jobs, one on each kind of database."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from securegrid.portal.jobs.queue import JobQueue, made

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=KINDS)
def jobs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[JobQueue]:
    """An empty queue."""
    if request.param == "sqlite":
        queue = made({"NAME": str(tmp_path / "portal.sqlite3")}, "sqlite")
    else:
        queue = made(settings_of(request.getfixturevalue("postgres_url")), "postgresql")
        queue.storage.read_timeout = 0.01
    queue.flush()
    yield queue
    queue.storage.close()


def settings_of(url: str) -> dict[str, str]:
    """A PostgreSQL URL in Django's form."""
    parts = urlsplit(url)
    return {
        "NAME": parts.path.lstrip("/"),
        "USER": parts.username or "",
        "PASSWORD": parts.password or "",
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
    }
