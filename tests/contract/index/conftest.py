"""Servers that several of the stores' tests share."""

from collections.abc import Iterator

import pytest

from tests.contract.index.fleet import Machines, machines


@pytest.fixture(scope="session")
def three() -> Iterator[Machines]:
    """A coordinator and two more PostgreSQL servers."""
    with machines() as three:
        yield three
