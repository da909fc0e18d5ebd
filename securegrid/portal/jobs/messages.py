"""What a job's message may say, in JSON: which job, for which MISP or import; nothing else."""

from enum import StrEnum
from uuid import UUID

import msgspec
from huey.registry import Message

TASKS = "securegrid.portal.jobs.tasks"
"""The module whose functions the jobs are; huey puts it before their names."""
LONGEST_MESSAGE = 256
"""Bytes; ours have at most 120."""


class Job(StrEnum):
    """Everything that a worker can be told to do."""

    LOOK = "look"
    """Look which MISPs are due, and tell the workers."""
    SYNC = "sync"
    """Bring the index of one MISP up to date, or go on filling its next epoch."""
    SWEEP = "sweep"
    """Drop from the store what is no MISP's index any more, and uploads that nobody published."""
    IMPORT = "import"
    """Read, publish or undo one import, whichever its row says."""
    QUALITY = "quality"
    """Look over the data quality of one MISP."""


SUBJECTS: dict[Job, str] = {Job.SYNC: "misp", Job.QUALITY: "misp", Job.IMPORT: "imported"}
"""Which id a job's message must hold; the others hold none."""


class BadMessage(ValueError):  # noqa: N818 - it says what is bad
    """Bytes in the queue that are no message of ours. Its text never holds what they were."""


class Wire(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A message as it lies in the queue."""

    job: Job
    id: UUID
    misp: UUID | None = None
    """The MISP's public id, for a sync or a look at its data quality."""
    imported: UUID | None = None
    """The import's public id."""


class JsonSerializer:
    """Between huey's messages and JSON; in the place of huey's own serializer, which is pickle.

    Anything but a plain message of a known job is refused, both ways: so no object is ever made
    of what lies in the queue, and nothing but ids ever gets into it.
    """

    def serialize(self, message: Message) -> bytes:
        """The message as JSON. Raises ``BadMessage``."""
        return msgspec.json.encode(_wire(message))

    def deserialize(self, data: bytes) -> Message:
        """The message that ``data`` is. Raises ``BadMessage``."""
        if len(data) > LONGEST_MESSAGE:
            raise BadMessage("too long")
        try:
            wire = msgspec.json.decode(data, type=Wire)
        except ValueError:  # msgspec's own errors are ValueErrors, and may quote the input
            raise BadMessage("not a message of a known job") from None
        held = {name: one for name in ("misp", "imported") if (one := getattr(wire, name))}
        if [*held] != [name for name in (SUBJECTS.get(wire.job),) if name]:
            raise BadMessage("an id where none belongs, or none where one does")
        return Message(str(wire.id), task_name(wire.job), args=tuple(map(str, held.values())))


def task_name(job: Job) -> str:
    """What huey's registry calls ``job``."""
    return f"{TASKS}.{job.value}"


def _wire(message: Message) -> Wire:
    try:
        job = Job(message.name.removeprefix(f"{TASKS}."))
        (one,) = message.args or (None,)
        subject = {} if one is None else {SUBJECTS[job]: UUID(one)}
        wire = Wire(job, UUID(message.id), **subject)
    except (ValueError, AttributeError, TypeError, KeyError):
        raise BadMessage("only a known job's name and one id can be sent") from None
    # What is left at its default needs no place in the message; all else has none.
    if message._replace(id="", name="", args=()) != Message("", "", args=(), **_PLAIN):
        raise BadMessage("more than a message may hold")
    return wire


_PLAIN = {"kwargs": {}, "retries": 0, "retry_delay": 0, "retry_backoff": 0}
"""What huey writes into every message."""
