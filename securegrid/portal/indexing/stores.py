"""The one store of fingerprints of this process, as the settings name it."""

from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from securegrid.index.port import Store
from securegrid.index.postgres import PostgresStore
from securegrid.index.sqlite import SqliteStore
from securegrid.portal.config import config

SQLITE = "sqlite:///"


@lru_cache(maxsize=1)
def store() -> Store:
    """The store of this process; safe in every thread (see the port)."""
    return opened(config().index)


def opened(url: str) -> Store:
    """The store at ``sqlite:///FOLDER`` (made when absent) or ``postgresql://…``."""
    if url.startswith(SQLITE):
        return SqliteStore(Path(unquote(url.removeprefix(SQLITE))))
    return PostgresStore(url)
