"""What people do with imports: upload, read again, publish, stop, undo, give up."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import May
from securegrid.portal.alliance.checks import checked_key
from securegrid.portal.alliance.models import Member, Misp
from securegrid.portal.config import config
from securegrid.portal.imports import files, sealed
from securegrid.portal.imports.claims import (
    claim,
    due,
    fail,
    finish_publishing,
    finish_reading,
    finish_undo,
    note,
    note_writing,
    release,
    running,
    wait,
)
from securegrid.portal.imports.formats import Told, checked, shown_name
from securegrid.portal.imports.models import WORK, Import, State
from securegrid.portal.refusals import Problem, Refused

__all__ = [
    "claim",
    "discard",
    "due",
    "expire",
    "fail",
    "finish_publishing",
    "finish_reading",
    "finish_undo",
    "imports_of",
    "likely_misp",
    "misps_of",
    "note",
    "note_writing",
    "publish",
    "read_again",
    "release",
    "running",
    "stop",
    "sweep",
    "undo",
    "upload",
    "wait",
]

MOST_WAITING = 20
"""Imports of one member whose file is still here."""
_NO_WORK = {"claim": None, "claimed_at": None, "claimed_until": None, "done": 0, "total": 0}
_CLEAN = {"failures": 0, "last_error": "", "last_error_at": None, "due_at": None}


def imports_of(user: User) -> QuerySet[Import]:
    """The imports that ``user`` may see: those of the own member, the newest first."""
    found = Import.objects.select_related("misp", "person").order_by("-created_at", "-pk")
    if user.may(May.IMPORT_DATA) and user.member_id is not None:
        return found.filter(member_id=user.member_id)
    return found.none()


def misps_of(member: Member) -> QuerySet[Misp]:
    """The MISPs into which a member may publish: its own, as far as they have a key."""
    own = Misp.objects.filter(member=member).exclude(sealed_key=b"")
    return own.select_related("member").order_by("name")


def upload(
    user: User,
    name: str,
    chunks: Iterable[bytes],
    *,
    now: datetime,
    told: Told,
) -> Import:
    """Take a file in, and let a worker read it. Raises ``Refused``; then nothing is kept."""
    member = user.member
    if member is None or not user.may(May.IMPORT_DATA):
        raise Refused(Problem.NOT_ALLOWED, "file")
    if Import.objects.filter(member=member, file_deleted_at=None).count() >= MOST_WAITING:
        raise Refused(Problem.TOO_MANY_IMPORTS, "file")
    imported = Import(
        member=member,
        person=user,
        created_at=now,
        **checked(told, now),
    )
    imported.sealed_name = sealed.seal_name(imported, shown_name(name))
    imported.size = files.keep(imported.public_id, chunks, config().max_upload_bytes)
    try:
        imported.save()
    except BaseException:
        files.forget(imported.public_id)
        raise
    return imported


def read_again(imported: Import, told: Told) -> None:
    """Read the file anew as something else. Raises ``Refused`` when it cannot be."""
    changes = checked(told, imported.created_at)
    with transaction.atomic():
        current = _locked(imported, State.READY, State.FAILED)
        if current.has_written or current.file_deleted_at is not None:
            raise Refused(Problem.IMPORT_BUSY, "format")
        _change(current, State.READING, **changes, sealed_preview=b"", read_at=None)


def publish(imported: Import, misp: Misp, *, key: str = "", force: bool = False) -> None:
    """Let a worker write it into ``misp``, one of the member's own. Raises ``Refused``.

    ``key``: one that may write, kept sealed until the work is done; without it the MISP's own is
    used. ``force``: also what breaks a rule, which is left out otherwise.
    """
    if misp.member_id != imported.member_id or not misp.sealed_key:
        raise Refused(Problem.MISP_NOT_OWN, "misp")
    with transaction.atomic():
        current = _locked(imported, State.READY)
        if current.has_written and current.misp_id != misp.pk:
            raise Refused(Problem.IMPORT_ELSEWHERE, "misp")
        if _is_half_done(current, misp):
            raise Refused(Problem.IMPORT_HALF_DONE, "misp")
        current.misp = misp
        _change(
            current, State.PUBLISHING, misp=misp, is_forced=bool(force and current.errors),
            sealed_key=_sealed_key(current, key),
        )  # fmt: skip


def _is_half_done(imported: Import, misp: Misp) -> bool:
    """Whether another import of the same source is not whole at the MISP: the journal would take
    both for one."""
    same = Import.objects.filter(misp=misp, source=imported.source, format=imported.format)
    begun = same.filter(has_written=True).exclude(state=State.PUBLISHED)
    return begun.exclude(pk=imported.pk).exists()


def undo(imported: Import, *, key: str = "") -> None:
    """Let a worker delete from the MISP exactly what the import wrote. Raises ``Refused``."""
    with transaction.atomic():
        current = _locked(imported, State.READY, State.PUBLISHED)
        if not current.has_written or current.misp is None:
            raise Refused(Problem.IMPORT_BUSY, "")
        if not current.misp.sealed_key:
            raise Refused(Problem.KEY_MISSING, "key")
        _change(current, State.UNDOING, sealed_key=_sealed_key(current, key))


def _sealed_key(imported: Import, key: str) -> bytes:
    return sealed.seal_key(imported, checked_key(key)) if key else b""


def stop(imported: Import) -> None:
    """Stop the work: back to where a person decides. What was written stays until it is undone."""
    with transaction.atomic():
        current = _locked(imported, *WORK)
        if current.state == State.READING:
            raise Refused(Problem.IMPORT_BUSY, "")
        was_published = current.state == State.UNDOING and current.published_at is not None
        back = State.PUBLISHED if was_published else State.READY
        _change(current, back, sealed_key=b"")


def discard(imported: Import, now: datetime) -> None:
    """Give it up and delete its file. Raises ``Refused`` once something of it was written."""
    with transaction.atomic():
        current = _locked(imported, State.READING, State.READY, State.FAILED)
        if current.has_written:
            raise Refused(Problem.IMPORT_BUSY, "")
        _change(current, State.DISCARDED, file_deleted_at=now, sealed_preview=b"", sealed_key=b"")
    files.forget(imported.public_id)


def expire(now: datetime) -> int:
    """Delete the files that nobody published in time; how many. Those of running work stay."""
    until = now - timedelta(days=config().upload_days)
    old = Import.objects.filter(created_at__lt=until, file_deleted_at=None)
    waiting = old.filter(state__in=[State.READY, State.FAILED, State.READING], claim=None)
    done = 0
    for imported in waiting:
        kept = imported.has_written  # then it can still be undone
        state = imported.state if kept else State.DISCARDED
        same = waiting.filter(pk=imported.pk, has_written=kept, state=imported.state)
        preview = {} if kept else {"sealed_preview": b""}
        if same.update(state=state, file_deleted_at=now, **preview):
            files.forget(imported.public_id)
            done += 1
    return done


def likely_misp(imported: Import) -> Misp | None:
    """Where it will probably go: where it was begun, where the same source went last, or the only
    one there is. None: nobody knows yet."""
    if imported.misp is not None:
        return imported.misp
    same = Import.objects.filter(member=imported.member, source=imported.source)
    last = same.filter(state=State.PUBLISHED).order_by("-published_at").first()
    own = list(misps_of(imported.member)[:2])
    if last is not None and last.misp is not None:
        return last.misp
    return own[0] if len(own) == 1 else None


def sweep(now: datetime) -> int:
    """Expire, and delete what no import needs any more; how many folders of the latter.

    What another machine let expire still lies here.
    """
    expire(now)
    needed = Import.objects.filter(file_deleted_at=None)
    known = set(needed.values_list("public_id", flat=True))
    strays = [name for name in files.names() if name not in known and files.is_old(name, now)]
    for name in strays:
        files.forget(name)
    return len(strays)


def _locked(imported: Import, *states: State) -> Import:
    """The row, locked, in one of ``states``. Raises ``Refused`` in another."""
    rows = Import.objects.select_for_update(of=("self",)).select_related("misp")
    current = rows.filter(pk=imported.pk, state__in=states).first()
    if current is None:
        raise Refused(Problem.IMPORT_BUSY, "")
    return current


def _change(imported: Import, state: State, **changes: object) -> None:
    row = Import.objects.filter(pk=imported.pk)
    row.update(state=state, **_NO_WORK, **_CLEAN, **changes)
