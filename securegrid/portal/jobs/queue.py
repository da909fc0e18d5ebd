"""The queue of jobs: huey on the portal's own kind of database, speaking JSON only."""

import contextlib
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import structlog
from django.db import connection
from huey.api import Huey, Task
from huey.exceptions import HueyException
from huey.storage import PostgresStorage, SqliteStorage

from securegrid.portal.jobs.messages import BadMessage, Job, JsonSerializer, task_name

log = structlog.get_logger(__name__)

NAME = "securegrid"
FILE = "jobs.sqlite3"
"""Beside the portal's database file."""
_TABLES_LOCK = 0x53474A  # any number that nobody else locks in this database


class JobQueue(Huey):  # type: ignore[misc]  # huey has no types
    """A queue that holds each job once, and drops, with a line in the log, what is none of ours."""

    def send(self, job: Job, subject: UUID | None = None) -> None:
        """Tell the workers; nothing happens when the same is waiting already.

        ``subject``: the public id of the MISP or the import that the job is about.
        """
        kind = self._registry.string_to_task(task_name(job))
        self.enqueue(kind(() if subject is None else (str(subject),)))

    def enqueue(self, task: Task) -> None:
        """Send a job, unless the same one is waiting already."""
        if (task_name(Job(task.name)), tuple(task.args)) not in self._waiting():
            super().enqueue(task)

    def _waiting(self) -> set[tuple[str, tuple[str, ...]]]:
        found = set()
        for data in self.storage.enqueued_items():
            with contextlib.suppress(BadMessage):  # dropped, and told, when its turn comes
                message = self.serializer.deserialize(bytes(data))
                found.add((message.name, message.args))
        return found

    def dequeue(self) -> Any:
        """The next job; None when there is none, or when it was dropped."""
        data = self.storage.dequeue()
        return next(iter(self._deserialize_all([] if data is None else [data])), None)

    def _deserialize_all(self, messages: list[bytes]) -> list[Any]:
        """The jobs that these messages are, without those that are none."""
        return [job for data in messages if (job := self._understood(data)) is not None]

    def _understood(self, data: bytes) -> Any:
        try:
            return self.deserialize_task(data)
        except BadMessage as bad:
            log.warning("job message dropped", fault=str(bad))
        except HueyException:  # its text quotes the message
            log.warning("job message dropped", fault="unknown job")
        return None


@lru_cache(maxsize=1)
def queue() -> JobQueue:
    """This process's queue; made at the first call, with its tables."""
    return made(connection.settings_dict, connection.vendor)


def made(database: dict[str, Any], vendor: str) -> JobQueue:
    """A queue beside (SQLite) or inside (PostgreSQL) the database with Django's settings."""
    words: dict[str, Any] = {"results": False, "serializer": JsonSerializer()}
    if vendor != "postgresql":
        file = str(Path(database["NAME"]).with_name(FILE))
        return JobQueue(NAME, storage_class=SqliteStorage, filename=file, **words)
    words |= {"connection": partial(_connect, database), "create_tables": False}
    jobs = JobQueue(NAME, storage_class=PostgresStorage, **words)
    _make_tables(jobs.storage)
    return jobs


def _connect(database: dict[str, Any]) -> psycopg.Connection[Any]:
    return psycopg.connect(
        dbname=database["NAME"],
        user=database["USER"] or None,
        password=database["PASSWORD"] or None,
        host=database["HOST"] or None,
        port=database["PORT"] or None,
    )


def _make_tables(storage: Any) -> None:
    """``CREATE TABLE IF NOT EXISTS`` fails when two workers that start at once both try."""
    with storage.db(commit=True, close=True) as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", (_TABLES_LOCK,))
        for statement in storage.ddl:
            cursor.execute(statement)
