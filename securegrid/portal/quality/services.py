"""Looking over MISPs: which are due, who is at it, what was found, how it went over time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Q, QuerySet

from securegrid.misp.failures import MispFailure
from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import May
from securegrid.portal.alliance.models import Misp
from securegrid.portal.config import config
from securegrid.portal.quality.models import Look, Watch
from securegrid.portal.quality.sealed import Report, report_of, seal_report
from securegrid.portal.refusals import Problem, Refused

LEASE = timedelta(minutes=2)
"""A look that was not heard of for so long is dead."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=24)
FIRST_AFTER = timedelta(minutes=10)
"""So long a MISP that was just connected is left to its first sync."""
KEPT = timedelta(days=400)
"""So long a score stays in the trend."""
_RELEASED = {"claim": None, "claimed_at": None, "claimed_until": None}


class Fault(StrEnum):
    """Why a look failed by itself; a MISP's failures have their own reasons."""

    KEY_GONE = "key_gone"
    UNEXPECTED = "unexpected"


class ClaimLost(Exception):  # noqa: N818 - it says what happened
    """The worker has no right to go on: it was believed dead."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to look over one MISP."""

    misp: Misp
    token: UUID
    lease: timedelta


@dataclass(frozen=True, slots=True)
class Found:
    """What a look found; ``points`` from 0 to 100."""

    points: float
    events: int
    attributes: int
    errors: int
    warnings: int
    report: Report


