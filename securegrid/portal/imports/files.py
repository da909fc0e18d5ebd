"""The private folder: what was uploaded; and for each MISP what was read and written for it.

Each import has a folder named by its random id. No name or path that a person gave is ever used.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from securegrid.portal.alliance.models import Misp
from securegrid.portal.config import config
from securegrid.portal.refusals import Problem, Refused

_UPLOAD, _STATES = "upload", "states"
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600


def root() -> Path:
    """The folder of all imports, made when it is missing, open to the portal's user only."""
    folder = config().imports
    folder.mkdir(parents=True, exist_ok=True, mode=_PRIVATE_FOLDER)
    folder.chmod(_PRIVATE_FOLDER)
    return folder


def keep(name: UUID, chunks: Iterable[bytes], most: int) -> int:
    """Write an upload; gives its size in bytes.

    Raises ``Refused`` when it is empty or larger than ``most``; then nothing is left of it.
    """
    folder = root() / str(name)
    folder.mkdir(mode=_PRIVATE_FOLDER)
    try:
        return _written(folder / _UPLOAD, chunks, most)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _written(path: Path, chunks: Iterable[bytes], most: int) -> int:
    size = 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as out:
        for chunk in chunks:
            size += len(chunk)
            if size > most:
                raise Refused(Problem.UPLOAD_TOO_LARGE, "file")
            out.write(chunk)
    if not size:
        raise Refused(Problem.UPLOAD_EMPTY, "file")
    return size


def upload_of(name: UUID) -> Path:
    """Where the upload lies."""
    return root() / str(name) / _UPLOAD


@contextmanager
def state_of(misp: Misp | None) -> Iterator[Path]:
    """Where it is remembered what was read for a MISP, and the journal of what was written to it;
    an empty folder, gone afterwards, for none."""
    if misp is None:
        with TemporaryDirectory(prefix="import-", dir=root()) as empty:
            yield Path(empty)
        return
    folder = root() / _STATES / str(misp.public_id)
    folder.mkdir(parents=True, exist_ok=True, mode=_PRIVATE_FOLDER)
    yield folder


def is_here(name: UUID) -> bool:
    """Whether this machine has the upload of an import (a worker on another may not)."""
    return upload_of(name).is_file()


def has_state(misp: UUID) -> bool:
    """Whether this machine has the journal of a MISP."""
    return (root() / _STATES / str(misp)).is_dir()


def forget(name: UUID) -> None:
    """Delete what was uploaded."""
    shutil.rmtree(root() / str(name), ignore_errors=True)


def is_old(name: UUID, now: datetime) -> bool:
    """Whether a folder was made more than a day ago: no upload takes that long."""
    made = datetime.fromtimestamp((root() / str(name)).stat().st_mtime, tz=now.tzinfo)
    return made < now - timedelta(days=1)


def names() -> Iterator[UUID]:
    """The imports that have a folder here."""
    for path in root().iterdir():
        try:
            yield UUID(path.name)
        except ValueError:
            continue  # not ours
