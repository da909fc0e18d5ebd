"""One worker per import at a time: claimed by one conditional UPDATE, held by a lease."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import F, Q

from securegrid.misp.failures import MispFailure
from securegrid.portal.imports import files, sealed
from securegrid.portal.imports.models import WORK, Import, State
from securegrid.portal.imports.records import (
    LEASE,
    Claim,
    ClaimLost,
    Fault,
    Progress,
    Reading,
    Running,
    Writing,
)

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
_A_MOMENT = timedelta(seconds=5)
MOST_FAILURES = 12
"""In a row, of the passing kind (about four hours); then a person is asked."""
_RELEASED = {"claim": None, "claimed_at": None, "claimed_until": None}
_CLEAN = {"failures": 0, "last_error": "", "last_error_at": None, "due_at": None}


def due(now: datetime) -> list[Import]:
    """The imports with work that may begin, the longest waiting first; those that lie here."""
    waiting = Import.objects.filter(_free(now), Q(due_at=None) | Q(due_at__lte=now))
    waiting = waiting.filter(state__in=WORK).order_by("created_at")
    return [each for each in waiting.select_related("misp") if _lies_here(each)]


def _lies_here(imported: Import) -> bool:
    if imported.state == State.UNDOING:
        return imported.misp is not None and files.has_state(imported.misp.public_id)
    return files.is_here(imported.public_id)


def _free(now: datetime) -> Q:
    # A lease that ends impossibly late was written before the clock was set back.
    return Q(claim=None) | Q(claimed_until__lte=now) | Q(claimed_until__gt=now + 2 * LEASE)


def claim(imported: Import, now: datetime, lease: timedelta = LEASE) -> Claim | None:
    """Take the one right to work on ``imported``; None when another holds it."""
    token, step = uuid4(), State(imported.state)
    free = Import.objects.filter(_free(now), pk=imported.pk, state=step, state__in=WORK)
    taken = free.update(claim=token, claimed_at=now, claimed_until=now + lease, done=0, total=0)
    if not taken:
        return None
    fresh = Import.objects.select_related("member", "misp__member").get(pk=imported.pk)
    return Claim(fresh, token, step, lease)


def note(held: Claim, now: datetime, progress: Progress) -> None:
    """Renew the lease and say how far the work is. Raises ``ClaimLost``."""
    renewed = _held(held).update(
        claimed_until=now + held.lease, done=progress.done, total=progress.total
    )
    if not renewed:
        raise ClaimLost


def note_writing(held: Claim, has_written: bool) -> None:
    """Whether something of it may be in the MISP from now on. Raises ``ClaimLost``."""
    if not _held(held).update(has_written=has_written):
        raise ClaimLost


def finish_reading(held: Claim, now: datetime, told: Reading) -> None:
    """Its preview waits for a person from now on. Raises ``ClaimLost``."""
    why = {} if told.fault is None else {"last_error": told.fault.value, "last_error_at": now}
    _finish(
        held, **_CLEAN | why, **_numbers(told), read_at=now, format=told.format,
        state=State.READY if told.fault is None else State.FAILED,
        sealed_preview=sealed.seal_preview(held.imported, told.preview),
    )  # fmt: skip


def _numbers(told: Reading) -> dict[str, int]:
    names = ("lines", "bad_lines", "passed_over", "events", "attributes", "errors", "warnings")
    return {name: getattr(told, name) for name in names}


def finish_publishing(held: Claim, now: datetime, told: Writing) -> None:
    """It is in the MISP; the file is no longer needed. Raises ``ClaimLost``.

    Where an event could not be written, a person decides anew, and the file stays.
    """
    numbers = {
        "events_written": told.events, "attributes_written": told.attributes,
        "attributes_dropped": told.dropped, "attributes_refused": told.refused,
        "events_unpublished": told.unpublished, "has_written": told.has_written,
    }  # fmt: skip
    if told.failed is not None:
        why = {"last_error": told.failed.value, "last_error_at": now}
        _finish(held, **_CLEAN | why, **numbers, state=State.READY, sealed_key=b"")
        return
    _finish(
        held, **_CLEAN, **numbers, state=State.PUBLISHED, published_at=now, file_deleted_at=now,
        sealed_key=b"",
    )  # fmt: skip
    files.forget(held.imported.public_id)


def finish_undo(held: Claim, now: datetime) -> None:
    """Nothing of it is in the MISP any more. Raises ``ClaimLost``."""
    _finish(
        held, **_CLEAN, state=State.UNDONE, undone_at=now, file_deleted_at=now, sealed_key=b"",
        has_written=False,
    )  # fmt: skip
    files.forget(held.imported.public_id)


def _finish(held: Claim, **changes: object) -> None:
    with transaction.atomic():
        if not _held(held).update(**_RELEASED, **changes):
            raise ClaimLost


def release(held: Claim, now: datetime) -> None:
    """Give the claim back unfinished, to go on at once: the worker ends."""
    _held(held).update(**_RELEASED, due_at=now)


def wait(held: Claim, now: datetime) -> None:
    """Give the claim back for a moment: another import is being written to the same MISP."""
    _held(held).update(**_RELEASED, due_at=now + _A_MOMENT)


def fail(held: Claim, now: datetime, why: MispFailure | Fault) -> None:
    """The work failed. What passes by itself is tried again later; a lost claim is no error."""
    code = why.reason.value if isinstance(why, MispFailure) else why.value
    told = {"last_error": code, "last_error_at": now, "failures": F("failures") + 1}
    failures = held.imported.failures + 1
    if isinstance(why, MispFailure) and not why.permanent and failures < MOST_FAILURES:
        _held(held).update(**_RELEASED, **told, due_at=now + _pause(failures, why))
    else:
        given_up = {"state": _back_to(held), "due_at": None, "sealed_key": b""}
        _held(held).update(**_RELEASED, **told, **given_up)


def _back_to(held: Claim) -> State:
    """Where a person decides anew."""
    if held.step is State.READING:
        return State.FAILED
    if held.step is State.PUBLISHING or held.imported.published_at is None:
        return State.READY
    return State.PUBLISHED


def _pause(failures: int, why: MispFailure) -> timedelta:
    grown: timedelta = FIRST_PAUSE * 2 ** min(failures - 1, MOST_FAILURES)
    told = timedelta(seconds=min(why.retry_after_s or 0.0, LONGEST_PAUSE.total_seconds()))
    return min(max(grown, told), LONGEST_PAUSE)


def _held(held: Claim):  # type: ignore[no-untyped-def]  # a query set
    return Import.objects.filter(claim=held.token)


def running(imported: Import, now: datetime) -> Running | None:
    """The work that goes on; None when no worker is at it."""
    started, until = imported.claimed_at, imported.claimed_until
    if imported.claim is None or started is None or until is None or until <= now:
        return None
    rate = imported.done / max(1.0, (now - started).total_seconds())
    left = imported.total - imported.done
    return Running(
        step=State(imported.state),
        started_at=started,
        progress=Progress(imported.done, imported.total),
        rate_per_s=rate,
        remaining_s=left / rate if imported.done and left >= 0 else None,
    )
