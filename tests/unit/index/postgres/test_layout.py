"""Every fingerprint belongs into exactly one partition, and Python and PostgreSQL agree which."""

from uuid import UUID

import pytest

from securegrid.index.postgres.layout import Layout, bounds, shift
from tests.contract.index.samples import sixteen

COUNTS = [1, 2, 16, 64, 256]


@pytest.mark.parametrize("partitions", COUNTS)
def test_bounds_follow_on_each_other(partitions: int) -> None:
    pairs = [bounds(number, partitions) for number in range(partitions)]
    assert pairs[0][0] is None
    assert pairs[-1][1] is None
    assert [high for _, high in pairs[:-1]] == [low for low, _ in pairs[1:]]


@pytest.mark.parametrize("partitions", COUNTS)
def test_a_fingerprint_is_within_its_bounds(partitions: int) -> None:
    edges = [bytes([first, *rest]) for first in range(256) for rest in (bytes(15), b"\xff" * 15)]
    for fingerprint in [*edges, *(sixteen(number) for number in range(500))]:
        low, high = bounds(fingerprint[0] >> shift(partitions), partitions)
        assert low is None or UUID(low).bytes <= fingerprint
        assert high is None or fingerprint < UUID(high).bytes


@pytest.mark.parametrize("partitions", [0, 3, 12, 512, -1])
def test_other_numbers_of_partitions_are_refused(partitions: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        Layout("index", partitions)


@pytest.mark.parametrize("schema", ["", "Index", "a b", 'a"b', "a;b", "1a", "a" * 32])
def test_other_names_of_schemas_are_refused(schema: str) -> None:
    with pytest.raises(ValueError, match="schema"):
        Layout(schema, 16)
