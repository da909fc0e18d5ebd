"""Everything that a piece of work leaves behind: files, tables, logs, metrics."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client

from securegrid.portal.config import config
from tests.faults.traces import read_apart, whole_database

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_watched: list[set[str]] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watched or event not in ("open", "sqlite3.connect"):
        return
    path = arguments[0]
    is_written = event != "open" or bool(arguments[2] & _WRITES)
    if is_written and isinstance(path, str | bytes | os.PathLike):
        for paths in _watched:
            paths.add(os.fsdecode(path))


sys.addaudithook(_hook)


@contextmanager
def watching(folder: Path) -> Iterator[set[str]]:
    """The files that Python opens for writing meanwhile; the temporary folder is ``folder``."""
    folder.mkdir()
    paths: set[str] = set()
    before = {name: os.environ.get(name) for name in ("TMPDIR", "SQLITE_TMPDIR")}
    kept, tempfile.tempdir = tempfile.tempdir, str(folder)
    os.environ |= dict.fromkeys(before, str(folder))
    _watched.append(paths)
    try:
        yield paths
    finally:
        _watched.remove(paths)
        tempfile.tempdir = kept
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def contents(paths: set[str]) -> bytes:
    """What stands in these files, and in the journals beside them; vanished ones hold nothing."""
    found = []
    for name in sorted({path.removeprefix("file:").partition("?")[0] for path in paths}):
        for ending in ("", "-wal", "-shm", "-journal"):
            path = Path(name + ending)
            if path.is_file() and not name.startswith(("/dev/", "/proc/")):
                found.append(path)
    return read_apart(found)


def inside(folder: Path) -> bytes:
    """What stands in all files of a folder, and their names."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return b"\n".join((*(str(path).encode() for path in files), read_apart(files)))


def index_files(*names: object) -> bytes:
    """Every file of these generations, journals and what waits to be sorted in included."""
    folder = Path(config().index.removeprefix("sqlite:///"))
    files = [path for path in folder.iterdir() if any(str(name) in path.name for name in names)]
    return read_apart(files)


def database() -> bytes:
    """Every column of every table and, with SQLite, every byte of its files."""
    return whole_database()


def database_file() -> str:
    """Where SQLite keeps the database; no file's name with PostgreSQL."""
    return str(connection.settings_dict["NAME"])


def queue() -> bytes:
    """Where jobs wait: a file beside the database, or tables in it."""
    if connection.vendor != "sqlite":
        return whole_database()
    folder = Path(database_file()).parent
    return read_apart(folder.glob("jobs*"))


def metrics() -> bytes:
    """What the portal tells its monitoring."""
    return Client().get("/metrics").content
