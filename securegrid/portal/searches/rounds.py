"""From a stored search to a round for the engine: who is asked what, how, and by which rules."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from securegrid.federation.outcomes import Why
from securegrid.federation.plan import Target
from securegrid.index.lookup import IndexedMisp
from securegrid.misp.connection import Connection
from securegrid.portal.alliance import services as alliance
from securegrid.portal.alliance.models import Misp, MispMode, Visibility
from securegrid.portal.disclosure.rules import shows_events
from securegrid.portal.indexing import services as indexing
from securegrid.portal.indexing.services import Ready
from securegrid.portal.refusals import Refused
from securegrid.portal.searches.job import Asked, Job
from securegrid.portal.searches.models import MispAnswer, Search
from securegrid.portal.searches.question import Question

Ways = Mapping[str, Ready | Why]
"""How each *indexed* MISP (by public id) is asked, or why not; live ones are absent."""


def ways_to(misps: Iterable[Misp], now: datetime) -> Ways:
    """How these MISPs are asked at ``now``; decided once for a whole round."""
    return indexing.indexed_misps(misps, now)


def mode_of(misp: Misp, ways: Ways) -> MispMode:
    """The mode in which the round asks a MISP."""
    return MispMode.INDEXED if str(misp.public_id) in ways else MispMode.LIVE


def index_age_s(misp: Misp, ways: Ways, now: datetime) -> float | None:
    """Seconds since the index that answers was synced; ``None`` when none does."""
    way = ways.get(str(misp.public_id))
    return max(0.0, (now - way.synced_at).total_seconds()) if isinstance(way, Ready) else None


def first_round(
    search: Search,
    asked: Question,
    answers: Sequence[MispAnswer],
    ways: Ways,
    *,
    now: datetime,
    started_s: float,
) -> Job:
    """The round that asks everything."""
    everything = tuple(_asked(search, answer, None, ways, now) for answer in answers)
    return _job(search, asked, everything, now, started_s)


def next_round(
    search: Search,
    asked: Question,
    answers: Sequence[MispAnswer],
    wanted: Mapping[int, Sequence[int]],
    ways: Ways,
    *,
    now: datetime,
    started_s: float,
) -> Job:
    """A round that asks each answer (by its number) only for the ``wanted`` positions."""
    some = tuple(
        _asked(search, answer, frozenset(wanted[answer.pk]), ways, now) for answer in answers
    )
    return _job(search, asked, some, now, started_s)


def _job(
    search: Search, asked: Question, misps: tuple[Asked, ...], now: datetime, started_s: float
) -> Job:
    shown = alliance.the_alliance().show_searching_member
    return Job(
        search_pk=search.pk,
        search_id=search.public_id,
        user_pk=search.user_id,
        member_name=search.member.name if shown else "",
        values=tuple(entry.value for entry in asked.entries),
        asked=misps,
        related=search.related,
        deadline_s=search.deadline_s,
        started_s=started_s,
        started_at=now,
        revision=search.revision,
    )


def _asked(
    search: Search,
    answer: MispAnswer,
    positions: frozenset[int] | None,
    ways: Ways,
    now: datetime,
) -> Asked:
    misp = answer.misp
    own = misp.member_id == search.member_id
    wanted = positions is None or bool(positions)
    connection = _connection(misp) if wanted else None
    way = ways.get(str(misp.public_id))
    refused = _refused(way, search.private)
    return Asked(
        answer_pk=answer.pk,
        misp=misp,
        own=own,
        visibility=Visibility(misp.visibility),
        cells=bytes(answer.cells),
        target=_target(misp, own, positions, connection, refused, now) if wanted else None,
        index=_index(misp, way) if connection is not None else None,
        connection=connection,
        elapsed_ms=answer.elapsed_ms,
        requests=answer.requests,
        attributes=_attributes_before(answer),
        dropped=answer.dropped,
    )


def _refused(way: Ready | Why | None, private: bool) -> Why | None:
    """Why the MISP is not asked: an index without which it is never asked live, or privacy."""
    if way is None:
        return Why.NOT_PRIVATE if private else None
    return way if isinstance(way, Why) else None


def _index(misp: Misp, way: Ready | Why | None) -> IndexedMisp | None:
    if not isinstance(way, Ready):
        return None
    return IndexedMisp(str(misp.public_id), way.generation, way.key, way.synced_at)


def _connection(misp: Misp) -> Connection | None:
    """How to reach it; ``None`` when it is switched off or its key cannot be opened."""
    if not misp.enabled or misp.member.suspended_at is not None:
        return None
    try:
        return alliance.connection_of(misp)
    except (Refused, ValueError):
        return None


def _target(
    misp: Misp,
    own: bool,
    positions: frozenset[int] | None,
    connection: Connection | None,
    refused: Why | None,
    now: datetime,
) -> Target:
    """A searcher of the own member is offered everything; others what the owner offers."""
    rest = alliance.rest_of(misp)
    asks = refused is None and (
        misp.mode == MispMode.LIVE or shows_events(Visibility(misp.visibility), own)
    )
    return Target(
        misp=str(misp.public_id),
        enabled=connection is not None,
        rest=rest,
        concurrency=misp.concurrency,
        pause_s=misp.pause_ms / 1000,
        published_only=misp.published_only and not own,
        left_out_tags=() if own else tuple(misp.left_out_tags),
        left_out_types=() if own else tuple(misp.left_out_types),
        positions=positions,
        may_probe=asks and rest.needs_probe(now) and alliance.claim_probe(misp, now),
        refused=refused,
    )


def _attributes_before(answer: MispAnswer) -> int | None:
    """What earlier rounds counted; ``None`` when they found hits but were not allowed to count."""
    return answer.attributes if answer.attributes is not None or answer.values_hit else 0
