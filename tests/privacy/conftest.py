"""The MISPs of the proofs, their wires, and an index that holds what they held."""

from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import psycopg
import pytest
from django.db import connection

from securegrid.index.postgres import PostgresStore
from securegrid.portal.config import config
from securegrid.portal.indexing import stores
from tests.contract.serving import Swapped
from tests.faults.conftest import stage as stage  # the portal's people
from tests.faults.conftest import told as told  # everything that is logged
from tests.faults.stage import Stage
from tests.privacy import world as worlds
from tests.privacy.indexed import Portal
from tests.privacy.recorder import Recorder
from tests.privacy.world import World


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A filled MISP of each name, to be copied."""
    return worlds.template(tmp_path_factory.mktemp("misps"))


@pytest.fixture(scope="session")
def wires() -> Iterator[dict[str, tuple[Swapped, str, Recorder]]]:
    """The addresses and wires of the MISPs, for the whole session."""
    with worlds.wires() as made:
        yield made


@pytest.fixture
def world(
    files: dict[str, Path], wires: dict[str, tuple[Swapped, str, Recorder]], tmp_path: Path
) -> Iterator[World]:
    """The MISPs as new."""
    with worlds.opened(files, wires, tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
def index_in_postgres() -> Iterator[PostgresStore]:
    """An index beside the portal's database, in a schema of its own."""
    url, schema = config().database_url, f"index_{token_hex(4)}"
    store = PostgresStore(url, partitions=4, schema=schema)
    yield store
    store.close()
    with psycopg.connect(url, autocommit=True) as open_:
        open_.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


@pytest.fixture
def index(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """On PostgreSQL the index is there too, but for proofs that look into the index's files."""
    in_files = getattr(request.module, "LOOKS_INTO_FILES", False)
    if connection.vendor == "postgresql" and not in_files:
        store = request.getfixturevalue("index_in_postgres")
        monkeypatch.setattr(stores, "opened", lambda _url: store)
        stores.store.cache_clear()
        yield
        stores.store.cache_clear()
    else:
        yield


@pytest.fixture
def portal(stage: Stage, world: World, index: None) -> Portal:
    """The portal with both MISPs indexed and in step."""
    made = Portal(stage, world)
    made.connect()
    return made
