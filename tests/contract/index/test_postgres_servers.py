"""The PostgreSQL store keeps every promise of the port with its partitions on three servers."""

from collections.abc import Iterator

import pytest

from tests.contract.index.fleet import Machines
from tests.contract.index.places import Place
from tests.contract.index.suite import StoreContract
from tests.contract.index.suite_processes import ProcessContract

pytestmark = pytest.mark.postgres


@pytest.fixture
def place(three: Machines) -> Iterator[Place]:
    """An empty index on all three."""
    with three.spread_index() as place:
        yield place


class TestServers(StoreContract):
    """In one process."""


class TestServersProcesses(ProcessContract):
    """In several."""
