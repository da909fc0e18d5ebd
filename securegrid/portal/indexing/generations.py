"""Generations begun, exchanged, retired and destroyed; keys go first, rows after."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.db.models import F

from securegrid.federation.fanout import LONGEST_DEADLINE_S
from securegrid.portal.indexing.keys import give_secret
from securegrid.portal.indexing.models import Generation, MispIndex
from securegrid.portal.indexing.stores import store

log = structlog.get_logger(__name__)

REMEMBERED = timedelta(days=1)
"""A retired generation is dropped again for so long: a sync at work may have made it anew."""
LINGERS = timedelta(seconds=LONGEST_DEADLINE_S)
"""So long the rows stay that answered before their successor did: searches that began before the
exchange hold their key, and still look there. Nobody else can make use of them."""
_WAITS_MS = 2_000
"""For readers of the database, so that its journal can be emptied."""


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

    What was sealed is overwritten by zeros in an SQLite file too, not only marked as free, and
    its journal emptied.
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
    retired = Generation.objects.exclude(retired_at=None).select_related("index")
    if retired:
        _empty_journal()
    return sum(not _drop(one, now) for one in retired if not _lingers(one, now))


def _lingers(generation: Generation, now: datetime) -> bool:
    """Whether searches may still look there; never after a destruction."""
    was_exchanged = generation.filled_at is not None and generation.index.current_id is not None
    return (
        was_exchanged
        and generation.retired_at is not None
        and (now - LINGERS < generation.retired_at <= now)
    )


def _drop(generation: Generation, now: datetime) -> bool:
    """Whether the store has dropped it; the row of one that is long gone goes too."""
    try:
        store().drop(generation.name)
    except Exception as fault:
        # Whatever the store's driver raises: the key is gone already, and it is tried again.
        log.error("a retired index cannot be dropped", fault=type(fault).__name__)
        return False
    if generation.retired_at is not None and generation.retired_at <= now - REMEMBERED:
        generation.delete()
    return True


def _empty_journal() -> None:
    """Let nothing of a destroyed secret stay in SQLite's write-ahead log.

    A reader that does not end in time is no harm: the periodic job tries again.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        (waits_ms,) = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute(f"PRAGMA busy_timeout={_WAITS_MS}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            cursor.execute(f"PRAGMA busy_timeout={int(waits_ms)}")
