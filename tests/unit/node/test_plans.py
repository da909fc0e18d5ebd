"""What is asked often is looked up in an index, whatever else is asked: no walk over all rows."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from securegrid.node.accounts import caller_of
from securegrid.node.filters import read_filter
from securegrid.node.search import find_attributes, find_events
from tests.unit.node.conftest import ADMIN, NOW, STRANGER, Node

LOOKUPS: list[dict[str, Any]] = [
    {"value": ["203.0.113.1", "evil.example"]},
    {"value": ["203.0.113.1"], "type": "ip-dst", "tags": ["!tlp:red"], "published": 1},
    {"value": ["203.0.%"], "org": "Owner", "last": "1d"},
    {"uuid": ["11111111-1111-4111-8111-111111111111"], "eventid": "1"},
    {"eventid": ["1", "2"]},
    {"type": "ip-dst"},
    {"date": ["2026-01-01", "2026-01-02"]},
]


@pytest.mark.parametrize("asked", LOOKUPS, ids=str)
@pytest.mark.parametrize("key", [ADMIN, STRANGER], ids=["admin", "stranger"])
def test_attributes_are_looked_up(node: Node, key: str, asked: dict[str, Any]) -> None:
    with _plans(node, key) as (connection, caller, walked):
        find_attributes(connection, caller, read_filter(asked, NOW))
    assert not walked()


@pytest.mark.parametrize("asked", LOOKUPS, ids=str)
def test_events_are_looked_up_through_their_attributes(node: Node, asked: dict[str, Any]) -> None:
    with _plans(node, STRANGER) as (connection, caller, walked):
        find_events(connection, caller, read_filter(asked, NOW))
    assert not walked()


def test_an_object_is_looked_up(node: Node) -> None:
    event = node.add_event(
        Object=[{"name": "file", "Attribute": [{"type": "md5", "value": "ab" * 16}]}]
    )
    with _plans(node, STRANGER) as (connection, caller, walked):
        asked = {"uuid": event["Object"][0]["uuid"]}
        find_events(connection, caller, read_filter(asked, NOW))
    assert not walked()


@contextmanager
def _plans(node: Node, key: str) -> Iterator[tuple[sqlite3.Connection, Any, Any]]:
    """A connection that remembers its statements, and which of them walk all attributes."""
    statements: list[str] = []
    with node.store.reading() as connection:
        caller = caller_of(connection, key, NOW)
        connection.set_trace_callback(statements.append)

        def walked() -> list[str]:
            connection.set_trace_callback(None)
            plans = [
                row[3]
                for statement in statements
                for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")
            ]
            assert plans
            return [plan for plan in plans if plan in ("SCAN a", "SCAN attribute")]

        yield connection, caller, walked
