"""The lists by which ``securegrid ingest access-log`` tells anonymous networks."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from maxminddb import InvalidDatabaseError

from securegrid.cli.ingest.words import IngestProblem, Says
from securegrid.ingest.networks.classes import Networks, Systems
from securegrid.ingest.networks.lists import BadListError, networks_in, systems_in
from securegrid.ingest.networks.systems import SystemDatabase

T = TypeVar("T")


def networks_of(
    networks: list[str], as_lists: list[str], asn_db: Path | None, *, shipped: bool
) -> Networks:
    """What the options name; raises ``IngestProblem``."""
    return Networks(
        [_listed("--networks", written, networks_in) for written in networks],
        [_listed("--as-list", written, systems_in) for written in as_lists],
        _database(asn_db),
        shipped=shipped,
    )


def _listed(option: str, written: str, read: Callable[[Path], T]) -> tuple[str, T]:
    """``CLASS=FILE``"""
    kind, equals, name = (part.strip() for part in written.partition("="))
    if not (kind and equals and name):
        raise IngestProblem(Says.NOT_CLASS_FILE, option=option, written=written)
    try:
        return kind, read(Path(name))
    except BadListError as bad:
        raise IngestProblem(Says.BAD_LIST, file=name, line=bad.line, text=bad.text) from None
    except (OSError, UnicodeDecodeError):
        raise IngestProblem(Says.NOT_READABLE, file=name) from None


def _database(path: Path | None) -> Systems | None:
    if path is None:
        return None
    database = SystemDatabase(path)
    try:
        database.check()
    except (OSError, InvalidDatabaseError) as error:
        raise IngestProblem(Says.BAD_SYSTEMS, file=path, detail=error) from None
    return database