@dataclass(frozen=True, slots=True)
class Running:
    """A look at work; attributes, ``total`` 0 for unknown."""

    started_at: datetime
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How the quality of one MISP stands: the last two looks, the one at work, the last fault."""

    misp: Misp
    latest: Look | None
    before: Look | None
    running: Running | None
    due_at: datetime | None
    """When the next look begins; None: at once."""
    failures: int
    last_error: str
    last_error_at: datetime | None


def misps_seen_by(user: User) -> QuerySet[Misp]:
    """The MISPs whose data quality ``user`` may see."""
    misps = Misp.objects.select_related("member").order_by("member__name", "name")
    if user.may(May.SEE_ANY_QUALITY):
        return misps
    if user.may(May.SEE_OWN_QUALITY) and user.member_id is not None:
        return misps.filter(member_id=user.member_id)
    return misps.none()


def due(now: datetime) -> list[Misp]:
    """The MISPs that are to be looked over, the longest waiting first.

    Not: those switched off, without a key, or resting after failures.
    """
    misps = Misp.objects.select_related("member").exclude(sealed_key=b"")
    watches = {watch.misp_id: watch for watch in Watch.objects.all()}
    waiting = [(watches.get(misp.pk), misp) for misp in misps if _is_offered(misp, now)]
    found = [pair for pair in waiting if _is_due(_watch(*pair), now)]
    found.sort(key=lambda pair: (pair[0] is not None, (pair[0] and pair[0].due_at) or now))
    return [misp for _, misp in found]


def _watch(watch: Watch | None, misp: Misp) -> Watch:
    """The watch over a MISP, also where nobody has looked at it yet."""
    return watch or Watch(misp=misp, due_at=misp.created_at + FIRST_AFTER)


def _is_offered(misp: Misp, now: datetime) -> bool:
    return misp.is_offered and (misp.resting_until is None or misp.resting_until <= now)


def _is_due(watch: Watch, now: datetime) -> bool:
    until = watch.claimed_until
    free = watch.claim is None or until is None or until <= now or until > now + 2 * LEASE
    # A time impossibly far away was written by a wrong clock.
    latest = now + max(_interval(), LONGEST_PAUSE)
    return free and (watch.due_at is None or watch.due_at <= now or watch.due_at > latest)


def _interval() -> timedelta:
    return timedelta(hours=config().quality_hours)


def claim(misp: Misp, now: datetime, lease: timedelta = LEASE) -> Claim | None:
    """Take the one right to look ``misp`` over; None when another holds it."""
    token = uuid4()
    watch, _ = Watch.objects.get_or_create(misp=misp)
    free = Q(claim=None) | Q(claimed_until__lte=now) | Q(claimed_until__gt=now + 2 * LEASE)
    taken = Watch.objects.filter(free, pk=watch.pk).update(
        claim=token, claimed_at=now, claimed_until=now + lease, done=0, total=0
    )
    return Claim(misp, token, lease) if taken else None


def note(held: Claim, now: datetime, done: int, total: int) -> None:
    """Renew the lease and say how far the look is. Raises ``ClaimLost``."""
    mine = Watch.objects.filter(claim=held.token)
    if not mine.update(claimed_until=now + held.lease, done=done, total=total):
        raise ClaimLost


def finish(held: Claim, now: datetime, found: Found) -> Look:
    """Keep what was found; only the latest look keeps its examples. Raises ``ClaimLost``."""
    look = Look(
        misp=held.misp, at=now, points=found.points, events=found.events,
        attributes=found.attributes, errors=found.errors, warnings=found.warnings,
    )  # fmt: skip
    look.sealed_report = seal_report(look, found.report)
    with transaction.atomic():
        mine = Watch.objects.filter(claim=held.token)
        clean = {"failures": 0, "last_error": "", "last_error_at": None}
        if not mine.update(**_RELEASED, **clean, due_at=now + _interval()):
            raise ClaimLost
        Look.objects.filter(misp=held.misp).exclude(sealed_report=b"").update(sealed_report=b"")
        Look.objects.filter(misp=held.misp, at__lt=now - KEPT).delete()
        look.save()
    return look


def release(held: Claim, now: datetime) -> None:
    """Give the claim back unfinished; the next worker begins anew."""
    Watch.objects.filter(claim=held.token).update(**_RELEASED, due_at=now)


def fail(held: Claim, now: datetime, why: MispFailure | Fault) -> None:
    """The look failed; the next one waits longer with each failure. A lost claim is no error."""
    code = why.reason.value if isinstance(why, MispFailure) else why.value
    told_s = why.retry_after_s if isinstance(why, MispFailure) else None
    mine = Watch.objects.filter(claim=held.token)
    watch = mine.first()
    if watch is not None:
        pause = min(FIRST_PAUSE * 2 ** min(watch.failures, 10), LONGEST_PAUSE)
        told = timedelta(seconds=min(told_s or 0.0, LONGEST_PAUSE.total_seconds()))
        mine.update(
            **_RELEASED, failures=F("failures") + 1, due_at=now + max(pause, told),
            last_error=code, last_error_at=now,
        )  # fmt: skip


def look_now(misp: Misp) -> None:
    """Let the next look be due at once. Raises ``Refused`` for a MISP that may not be asked."""
    if not misp.sealed_key:
        raise Refused(Problem.KEY_MISSING, "key")
    if not misp.is_offered:
        raise Refused(Problem.MISP_SWITCHED_OFF, "enabled")
    Watch.objects.get_or_create(misp=misp)
    Watch.objects.filter(misp=misp).update(due_at=None, failures=0)


def standings(misps: Iterable[Misp], now: datetime) -> list[Standing]:
    """How the quality of these MISPs stands, in their order."""
    wanted = list(misps)
    watches = {watch.misp_id: watch for watch in Watch.objects.filter(misp__in=wanted)}
    return [_standing(misp, _watch(watches.get(misp.pk), misp), now) for misp in wanted]


def _standing(misp: Misp, watch: Watch, now: datetime) -> Standing:
    latest, before, *_ = [*Look.objects.filter(misp=misp).order_by("-at")[:2], None, None]
    return Standing(
        misp=misp,
        latest=latest,
        before=before,
        running=_running(watch, now),
        due_at=watch.due_at,
        failures=watch.failures,
        last_error=watch.last_error,
        last_error_at=watch.last_error_at,
    )


def _running(watch: Watch, now: datetime) -> Running | None:
    started, until = watch.claimed_at, watch.claimed_until
    if watch.claim is None or started is None or until is None or until <= now:
        return None
    return Running(started, watch.done, watch.total)


def report(look: Look) -> Report | None:
    """The arithmetic of a look."""
    return report_of(look)


def trend(misp: Misp, since: datetime) -> list[Look]:
    """The looks since then, the oldest first, without their reports."""
    return list(Look.objects.filter(misp=misp, at__gte=since).order_by("at").defer("sealed_report"))
