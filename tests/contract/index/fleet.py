"""A coordinator and two more PostgreSQL servers, with an index spread over all three."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

from securegrid.index.postgres import PostgresStore
from tests.contract.index.places import Place
from tests.postgres import server

PARTITIONS = 8
NAMES = ("one", "two")


@dataclass(frozen=True, slots=True)
class Machines:
    """The URLs of three servers, the coordinator's first."""

    urls: tuple[str, str, str]

    @contextmanager
    def index(self) -> Iterator[Place]:
        """An empty index that knows both others and holds nothing there yet."""
        schema = f"index_{token_hex(4)}"
        place = Place(f"{__name__}:opened", f"{schema} {self.urls[0]}")
        store = opened(place.where)
        for name, url in zip(NAMES, self.urls[1:], strict=True):
            store.servers.add(name, url)
        store.close()
        yield place
        for url in self.urls:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(
                    SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(schema))
                )

    @contextmanager
    def spread_index(self) -> Iterator[Place]:
        """An empty index, a third of it on each server."""
        with self.index() as place:
            store = opened(place.where)
            for number in range(PARTITIONS):
                store.servers.move(number, ("coordinator", *NAMES)[number % 3])
            store.close()
            yield place

    def left(self, place: Place) -> list[set[tuple[Any, ...]]]:
        """What lies in the tables of each server, whether anybody can see it or not."""
        schema, _ = place.where.split(" ")
        return [_rows(url, schema) for url in self.urls]


@contextmanager
def machines() -> Iterator[Machines]:
    """Three fresh servers."""
    with ExitStack() as servers:
        first, second, third = (servers.enter_context(server()) for _ in range(3))
        yield Machines((first, second, third))


def opened(where: str) -> PostgresStore:
    """The store at ``where``: the name of its schema, a blank, the server's URL."""
    schema, url = where.split(" ")
    return PostgresStore(url, partitions=PARTITIONS, schema=schema)


def _rows(url: str, schema: str) -> set[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s"
            " AND table_type = 'BASE TABLE' AND table_name ~ '_[0-9]{3}$'",
            [schema],
        ).fetchall()
        return {
            row
            for (table,) in tables
            for row in connection.execute(
                SQL("SELECT fingerprint, attribute, version, mark FROM {}").format(
                    Identifier(schema, table)
                )
            )
        }
