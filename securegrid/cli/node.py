"""``securegrid node``: run an embedded MISP-compatible node and manage its keys."""

import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
import uvicorn

from securegrid.cli.node_words import NodeSays, say
from securegrid.cli.words import user_language
from securegrid.node.accounts import KEY_LENGTH, Role
from securegrid.node.app import app_of
from securegrid.node.store import Store

app = typer.Typer(help="An embedded MISP-compatible node.", no_args_is_help=True)
keys = typer.Typer(help="The keys that open a node.", no_args_is_help=True)
app.add_typer(keys, name="key")

Database = Annotated[Path, typer.Option("--db", help="The node's SQLite file; made when missing.")]


@app.command()
def serve(
    db: Database,
    port: Annotated[int, typer.Option(help="TCP port.", min=1, max=65535)],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    org: Annotated[str, typer.Option(help="Who runs the node; for a new file only.")] = "ORGNAME",
    admin_key_stdin: Annotated[
        bool, typer.Option("--admin-key-stdin", help="Read an administrator's key from stdin.")
    ] = False,
) -> None:
    """Serve a node until it is told to stop (SIGINT, SIGTERM)."""
    store = _open(db, org)
    if admin_key_stdin:
        _set_key(store, Role.ADMIN, "", sys.stdin.readline().strip())
    typer.echo(_told(NodeSays.LISTENING, url=f"http://{host}:{port}/"), err=True)
    uvicorn.run(
        app_of(store),
        host=host,
        port=port,
        log_level="warning",
        # Paths may hold searched values (restSearch/value:…), so requests are not logged.
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


@keys.command("add")
def add_key(
    db: Database,
    role: Annotated[Role, typer.Option(help="What the key may do.")],
    org: Annotated[str, typer.Option(help="The key's organisation; made when it is new.")] = "",
    comment: Annotated[str, typer.Option(help="What the key is for.")] = "",
    expires: Annotated[
        datetime | None, typer.Option(help="From when the key is useless (UTC).")
    ] = None,
    key_stdin: Annotated[
        bool, typer.Option("--key-stdin", help="Set a given key of 40 letters and digits.")
    ] = False,
) -> None:
    """Make a key and print it; this is the only time that it can be seen."""
    store = _open(db)
    until = int(expires.replace(tzinfo=UTC).timestamp()) if expires else None
    if key_stdin:
        _set_key(store, role, org, sys.stdin.readline().strip(), comment, until)
    else:
        typer.echo(store.add_key(role, org, comment=comment, expires=until))
    store.close()


@keys.command("list")
def list_keys(db: Database) -> None:
    """List the keys (not their text): id, organisation, role, end, comment."""
    store = _open(db)
    for key in store.list_keys():
        end = _told(NodeSays.REVOKED) if key.revoked else _day(key.expires)
        typer.echo(f"{key.id}\t{key.org}\t{key.role}\t{end}\t{key.comment}")
    store.close()


@keys.command("revoke")
def revoke_key(db: Database, key_id: Annotated[int, typer.Argument(help="See list.")]) -> None:
    """Make a key useless at once."""
    store = _open(db)
    if not store.revoke_key(key_id):
        _fail(NodeSays.NO_SUCH_KEY, number=key_id)
    store.close()


def _open(db: Path, org: str = "ORGNAME") -> Store:
    try:
        db.parent.mkdir(parents=True, exist_ok=True)
        return Store(db, host_org=org)
    except (OSError, ValueError, sqlite3.Error) as error:
        _fail(NodeSays.UNUSABLE, file=db, reason=error)


def _set_key(
    store: Store, role: Role, org: str, key: str, comment: str = "", until: int | None = None
) -> None:
    try:
        store.add_key(role, org, raw=key, comment=comment, expires=until)
    except ValueError:
        _fail(NodeSays.BAD_KEY, length=KEY_LENGTH)


def _day(moment: int | None) -> str:
    if not moment:
        return _told(NodeSays.NO_END)
    return datetime.fromtimestamp(moment, UTC).date().isoformat()


def _told(what: NodeSays, **parts: object) -> str:
    return say(what, user_language(), **parts)


def _fail(what: NodeSays, **parts: object) -> NoReturn:
    typer.echo(_told(what, **parts), err=True)
    raise typer.Exit(1)
