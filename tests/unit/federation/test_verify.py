"""Verification: a returned row counts only if it was asked for and is offered."""

import pytest

from securegrid.federation.verify import ByValue
from securegrid.misp.query import AttributeQuery
from securegrid.misp.records import Attribute
from securegrid.values.model import Relation
from tests.unit.federation.samples import attribute

QUERY = AttributeQuery.by_values(
    ["evil.example"],
    published_only=True,
    left_out_tags=("tlp:red",),
    left_out_types=("comment",),
)
ASKED = {"evil.example": (7,), "198.51.100.7": (8,)}


def sieved(*rows: Attribute) -> ByValue:
    sieve = ByValue(ASKED)
    sieve.take(QUERY, rows)
    return sieve


def test_a_matching_row_is_found_at_its_position() -> None:
    row = attribute("evil.example", type="domain")
    sieve = sieved(row)
    ((position, relation, found),) = [(f.position, f.relation, f.attribute) for f in sieve.found]
    assert (position, relation, found, sieve.dropped) == (7, Relation.EQUAL, row, 0)


@pytest.mark.parametrize(
    "row",
    [
        attribute("other.example", type="domain"),
        attribute("évil.example", type="domain"),
        attribute("evil.example", type="domain", deleted=True),
        attribute("evil.example", type="comment"),
        attribute("evil.example", type="domain", tags=["TLP:RED"]),
        attribute("evil.example", type="domain", event_tags=["tlp:red"]),
        attribute("evil.example", type="domain", published=False),
        attribute("evil.example", type="domain", published=None),
    ],
)
def test_every_other_row_is_dropped_and_counted(row: Attribute) -> None:
    sieve = sieved(row)
    assert (sieve.found, sieve.dropped) == ([], 1)


def test_half_of_a_composite_is_a_part() -> None:
    sieve = sieved(attribute("evil.example|198.51.100.7", type="domain|ip"))
    assert [(f.position, f.relation) for f in sieve.found] == [
        (7, Relation.PART),
        (8, Relation.PART),
    ]


def test_the_same_uuid_counts_once_over_all_pages() -> None:
    sieve = ByValue(ASKED)
    row, other = attribute("evil.example", type="domain"), attribute("x.example", number=2)
    assert sieve.take(QUERY, [row, row, other]) == 2
    assert sieve.take(QUERY, [row, other]) == 0
    assert (len(sieve.found), sieve.dropped) == (1, 1)
