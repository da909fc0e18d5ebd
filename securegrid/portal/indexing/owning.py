"""What an owner does to its index: settings, pause, rebuild, rotate, destroy."""

from datetime import datetime, time
from zoneinfo import ZoneInfo, available_timezones

from django.db import transaction

from securegrid.index.rules import Quiet
from securegrid.portal.alliance.models import Misp, MispMode
from securegrid.portal.indexing.generations import begin_next, retire_all
from securegrid.portal.indexing.models import MispIndex
from securegrid.portal.indexing.modes import RELEASED, renew
from securegrid.portal.indexing.records import Settings
from securegrid.portal.refusals import Problem, Refused

MIN_INTERVAL_MIN, MAX_INTERVAL_MIN = 5, 7 * 24 * 60
MIN_AGE_H, MAX_AGE_H = 1, 30 * 24
MIN_RATE_PER_S, MAX_RATE_PER_S = 100, 1_000_000


def pause(misp: Misp, now: datetime) -> None:
    """Begin no more syncs and stop the one at work; the index answers until it is too old."""
    with transaction.atomic():
        index = index_of(misp)
        MispIndex.objects.filter(pk=index.pk).update(**RELEASED, paused_at=now)


def resume(misp: Misp, now: datetime) -> None:
    """Sync again from now on; an index that was destroyed begins anew."""
    with transaction.atomic():
        index = index_of(misp)
        MispIndex.objects.filter(pk=index.pk).update(paused_at=None, due_at=None, failures=0)
        if index.current_id is None and index.next_id is None:
            begin_next(index, now)


def sync_now(misp: Misp, now: datetime) -> None:
    """Let the next sync be due at once, whatever failed before (quiet hours stay quiet)."""
    with transaction.atomic():
        index = index_of(misp)
        MispIndex.objects.filter(pk=index.pk).update(due_at=None, failures=0)


def begin_rotation(misp: Misp, now: datetime) -> None:
    """Begin the next key epoch beside the current one, or go on with the one begun."""
    with transaction.atomic():
        index = index_of(misp)
        if index.next_id is None:
            begin_next(index, now)
        MispIndex.objects.filter(pk=index.pk).update(due_at=None)


def rebuild(misp: Misp, now: datetime) -> None:
    """Read the whole MISP anew under a fresh key; what was half filled is thrown away.

    The current generation answers until the new one is complete. It ends a pause.
    """
    with transaction.atomic():
        index = index_of(misp)
        MispIndex.objects.filter(pk=index.pk).update(paused_at=None)
        renew(index, now)


def destroy(misp: Misp, now: datetime) -> None:
    """Destroy keys and rows and sync no more until ``resume`` or ``rebuild``.

    The MISP stays indexed: searches say that its index is missing, and never ask it live.
    """
    with transaction.atomic():
        index = index_of(misp)
        MispIndex.objects.filter(pk=index.pk).update(**RELEASED, paused_at=now)
        retire_all(index, now)


def change_settings(misp: Misp, settings: Settings, now: datetime) -> None:
    """Keep what the owner decided; other rows for blocks mean building anew. Raises Refused."""
    _check(settings)
    with transaction.atomic():
        index = index_of(misp)
        quiet = settings.quiet
        MispIndex.objects.filter(pk=index.pk).update(
            interval_min=settings.interval_min,
            max_age_h=settings.max_age_h,
            quiet_from=None if quiet is None else quiet.start,
            quiet_until=None if quiet is None else quiet.end,
            quiet_zone="UTC" if quiet is None else quiet.zone.key,
            rate_per_s=settings.rate_per_s,
            blocks=settings.blocks,
        )
        if settings.blocks != index.blocks and (index.current_id or index.next_id):
            renew(index, now)


def index_of(misp: Misp) -> MispIndex:
    """The index of an indexed MISP, locked for the transaction that surrounds this.

    So two clicks begin one generation. Raises ``Refused`` for a MISP that is live or
    disconnected.
    """
    indexes = MispIndex.objects.select_for_update(of=("self",))
    index = indexes.filter(misp=misp, misp__mode=MispMode.INDEXED).first()
    if index is None or not misp.sealed_key:
        raise Refused(Problem.NOT_INDEXED, "mode")
    return index


def _check(settings: Settings) -> None:
    if not MIN_INTERVAL_MIN <= settings.interval_min <= MAX_INTERVAL_MIN:
        raise Refused(Problem.INDEX_LIMIT_INVALID, "interval_min")
    if not MIN_AGE_H <= settings.max_age_h <= MAX_AGE_H:
        raise Refused(Problem.INDEX_LIMIT_INVALID, "max_age_h")
    if settings.max_age_h * 60 <= settings.interval_min:
        raise Refused(Problem.INDEX_AGE_TOO_SHORT, "max_age_h")
    if settings.rate_per_s and not MIN_RATE_PER_S <= settings.rate_per_s <= MAX_RATE_PER_S:
        raise Refused(Problem.INDEX_LIMIT_INVALID, "rate_per_s")


def quiet_of(begins: time | None, ends: time | None, zone: str) -> Quiet | None:
    """The quiet hours as entered: two different times, or neither. Raises ``Refused``."""
    if begins is None and ends is None:
        return None
    if begins is None or ends is None or begins == ends:
        raise Refused(
            Problem.QUIET_HOURS_INVALID, "quiet_from" if begins is None else "quiet_until"
        )
    if zone not in available_timezones():
        raise Refused(Problem.QUIET_HOURS_INVALID, "quiet_zone")
    return Quiet(begins, ends, ZoneInfo(zone))
