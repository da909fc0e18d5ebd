"""Dropping from the store what is no MISP's index any more."""

from datetime import datetime

import structlog

from securegrid.index.port import Store
from securegrid.portal.indexing.models import Generation
from securegrid.portal.indexing.services import drop_retired

log = structlog.get_logger(__name__)


def sweep(store: Store, now: datetime) -> int:
    """Drop retired generations and those that the portal does not know; how many of the latter.

    A generation's row is made before the store hears of it. So the store is asked first: what it
    had then and the portal does not know now is left from a portal that was restored or removed.
    """
    drop_retired(now)
    held = store.generations()
    known = frozenset(Generation.objects.values_list("name", flat=True))
    for name in held - known:
        store.drop(name)
    if held - known:
        log.info("generations dropped that no MISP has", generations=len(held - known))
    return len(held - known)
