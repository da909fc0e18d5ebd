"""What a sync may keep of a MISP and how hard it may ask, as its owner decided."""

from collections.abc import Iterable
from datetime import datetime

from securegrid.index.rules import Pace, Rules
from securegrid.portal.alliance.models import Misp
from securegrid.portal.indexing.models import MispIndex
from securegrid.portal.indexing.schedule import quiet_hours


def rules_of(misp: Misp) -> Rules:
    """What may be kept of ``misp``, as it stands in the database now."""
    index = MispIndex.objects.select_related("misp").get(misp=misp)
    return Rules(
        published_only=index.misp.published_only,
        left_out_tags=tuple(index.misp.left_out_tags),
        left_out_types=tuple(index.misp.left_out_types),
        blocks=index.blocks,
    )


def pace_of(misp: Misp) -> Pace:
    """How hard a sync may ask ``misp``, as it stands in the database now.

    One request at a time; the pause between the requests of a search holds for a sync too.
    """
    index = MispIndex.objects.select_related("misp").get(misp=misp)
    quiet = quiet_hours(index.quiet_from, index.quiet_until, index.quiet_zone)
    return Pace(
        requests_per_minute=60_000 / index.misp.pause_ms if index.misp.pause_ms else None,
        attributes_per_minute=60.0 * index.rate_per_s or None,
        quiet=() if quiet is None else (quiet,),
    )


def busy_misps(misps: Iterable[Misp], now: datetime) -> frozenset[int]:
    """The primary keys of those that are not to be asked for anything else at ``now``: they are
    being synced, or their owners want them to be left in peace."""
    rows = MispIndex.objects.filter(misp__in=list(misps))
    return frozenset(row.misp_id for row in rows if _is_synced(row, now) or _is_quiet(row, now))


def _is_synced(index: MispIndex, now: datetime) -> bool:
    return index.claim is not None and index.claimed_until is not None and index.claimed_until > now


def _is_quiet(index: MispIndex, now: datetime) -> bool:
    quiet = quiet_hours(index.quiet_from, index.quiet_until, index.quiet_zone)
    return quiet is not None and quiet.holds(now)
