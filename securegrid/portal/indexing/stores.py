"""The one store of fingerprints of this process, as the settings name it."""

from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import cast
from urllib.parse import unquote

from securegrid.index.port import Store
from securegrid.portal.config import config

SQLITE = "sqlite:///"


@lru_cache(maxsize=1)
def store() -> Store:
    """The store of this process; safe in every thread (see the port)."""
    return opened(config().index)


def opened(url: str) -> Store:
    """The store at ``sqlite:///FOLDER`` (made when absent) or ``postgresql://…``."""
    if url.startswith(SQLITE):
        made = import_module("securegrid.index.sqlite").SqliteStore(
            Path(unquote(url.removeprefix(SQLITE)))
        )
    else:
        made = import_module("securegrid.index.postgres").PostgresStore(url)
    return cast(Store, made)
