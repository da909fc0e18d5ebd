"""A node that a member owns, uploads of a few honeypot lines, and a worker that works one off."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.utils import timezone

from securegrid.node.accounts import Role
from securegrid.node.app import app_of
from securegrid.node.store import Store as NodeStore
from securegrid.portal.accounts.models import User
from securegrid.portal.alliance.models import Misp
from securegrid.portal.config import config
from securegrid.portal.imports import services
from securegrid.portal.imports.formats import Told
from securegrid.portal.imports.models import Import
from securegrid.portal.jobs.importing import import_one
from tests.conftest import KEY, MakeMisp
from tests.contract.serving import served

READ_ONLY = "readOnly0123456789abcdefghijklmnopqrstuv"
LINES = (
    "2026-11-20 01:02:03 198.51.100.7 22 tcp sensor-1\n",
    "2026-11-20 01:02:09 198.51.100.7 22 tcp sensor-1\n",
    "2026-11-20 04:05:06 203.0.113.9 23 tcp sensor-2\n",
)
LATER = "2026-11-20 23:00:00 198.51.100.7 22 tcp sensor-3\n"

Upload = Callable[..., Import]


@dataclass
class Node:
    """An embedded MISP that is served, and how the portal knows it."""

    store: NodeStore
    url: str
    misp: Misp


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The private folder of this test."""
    monkeypatch.setenv("SECUREGRID_IMPORTS_DIR", str(tmp_path / "imports"))
    config.cache_clear()
    yield tmp_path / "imports"
    monkeypatch.undo()
    config.cache_clear()


@pytest.fixture
def node(tmp_path: Path, folder: Path, make_misp: MakeMisp) -> Iterator[Node]:
    """An empty node, whose MISP in the portal has a key that may write."""
    store = NodeStore(tmp_path / "node.sqlite3", host_org="ORG")
    store.add_key(Role.ADMIN, raw=KEY)
    store.add_key(Role.READ_ONLY, raw=READ_ONLY)
    with served(app_of(store)) as url:
        yield Node(store, url, make_misp(url=url, tls="insecure"))


@pytest.fixture
def upload(owner: User, folder: Path) -> Upload:
    """``upload(text, name=…, source=…, format=…)`` by the owner, not yet read."""

    def made(text: str = "".join(LINES), name: str = "a.log", **told: str) -> Import:
        words = {"source": "IPAlert", "format": "honeypot"} | told
        return services.upload(owner, name, [text.encode()], now=timezone.now(), told=Told(**words))

    return made


def worked(imported: Import) -> Import:
    """The import after a worker had its turn."""
    import_one(imported.public_id)
    return fresh(imported)


def fresh(imported: Import) -> Import:
    """As it is in the database now."""
    return Import.objects.select_related("misp", "member", "person").get(pk=imported.pk)
