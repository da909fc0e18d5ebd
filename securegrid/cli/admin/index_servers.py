"""``securegrid admin index server``: the PostgreSQL servers that hold the index."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from securegrid.cli.admin.output import AsJson, secret_from_stdin, show, told
from securegrid.cli.admin.portal import AdminError, portal

if TYPE_CHECKING:
    from securegrid.index.postgres import Servers

app = typer.Typer(help="The PostgreSQL servers that hold the index.", no_args_is_help=True)

COLUMNS = ("name", "address", "partitions", "arriving", "bytes")

Named = Annotated[str, typer.Argument(help="The server's name.")]


@app.command("add")
def add(
    name: Named,
    url_stdin: Annotated[
        bool, typer.Option("--url-stdin", help="Read the URL, with password, from standard input.")
    ],
) -> None:
    """Let parts of the index be moved to another server; the same name again changes its URL."""
    with _servers() as servers:
        servers.add(name, secret_from_stdin("URL"))
    told(f"Server {name} is added. It holds nothing yet; see move.")


@app.command("list")
def list_servers(as_json: AsJson = False) -> None:
    """Show each server with the partitions it holds; passwords are never shown."""
    with _servers() as servers:
        rows = [
            {
                "name": one.name,
                "address": one.address,
                "partitions": [str(number) for number in one.partitions],
                "arriving": [str(number) for number in one.arriving],
                "bytes": one.bytes,
            }
            for one in servers.states()
        ]
    show(rows, COLUMNS, as_json)


@app.command("move")
def move(
    partitions: Annotated[list[int], typer.Argument(help="Numbers of partitions, see list.")],
    to: Annotated[str, typer.Option("--to", help="A server's name, or coordinator.")],
) -> None:
    """Move partitions while searches and syncs go on; when interrupted, begin it again."""
    with _servers() as servers:
        for partition in partitions:
            servers.move(partition, to)
            told(f"Partition {partition} is at {to}.")


@app.command("remove")
def remove(name: Named) -> None:
    """Forget a server that holds no partition any more."""
    with _servers() as servers:
        servers.remove(name)
    told(f"Server {name} is removed.")


@contextmanager
def _servers() -> Iterator["Servers"]:
    """The servers of the index that the settings name; every refusal is told in one line."""
    with portal():
        import psycopg

        from securegrid.index.postgres import MoveFailed, NotPostgres, PostgresStore, ServerRefused
        from securegrid.portal.indexing.stores import store

        index = store()
        if not isinstance(index, PostgresStore):
            raise AdminError("the index is in SQLite; see SECUREGRID_INDEX_URL")
        try:
            yield index.servers
        except (ServerRefused, MoveFailed, NotPostgres) as refused:
            raise AdminError(str(refused)) from None
        except psycopg.Error as fault:
            # Its text may quote statements; its type says enough to find it.
            raise AdminError(f"a server refused ({type(fault).__name__})") from None
