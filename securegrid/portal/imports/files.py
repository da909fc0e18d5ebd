"""The private folder: what was uploaded, how far its reading is, and the journal of its writing.

Each import has a folder named by its random id. No name or path that a person gave is ever used.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from securegrid.portal.config import config
from securegrid.portal.refusals import Problem, Refused

_UPLOAD, _RUN, _JOURNAL = "upload", "run", "journal"
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


def run_of(name: UUID) -> Path:
    """Where the reading keeps what it counted."""
    return root() / str(name) / _RUN


def journal_of(name: UUID) -> Path:
    """Where the publishing keeps what it wrote; an undo needs it."""
    return root() / str(name) / _JOURNAL


def is_here(name: UUID) -> bool:
    """Whether this machine has the folder of an import (a worker on another may not)."""
    return (root() / str(name)).is_dir()


def forget_run(name: UUID) -> None:
    """Forget what was counted, to read anew."""
    shutil.rmtree(run_of(name), ignore_errors=True)


def forget_upload(name: UUID) -> None:
    """Delete what was uploaded and counted; the journal stays."""
    upload_of(name).unlink(missing_ok=True)
    forget_run(name)


def forget(name: UUID) -> None:
    """Delete everything of an import."""
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
