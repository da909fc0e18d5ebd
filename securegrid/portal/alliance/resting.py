"""The breaker of each MISP as it is stored, and the one probe that may wake it."""

from datetime import datetime, timedelta

from django.db.models import Q

from securegrid.federation.breaker import Rest
from securegrid.misp.failures import Reason
from securegrid.portal.alliance.models import Misp

PROBE_LEASE = timedelta(seconds=150)
"""A probe not reported by then died with its search (whose deadline is at most 120 s)."""


def rest_of(misp: Misp) -> Rest:
    """The breaker of ``misp`` as it was read from the database."""
    reason = Reason(misp.resting_reason) if misp.resting_reason else None
    return Rest(failures=misp.failures_in_a_row, until=misp.resting_until, reason=reason)


def store_rest(misp: Misp, rest: Rest) -> None:
    """Keep ``rest`` and give the probe back."""
    misp.failures_in_a_row = rest.failures
    misp.resting_until = rest.until
    misp.resting_reason = rest.reason.value if rest.reason is not None else ""
    misp.probe_claimed_until = None
    misp.save(
        update_fields=[
            "failures_in_a_row",
            "resting_until",
            "resting_reason",
            "probe_claimed_until",
        ]
    )


def claim_probe(misp: Misp, now: datetime) -> bool:
    """Take the one probe of a MISP whose pause is over; True for exactly one caller.

    One conditional UPDATE decides, so several processes agree. The claim ends by
    ``store_rest`` or after 150 seconds.
    """
    free = Q(probe_claimed_until=None) | Q(probe_claimed_until__lte=now)
    due = Misp.objects.filter(free, pk=misp.pk, resting_until__lte=now)
    return due.update(probe_claimed_until=now + PROBE_LEASE) == 1
