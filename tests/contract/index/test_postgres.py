"""The PostgreSQL store keeps every promise of the port, with all partitions on one server."""

from collections.abc import Iterator
from secrets import token_hex

import psycopg
import pytest

from securegrid.index.postgres import PostgresStore
from tests.contract.index.places import Place
from tests.contract.index.suite import StoreContract
from tests.contract.index.suite_processes import ProcessContract

pytestmark = pytest.mark.postgres


def opened(where: str) -> PostgresStore:
    """The store at ``where``: the name of its schema, a blank, the server's URL."""
    schema, url = where.split(" ")
    return PostgresStore(url, partitions=8, schema=schema)


@pytest.fixture
def place(postgres_url: str) -> Iterator[Place]:
    """A schema of its own that does not exist yet."""
    schema = f"index_{token_hex(4)}"
    yield Place(f"{__name__}:opened", f"{schema} {postgres_url}")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


class TestPostgres(StoreContract):
    """In one process."""


class TestPostgresProcesses(ProcessContract):
    """In several."""
