"""Indexed or live: what choosing a mode, leaving out more, or disconnecting does to an index."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from securegrid.portal.alliance.checks import checked_mode, origin_of
from securegrid.portal.alliance.models import Misp, MispMode
from securegrid.portal.indexing.generations import begin_next, retire, retire_all
from securegrid.portal.indexing.models import MispIndex

RELEASED = {"claim": None, "claimed_at": None, "claimed_until": None, "claimed_generation": None}
_CLEAN = {"failures": 0, "last_error": "", "last_error_at": None, "due_at": None}


def set_mode(misp: Misp, mode: str, now: datetime) -> None:
    """Let ``misp`` be searched ``live`` or ``indexed`` from now on. Raises ``Refused``.

    Indexed begins with an empty index, and searches do not ask the MISP until its first sync is
    complete. Live destroys the index's keys and rows.
    """
    checked = checked_mode(mode)
    before = Misp.objects.get(pk=misp.pk)
    with transaction.atomic():
        Misp.objects.filter(pk=misp.pk).update(mode=checked)
        misp.refresh_from_db()
        adapt(before, misp, now)


def follow(before: Misp | None, after: Misp, **_: object) -> None:
    """The listener to ``misp_changed``."""
    adapt(before, after, timezone.now())


def adapt(before: Misp | None, after: Misp, now: datetime) -> None:
    """Bring the index in step with what was changed of its MISP; inside the transaction."""
    if not _wants_index(after):
        _end(after, now)
    elif before is None or not _wants_index(before):
        _begin(after, now)
    elif origin_of(before.url) != origin_of(after.url) or _offers_less(before, after):
        # What the owner no longer offers must not be found for another minute.
        _begin(after, now)
    elif _offer(before) != _offer(after):
        renew(_locked(after), now)


def _wants_index(misp: Misp) -> bool:
    return misp.mode == MispMode.INDEXED and bool(misp.sealed_key)


def _offers_less(before: Misp, after: Misp) -> bool:
    unpublished_gone = after.published_only and not before.published_only
    return (
        unpublished_gone
        or bool(set(after.left_out_tags) - set(before.left_out_tags))
        or bool(set(after.left_out_types) - set(before.left_out_types))
    )


def _offer(misp: Misp) -> tuple[bool, frozenset[str], frozenset[str]]:
    return misp.published_only, _set(misp.left_out_tags), _set(misp.left_out_types)


def _set(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(texts)


def _begin(misp: Misp, now: datetime) -> None:
    MispIndex.objects.get_or_create(misp=misp)
    index = _locked(misp)
    MispIndex.objects.filter(pk=index.pk).update(**RELEASED, **_CLEAN, paused_at=None)
    retire_all(index, now)
    begin_next(index, now)


def _end(misp: Misp, now: datetime) -> None:
    index = MispIndex.objects.filter(misp=misp).first()
    if index is not None:
        MispIndex.objects.filter(pk=index.pk).update(**RELEASED, **_CLEAN, paused_at=None)
        retire_all(index, now)


def _locked(misp: Misp) -> MispIndex:
    return MispIndex.objects.select_for_update().get(misp=misp)


def renew(index: MispIndex, now: datetime) -> None:
    """Begin the next generation afresh; the current one answers until it is complete."""
    MispIndex.objects.filter(pk=index.pk).update(**RELEASED, **_CLEAN)
    half_filled = index.next_id
    if half_filled is not None:
        MispIndex.objects.filter(pk=index.pk).update(next=None)
        retire([half_filled], now)
    begin_next(index, now)
