"""One sync per MISP at a time: claimed by one conditional UPDATE, held by a lease, given back."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog
from django.db import transaction
from django.db.models import Q

from securegrid.index.port import Size
from securegrid.index.trouble import Trouble
from securegrid.misp.failures import Reason
from securegrid.portal.alliance.models import Misp
from securegrid.portal.indexing.generations import exchange
from securegrid.portal.indexing.keys import key_of
from securegrid.portal.indexing.models import Generation, MispIndex
from securegrid.portal.indexing.modes import RELEASED
from securegrid.portal.indexing.records import Changes, Claim, ClaimLost, Progress
from securegrid.portal.indexing.schedule import is_due, pause_after, quiet_hours
from securegrid.portal.sealing import SealError

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=2)
"""A sync that was not heard of for so long is dead: each request ends within a minute."""

_BEGUN = {"events_done": 0, "events_total": 0, "attributes_done": 0, "attributes_total": 0}


def due(now: datetime) -> list[Misp]:
    """The MISPs whose sync is due, the longest waiting first.

    Not: live, switched off, resting or paused ones, those in their quiet hours, and those that
    another sync works on.
    """
    found = [index for index in _offered() if _is_due(index, now) and _is_free(index, now)]
    found.sort(key=lambda index: (index.due_at is not None, index.due_at or now))
    return [index.misp for index in found]


def _offered() -> list[MispIndex]:
    indexes = MispIndex.objects.select_related("misp__member", "current", "next").filter(
        Q(current__isnull=False) | Q(next__isnull=False), paused_at=None
    )
    return [index for index in indexes if index.misp.is_offered]


def _is_due(index: MispIndex, now: datetime) -> bool:
    hours = quiet_hours(index.quiet_from, index.quiet_until, index.quiet_zone)
    rests = index.misp.resting_until is not None and now < index.misp.resting_until
    interval = timedelta(minutes=index.interval_min)
    quiet = hours is not None and hours.holds(now)
    return is_due(index.due_at, now, interval) and not rests and not quiet


def _is_free(index: MispIndex, now: datetime) -> bool:
    until = index.claimed_until
    return index.claim is None or until is None or until <= now or until > now + 2 * LEASE


def claim_sync(misp: Misp, now: datetime, lease: timedelta = LEASE) -> Claim | None:
    """Take the one right to sync ``misp``; None when another holds it, or there is no index.

    The generation is the one that answers when its sync is overdue, otherwise the next one while
    it is being filled: so an index stays fresh while its key is rotated, provided that the
    holder gives a long filling back now and then (``release_sync``). Whether a sync is due at all
    is asked before (``due``); "sync now" does not ask.
    """
    index = MispIndex.objects.select_related("current", "next").filter(misp=misp).first()
    generation = None if index is None else _to_sync(index, now)
    if index is None or generation is None or not misp.is_offered:
        return None
    token = uuid4()
    if not _take(index, generation, token, now, lease):
        return None
    try:
        key = key_of(generation)
    except SealError:
        log.error("the secret of an index cannot be opened", misp=str(misp.public_id))
        MispIndex.objects.filter(claim=token).update(**RELEASED)
        return None
    filling = generation.pk == index.next_id
    return Claim(misp, token, generation.name, key, generation.epoch, filling, now, lease)


def _to_sync(index: MispIndex, now: datetime) -> Generation | None:
    if index.current is None or index.next is None:
        return index.current or index.next
    synced = index.current.synced_at
    overdue = synced is None or synced + timedelta(minutes=index.interval_min) <= now
    return index.current if overdue else index.next


def _take(
    index: MispIndex, generation: Generation, token: UUID, now: datetime, lease: timedelta
) -> bool:
    """The conditional UPDATE; its conditions are columns of this one row, so that PostgreSQL
    looks at them again when it had to wait for another process."""
    # A lease that ends impossibly late was written before the clock was set back.
    dead = Q(claimed_until__lte=now) | Q(claimed_until__gt=now + 2 * max(lease, LEASE))
    free = MispIndex.objects.filter(
        Q(claim=None) | dead, pk=index.pk, paused_at=None,
        current=index.current_id, next=index.next_id,
    )  # fmt: skip
    told = {"last_error": Trouble.INTERRUPTED.value, "last_error_at": now} if index.claim else {}
    return (
        free.update(
            claim=token,
            claimed_at=now,
            claimed_until=now + lease,
            claimed_generation=generation.name,
            **_BEGUN,
            **told,
        )
        == 1
    )


def note_progress(claim: Claim, now: datetime, progress: Progress) -> None:
    """Renew the lease and say how far the sync is.

    Raises ``ClaimLost`` when it must stop: paused, destroyed, begun anew, or taken over.
    """
    held = MispIndex.objects.filter(claim=claim.token)
    renewed = held.update(
        claimed_until=now + claim.lease,
        events_done=progress.events_done,
        events_total=progress.events_total,
        attributes_done=progress.attributes_done,
        attributes_total=progress.attributes_total,
    )
    if renewed != 1:
        raise ClaimLost


def finish_sync(claim: Claim, now: datetime, size: Size, changes: Changes) -> None:
    """The sync is complete; a generation that was being filled answers from now on.

    Raises ``ClaimLost``, and then nothing is changed.
    """
    with transaction.atomic():
        index = _held(claim)
        _keep_account(claim, now, size, changes)
        if index.next is not None and index.next.name == claim.generation:
            exchange(index, now)
        # A filling that waits for its turn goes on at once.
        again = now + timedelta(minutes=index.interval_min) if index.next is None else now
        MispIndex.objects.filter(pk=index.pk).update(
            **RELEASED, due_at=again, failures=0, last_error="", last_error_at=None
        )


def _held(claim: Claim) -> MispIndex:
    """The row of the index, locked for this transaction."""
    index = MispIndex.objects.select_for_update().filter(claim=claim.token).first()
    if index is None:
        raise ClaimLost
    return index


def _keep_account(claim: Claim, now: datetime, size: Size, changes: Changes) -> None:
    generation = Generation.objects.filter(name=claim.generation)
    generation.update(
        synced_at=claim.started_at, events=size.events, rows=size.rows, bytes=size.bytes
    )
    generation.filter(filled_at=None).update(filled_at=now)
    if changes != Changes():
        generation.update(
            changed_at=now, events_replaced=changes.replaced, events_removed=changes.removed
        )


def release_sync(claim: Claim, now: datetime) -> None:
    """Give the claim back unfinished, to go on at once: a slice is over, the process ends."""
    MispIndex.objects.filter(claim=claim.token).update(**RELEASED, due_at=now)


def fail_sync(
    claim: Claim,
    now: datetime,
    why: Reason | Trouble,
    retry_after_s: float | None = None,
) -> None:
    """The sync failed; the next one waits longer with each failure. A lost claim is no error.

    ``retry_after_s``: when the MISP said to come again, if it did.
    """
    with transaction.atomic():
        index = MispIndex.objects.select_for_update().filter(claim=claim.token).first()
        if index is not None:
            failures = index.failures + 1
            MispIndex.objects.filter(pk=index.pk).update(
                **RELEASED,
                failures=failures,
                due_at=now + pause_after(failures, why, retry_after_s),
                last_error=why.value,
                last_error_at=now,
            )
