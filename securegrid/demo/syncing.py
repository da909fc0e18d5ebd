"""Waiting until the demo's indexes are filled for the first time, in a process with Django."""

import sys
import time
from collections.abc import Callable

import django

if __name__ == "__main__":
    django.setup()  # models can be imported only from here on

from django.utils import timezone

from securegrid.portal.alliance.models import Misp, MispMode
from securegrid.portal.indexing.services import Standing, overviews

WITHIN_S = 120.0
"""Real data takes longer than the composed."""
_LOOK_EVERY_S = 0.2


def wait_until_filled(
    within_s: float = WITHIN_S,
    timer: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Wait until every indexed MISP answers from its index; False when that takes too long."""
    until = timer() + within_s
    while not _are_filled():
        if timer() >= until:
            return False
        sleep(_LOOK_EVERY_S)
    return True


def _are_filled() -> bool:
    indexed = Misp.objects.filter(mode=MispMode.INDEXED)
    found = overviews(indexed, timezone.now())
    return all(one.standing is Standing.READY for one in found)


if __name__ == "__main__":
    sys.exit(0 if wait_until_filled() else 1)
