"""Everything that can be done with a search: ask, ask again, delete, find those one may see."""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import QuerySet

from securegrid.federation.fanout import LONGEST_DEADLINE_S, SHORTEST_DEADLINE_S
from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import May
from securegrid.portal.alliance.models import Member, Misp
from securegrid.portal.config import config
from securegrid.portal.searches import cells, question
from securegrid.portal.searches.columns import is_running
from securegrid.portal.searches.engine import Engine, engine
from securegrid.portal.searches.models import MispAnswer, Search, SearchState
from securegrid.portal.searches.question import Question, Title
from securegrid.portal.searches.refusals import Problem, SearchRefused
from securegrid.portal.searches.rounds import (
    Ways,
    first_round,
    index_age_s,
    mode_of,
    next_round,
    ways_to,
)
from securegrid.values.model import Extraction, Reject

MAX_LABEL = 200
MAX_PURPOSE = 2_000
MAX_RUNNING = 32
"""Searches that one person may have running at once in one process of the portal."""
GRACE = timedelta(seconds=15)
"""After its deadline a search has this long to write; then its process counts as gone."""
_REJECTED_KEPT = 10_000
_REOPENED = ("cells", "done", "revision", "mode", "index_age_s")

log = structlog.get_logger(__name__)


def ask(
    user: User,
    extraction: Extraction,
    *,
    label: str = "",
    purpose: str = "",
    misps: Sequence[str] | None = None,
    deadline_s: float | None = None,
    private: bool = False,
    related: bool = False,
    runner: Engine | None = None,
) -> Search:
    """Freeze the question, store it, and begin to ask; returns while the search runs.

    ``misps``: public ids or names, all of the alliance when ``None``. ``deadline_s``: 1 to
    120 seconds. ``private``: only indexed MISPs answer, so that no value leaves the portal.
    ``related``: attributes that are only related to a value hit as well, at indexed MISPs.
    Raises SearchRefused, and then nothing was stored or sent.
    """
    runner = runner or engine()
    title = _checked(user, extraction, label, purpose, deadline_s)
    asked = _asked_misps(misps)
    now = runner.clock.now()
    if runner.running_of(user.pk) >= MAX_RUNNING:
        raise SearchRefused(Problem.TOO_MANY_RUNNING, limit=MAX_RUNNING)
    started_s = runner.clock.monotonic()
    frozen = Question(extraction.entries, extraction.rejected[:_REJECTED_KEPT])
    limit_s = config().deadline_s if deadline_s is None else deadline_s
    ways = ways_to(asked, now)
    with transaction.atomic():
        search = _stored(user, frozen, title, limit_s, now, private=private, related=related)
        answers = _stored_answers(search, asked, ways, now)
    question.remember(search.public_id, frozen)
    runner.start(first_round(search, frozen, answers, ways, now=now, started_s=started_s))
    return search


def retry(search: Search, *, runner: Engine | None = None) -> Search:
    """Ask only the missing cells again; gives the search, running when there were any.

    Raises SearchRefused when it still runs. One conditional UPDATE decides between callers.
    """
    runner = runner or engine()
    now, started_s = runner.clock.now(), runner.clock.monotonic()
    if is_running(search, now):
        raise SearchRefused(Problem.STILL_RUNNING)
    asked = question.unseal_question(search.public_id, search.sealed_question)
    with transaction.atomic():
        _mark_ended(Search.objects.filter(pk=search.pk, must_end_at__lt=now))
        search.refresh_from_db()
        answers = list(_answers_of(search))
        wanted = {answer.pk: _missing(answer) for answer in answers}
        ways = ways_to((answer.misp for answer in answers if wanted[answer.pk]), now)
        if any(wanted.values()):
            _reopen(search, answers, wanted, ways, now)
    search.refresh_from_db()
    if any(wanted.values()):
        runner.start(next_round(search, asked, answers, wanted, ways, now=now, started_s=started_s))
    return search


def delete(search: Search, *, runner: Engine | None = None) -> None:
    """Remove a search and its results, and stop asking; the owners' ledger stays."""
    (runner or engine()).cancel(search.public_id)
    question.forget(search.public_id)
    with transaction.atomic():
        search.hits.all()._raw_delete("default")
        search.answers.all()._raw_delete("default")
        Search.objects.filter(pk=search.pk).delete()


def searches_of(member: Member) -> QuerySet[Search]:
    """The searches of a member, newest first."""
    return Search.objects.filter(member=member).order_by("-created_at", "-id")


def searches_for(user: User) -> QuerySet[Search]:
    """The searches that ``user`` may see: those of the own member, or none."""
    if user.member is None or not user.may(May.SEE_OWN_SEARCHES):
        return Search.objects.none()
    return searches_of(user.member)


def search_for(user: User, search_id: UUID | str) -> Search | None:
    """One search that ``user`` may see; ``None`` when absent or another member's, alike."""
    try:
        wanted = search_id if isinstance(search_id, UUID) else UUID(search_id)
    except ValueError:
        return None
    return searches_for(user).select_related("user").filter(public_id=wanted).first()


def recover(*, now: datetime, everything: bool = False) -> int:
    """Mark the searches of dead processes: their open cells were interrupted; gives how many.

    ``everything``: also those whose time is not over, for the start of a single process.
    """
    dead = Search.objects.filter(state=SearchState.RUNNING)
    with transaction.atomic():
        marked = _mark_ended(dead if everything else dead.filter(must_end_at__lt=now))
    if marked:
        log.warning("searches_interrupted", searches=marked)
    return marked


