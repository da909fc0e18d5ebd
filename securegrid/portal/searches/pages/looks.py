"""How a search looks: its MISPs, filters and summary in the words of the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from securegrid.federation.outcomes import Why
from securegrid.misp.failures import Reason
from securegrid.portal.alliance.models import Misp, MispMode
from securegrid.portal.alliance.resting import rest_of
from securegrid.portal.searches.models import Search
from securegrid.portal.searches.services import GRACE
from securegrid.portal.searches.shapes import MispShape, MispState, SearchView
from securegrid.words import advice, say


@dataclass(frozen=True, slots=True)
class MispCard:
    """One MISP's part in the search.

    ``reason`` and ``advice`` say why cells have no answer; ``attributes`` is ``None`` where
    the owner does not let the searcher count; ``resting_until`` only while it rests now.
    ``index_age_s``: how old the index was that answered, ``None`` when none did.
    """

    id: str
    name: str
    member: str
    own: bool
    is_live: bool
    index_age_s: float | None
    state: MispState
    reason: str
    advice: str
    elapsed_ms: float | None
    values_hit: int
    attributes: int | None
    resting_until: datetime | None


@dataclass(frozen=True, slots=True)
class Summary:
    """The search as a whole. ``elapsed_ms`` is the time so far while it runs."""

    id: str
    is_running: bool
    is_interrupted: bool
    values_count: int
    values_hit: int
    hit: int
    miss: int
    not_answered: int
    not_asked: int
    running: int
    missing: int
    misps: int
    misps_ready: int
    elapsed_ms: float | None
    deadline_s: float


def language() -> str:
    """The reader's language."""
    return get_language() or "en"


def known_reason(code: str | None) -> StrEnum | None:
    """The Reason or Why with this code."""
    if code is None:
        return None
    return Why(code) if code in {why.value for why in Why} else Reason(code)


def summary(search: Search, view: SearchView) -> Summary:
    """The numbers of a search."""
    cells, running = view.cells, view.state == "running"
    return Summary(
        id=view.id,
        is_running=running,
        is_interrupted=view.interrupted,
        values_count=view.values_count,
        values_hit=view.values_hit,
        hit=cells.hit,
        miss=cells.miss,
        not_answered=cells.not_answered,
        not_asked=cells.not_asked,
        running=cells.running,
        missing=view.missing,
        misps=len(view.misps),
        misps_ready=sum(misp.state is not MispState.RUNNING for misp in view.misps),
        elapsed_ms=_so_far(search) if running else view.elapsed_ms,
        deadline_s=view.deadline_s,
    )


def _so_far(search: Search) -> float:
    """Milliseconds since this round of asking began."""
    left = search.must_end_at - timezone.now() - GRACE
    return max(0.0, (search.deadline_s - left.total_seconds()) * 1000)


def cards(misps: Sequence[MispShape]) -> tuple[MispCard, ...]:
    """The strip of MISPs, in the order of the grid."""
    found = Misp.objects.filter(public_id__in=[misp.id for misp in misps])
    known = {str(misp.public_id): misp for misp in found}
    now = timezone.now()
    return tuple(_card(misp, known.get(misp.id), now) for misp in misps)


def _card(shape: MispShape, misp: Misp | None, now: datetime) -> MispCard:
    reason = known_reason(shape.reason)
    rest = None if misp is None else rest_of(misp)
    return MispCard(
        id=shape.id,
        name=shape.name,
        member=shape.member,
        own=shape.own,
        is_live=shape.mode == MispMode.LIVE,
        index_age_s=shape.index_age_s,
        state=shape.state,
        reason="" if reason is None else say(reason, language()),
        advice="" if reason is None else advice(reason, language()),
        elapsed_ms=shape.elapsed_ms,
        values_hit=shape.values_hit,
        attributes=shape.attributes,
        resting_until=rest.until if rest is not None and rest.is_resting(now) else None,
    )


def why_without_details(code: str | None) -> str:
    """Why a hit has no details, in words; empty when it has."""
    reason = known_reason(code)
    return "" if reason is None else say(reason, language())


def said(told: Summary) -> str:
    """The summary in one sentence, for screen readers; changes only when a MISP is ready."""
    if told.is_running:
        words = _("%(ready)s of %(misps)s MISPs are ready.")
        return words % {"ready": told.misps_ready, "misps": told.misps}
    words = _(
        "The search is complete: %(hit)s of %(values)s values hit."
        " Cells not answered: %(not_answered)s."
    )
    return words % {
        "hit": told.values_hit,
        "values": told.values_count,
        "not_answered": told.not_answered + told.not_asked,
    }
