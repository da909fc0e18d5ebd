"""``securegrid serve``: the portal under uvicorn, after its settings and database are checked."""

import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from types import FrameType
from typing import Annotated, NoReturn

import typer

from securegrid.cli.problem import Problem
from securegrid.cli.words import Say


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
    migrate: Annotated[
        bool, typer.Option("--migrate", help="Bring the database up to date first.")
    ] = False,
    worker: Annotated[
        bool | None,
        typer.Option(
            "--worker/--no-worker",
            help="Whether a worker runs beside it; by default with SQLite only.",
        ),
    ] = None,
) -> None:
    """Run the portal. Settings come from the environment (see the operator guide)."""
    prepare(migrate)
    listening = _listen(host, port)
    with _worker_beside(worker):
        _serve(listening)


def _serve(listening: socket.socket) -> None:
    import uvicorn

    # One process: searches run in it, and streams hear of them at once.
    settings = uvicorn.Config(
        "securegrid.portal.asgi:application",
        access_log=False,  # an address line can hold what somebody typed
        log_config=None,
        proxy_headers=False,  # the portal itself judges which proxies to believe
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    uvicorn.Server(settings).run(sockets=[listening])


@contextlib.contextmanager
def _worker_beside(wanted: bool | None) -> Iterator[None]:
    """Keep a worker running in a process of its own, where syncs cannot slow the pages down."""
    from django.db import connection

    from securegrid.portal.jobs.beside import WorkerBeside

    if wanted is False or (wanted is None and connection.vendor != "sqlite"):
        yield
        return
    beside = WorkerBeside()
    # uvicorn ends in order and then raises the signal again: that must not skip what follows.
    signal.signal(signal.SIGTERM, _end)
    beside.start()
    try:
        yield
    finally:
        beside.stop()


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def prepare(migrate: bool) -> None:
    """Refuse unsafe settings and a database that is not up to date, before anything begins."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "securegrid.portal.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        from securegrid.portal.startup import refuse_unsafe

        refuse_unsafe()
        django.setup()
    except ImproperlyConfigured as error:
        raise Problem(Say.SETTINGS, detail=error) from error
    from django.core.management import call_command

    if migrate:
        call_command("migrate", interactive=False, verbosity=0)
    elif _has_unapplied_migrations():
        raise Problem(Say.MIGRATIONS)
    try:
        from securegrid.portal.resealing import refuse_wrong_key

        refuse_wrong_key()
    except ImproperlyConfigured as error:
        raise Problem(Say.SETTINGS, detail=error) from error


def _has_unapplied_migrations() -> bool:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _listen(host: str, port: int) -> socket.socket:
    """A bound socket; binding here turns a busy port into a clear word."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise Problem(Say.PORT_BUSY, host=host, port=port) from error
    return bound