def _checked(
    user: User, extraction: Extraction, label: str, purpose: str, deadline_s: float | None
) -> Title:
    if user.member is None or not user.may(May.SEARCH):
        raise SearchRefused(Problem.NOT_ALLOWED)
    limit = config().max_values
    too_many = any(piece.reason is Reject.TOO_MANY for piece in extraction.rejected)
    if too_many or len(extraction.entries) > limit:
        raise SearchRefused(Problem.TOO_MANY_VALUES, limit=limit)
    if not extraction.entries:
        raise SearchRefused(Problem.NO_VALUES)
    # Not (a <= x <= b), so that NaN is refused as well.
    if deadline_s is not None and not SHORTEST_DEADLINE_S <= deadline_s <= LONGEST_DEADLINE_S:
        raise SearchRefused(Problem.DEADLINE_INVALID, "deadline_s")
    _check_text(label, MAX_LABEL, Problem.LABEL_INVALID, "label")
    _check_text(purpose, MAX_PURPOSE, Problem.PURPOSE_INVALID, "purpose")
    return Title(label.strip(), purpose.strip())


def _check_text(text: str, limit: int, problem: Problem, field: str) -> None:
    breaks = "" if problem is Problem.LABEL_INVALID else "\n\r\t"
    unusable = any(unicodedata.category(c) in {"Cc", "Cs"} and c not in breaks for c in text)
    if len(text) > limit or unusable:
        raise SearchRefused(problem, field, limit=limit)


def _asked_misps(chosen: Iterable[str] | None) -> list[Misp]:
    """The MISPs to ask, in the order of their names; those of suspended members are absent."""
    known = list(
        Misp.objects.filter(member__suspended_at=None).select_related("member").order_by("name")
    )
    if chosen is not None:
        wanted = set(chosen)
        names = {name: misp for misp in known for name in (misp.name, str(misp.public_id))}
        if not wanted <= names.keys():
            raise SearchRefused(Problem.UNKNOWN_MISP, "misps")
        kept = {names[name].pk for name in wanted}
        known = [misp for misp in known if misp.pk in kept]
    if not known:
        raise SearchRefused(Problem.NO_MISPS, "misps")
    return known


def _stored(
    user: User,
    frozen: Question,
    title: Title,
    deadline_s: float,
    now: datetime,
    *,
    private: bool,
    related: bool,
) -> Search:
    search = Search(
        member=user.member,
        user=user,
        values_count=len(frozen.entries),
        deadline_s=deadline_s,
        private=private,
        related=related,
        created_at=now,
        must_end_at=now + timedelta(seconds=deadline_s) + GRACE,
    )
    search.sealed_question = question.seal_question(search.public_id, frozen)
    search.sealed_title = question.seal_title(search.public_id, title)
    search.save(force_insert=True)
    return search


def _stored_answers(
    search: Search, misps: Sequence[Misp], ways: Ways, now: datetime
) -> list[MispAnswer]:
    empty = bytes(search.values_count)
    return MispAnswer.objects.bulk_create(
        [
            MispAnswer(
                search=search,
                misp=misp,
                order=order,
                cells=empty,
                mode=mode_of(misp, ways),
                index_age_s=index_age_s(misp, ways, now),
            )
            for order, misp in enumerate(misps)
        ]
    )


def _answers_of(search: Search) -> QuerySet[MispAnswer]:
    return MispAnswer.objects.filter(search=search).select_related("misp__member")


def _missing(answer: MispAnswer) -> tuple[int, ...]:
    misp = answer.misp
    switched_on = misp.enabled and misp.member.suspended_at is None
    return cells.missing(bytes(answer.cells), switched_on=switched_on)


def _reopen(
    search: Search,
    answers: Sequence[MispAnswer],
    wanted: dict[int, tuple[int, ...]],
    ways: Ways,
    now: datetime,
) -> None:
    reopened = Search.objects.filter(
        pk=search.pk, state=SearchState.COMPLETE, revision=search.revision
    ).update(
        state=SearchState.RUNNING,
        revision=search.revision + 1,
        must_end_at=now + timedelta(seconds=search.deadline_s) + GRACE,
        elapsed_ms=None,
    )
    if not reopened:
        raise SearchRefused(Problem.STILL_RUNNING)
    for answer in answers:
        if wanted[answer.pk]:
            answer.cells = cells.running(bytes(answer.cells), wanted[answer.pk])
            answer.done = False
            answer.revision = search.revision + 1
            answer.mode = mode_of(answer.misp, ways)
            answer.index_age_s = index_age_s(answer.misp, ways, now)
    MispAnswer.objects.bulk_update(answers, _REOPENED)


def _mark_ended(dead: QuerySet[Search]) -> int:
    """Complete searches whose process is gone; the caller holds the transaction."""
    marked = 0
    for search in dead.filter(state=SearchState.RUNNING).select_for_update():
        revision = search.revision + 1
        for answer in _answers_of(search).filter(done=False):
            ended = cells.ended(bytes(answer.cells))
            MispAnswer.objects.filter(pk=answer.pk).update(
                cells=ended, done=True, revision=revision
            )
        Search.objects.filter(pk=search.pk).update(state=SearchState.COMPLETE, revision=revision)
        marked += 1
    return marked
