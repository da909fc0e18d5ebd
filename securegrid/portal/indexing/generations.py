"""Generations begun, exchanged, retired and destroyed; keys go first, rows after."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.db.models import F

from securegrid.portal.indexing.keys import give_secret
from securegrid.portal.indexing.models import Generation, MispIndex
from securegrid.portal.indexing.stores import store

log = structlog.get_logger(__name__)

REMEMBERED = timedelta(days=1)
"""A retired generation is dropped again for so long: a sync at work may have made it anew."""


def begin_next(index: MispIndex, now: datetime) -> None:
    """Begin the next generation, under a fresh key; call inside a transaction."""
    MispIndex.objects.filter(pk=index.pk).update(epoch=F("epoch") + 1, due_at=None)
    index.refresh_from_db()
    generation = Generation(index=index, epoch=index.epoch, created_at=now)
    give_secret(generation)
    generation.save()
    MispIndex.objects.filter(pk=index.pk).update(next=generation)
    index.refresh_from_db()


def exchange(index: MispIndex, now: datetime) -> None:
    """Let the next generation answer and retire the one that did; call inside a transaction."""
    old = index.current_id
    MispIndex.objects.filter(pk=index.pk).update(current=index.next_id, next=None)
    retire([] if old is None else [old], now)
    index.refresh_from_db()


def retire_all(index: MispIndex, now: datetime) -> None:
    """Destroy every generation of an index; call inside a transaction."""
    MispIndex.objects.filter(pk=index.pk).update(current=None, next=None)
    retire(list(index.generations.values_list("pk", flat=True)), now)
    index.refresh_from_db()


def retire(keys: Iterable[int], now: datetime) -> None:
    """Destroy the secrets of these generations now, and their rows when that is committed.

    What was sealed is overwritten by zeros in an SQLite file too, not only marked as free.
    """
    chosen = list(keys)
    if not chosen:
        return
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=ON")
    fresh = Generation.objects.filter(pk__in=chosen, retired_at=None)
    fresh.update(sealed_secret=b"", retired_at=now)
    transaction.on_commit(lambda: drop_retired(now), robust=True)


def drop_retired(now: datetime) -> int:
    """Have the store drop what is retired; how many generations it could not drop.

    Called after each retirement and by the periodic job, so that a store that was away loses
    its leftovers later.
    """
    failed = 0
    for generation in Generation.objects.exclude(retired_at=None):
        try:
            store().drop(generation.name)
        except Exception as fault:
            # Whatever the store's driver raises: the key is gone already, and it is tried again.
            log.error("a retired index cannot be dropped", fault=type(fault).__name__)
            failed += 1
            continue
        if generation.retired_at is not None and generation.retired_at <= now - REMEMBERED:
            generation.delete()
    return failed
