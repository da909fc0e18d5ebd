"""The search page: one box that takes anything, what was understood of it, and the options."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import ClassVar

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from securegrid.portal.accounts.access import person, requires
from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import May
from securegrid.portal.alliance.models import Misp
from securegrid.portal.alliance.words import MispState, state_of
from securegrid.portal.config import config
from securegrid.portal.indexing import services as indexing
from securegrid.portal.indexing.services import Standing
from securegrid.portal.searches import services
from securegrid.portal.searches.forms import OptionsForm, ReachForm
from securegrid.portal.searches.pages.repeating import Repeated, repeated
from securegrid.portal.searches.pages.understanding import (
    Box,
    Understood,
    box_of,
    kept,
    read,
    understand,
)
from securegrid.portal.searches.refusals import Problem, SearchRefused
from securegrid.portal.ui.page import Page


@dataclass(frozen=True, slots=True)
class MispChoice:
    """A MISP that can be asked."""

    id: str
    name: str
    member: str
    own: bool
    is_live: bool
    """Whether its owner can see every searched value in its own log."""
    index: Standing
    """What its index does for searches."""
    index_age_s: float | None
    state: MispState
    chosen: bool


@dataclass(frozen=True, slots=True)
class SearchPage(Page):
    """Asking."""

    template: ClassVar[str] = "searches/search.html"
    text: str
    understood: Understood
    form: OptionsForm
    reach: ReachForm
    misps: tuple[MispChoice, ...]
    max_bytes: int
    max_values: int
    problem: str = ""
    misps_problem: str = ""


@dataclass(frozen=True, slots=True)
class UnderstoodPart(Page):
    """What was understood: the fragment that follows each pause in typing."""

    template: ClassVar[str] = "searches/understood.html"
    understood: Understood


@csrf_exempt  # checked by csrf_protect below, once it is known that the form can be read at all
@require_http_methods(["GET", "HEAD", "POST"])
@requires(May.SEARCH)
def search(request: HttpRequest) -> HttpResponse:
    """Show the box (filled with an earlier search for ``?repeat=``), preview it, or ask."""
    if request.method != "POST":
        return _page(request, Box(), _earlier(request)).response(request)
    if _is_too_big(request):
        return _refused(request, Box(), OptionsForm(), _too_long())
    return _posted(request)


def _is_too_big(request: HttpRequest) -> bool:
    """Whether the form is longer than is read; then nothing of it is known."""
    try:
        return request.POST is None
    except RequestDataTooBig:
        return True


def _too_long() -> SearchRefused:
    return SearchRefused(Problem.TEXT_TOO_LONG, "text", limit=config().max_text_bytes)


@csrf_protect
def _posted(request: HttpRequest) -> HttpResponse:
    box, form = box_of(request.POST), OptionsForm(request.POST)
    if request.POST.get("action") != "run":
        return _page(request, box, form=form).response(request)
    if not form.is_valid():
        page = _page(request, box, form=form)
        return page.response(request, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        asked = services.ask(
            person(request),
            kept(read(box), box),
            label=form.cleaned_data["label"],
            purpose=form.cleaned_data["purpose"],
            misps=_chosen(request),
            deadline_s=form.cleaned_data["deadline_s"],
            private="private" in request.POST,
            related="related" in request.POST,
        )
    except SearchRefused as refused:
        return _refused(request, box, form, refused)
    return redirect("searches:result", asked.public_id)


def _chosen(request: HttpRequest) -> list[str] | None:
    """The ticked MISPs; ``None`` when none was unticked."""
    chosen = request.POST.getlist("misp")
    return None if set(chosen) == {str(misp.public_id) for misp in _misps()} else chosen


def _refused(
    request: HttpRequest, box: Box, form: OptionsForm, refused: SearchRefused
) -> HttpResponse:
    words = refused.words(get_language() or "en")
    if refused.field in form.fields:
        form.add_error(refused.field, words)
        page = _page(request, box, form=form)
    elif refused.field == "misps":
        page = _page(request, box, form=form, misps_problem=words)
    else:
        page = _page(request, box, form=form, problem=words)
    too_big = refused.problem is Problem.TEXT_TOO_LONG
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE if too_big else HTTPStatus.UNPROCESSABLE_ENTITY
    return page.response(request, status)


@csrf_exempt  # as above
@require_POST
@requires(May.SEARCH)
def understood(request: HttpRequest) -> HttpResponse:
    """What the box holds now; a fragment for htmx. Nothing is asked and nothing is stored."""
    if _is_too_big(request):
        told = understand(Box(), get_language() or "en")
        problem = _too_long().words(get_language() or "en")
        return UnderstoodPart(_with_problem(told, problem)).response(request)
    return _understood(request)


@csrf_protect
def _understood(request: HttpRequest) -> HttpResponse:
    told = understand(box_of(request.POST), get_language() or "en")
    return UnderstoodPart(told).response(request)


def _with_problem(told: Understood, problem: str) -> Understood:
    return replace(told, problem=problem)


def _earlier(request: HttpRequest) -> Repeated | None:
    if "repeat" not in request.GET:
        return None
    earlier = services.search_for(person(request), request.GET["repeat"])
    if earlier is None:
        raise Http404
    return repeated(earlier)


def _page(
    request: HttpRequest,
    box: Box,
    earlier: Repeated | None = None,
    *,
    form: OptionsForm | None = None,
    problem: str = "",
    misps_problem: str = "",
) -> SearchPage:
    user = person(request)
    reach = ReachForm(request.POST if "text" in request.POST else None)
    if earlier is not None:
        box = Box(text=earlier.text)
        form = OptionsForm(initial=earlier.options)
        reach = ReachForm(initial=earlier.options)
    return SearchPage(
        text=box.text,
        understood=understand(box, get_language() or "en"),
        form=form or OptionsForm(),
        reach=reach,
        misps=_choices(user, _wanted(request, earlier)),
        max_bytes=config().max_text_bytes,
        max_values=config().max_values,
        problem=problem,
        misps_problem=misps_problem,
    )


def _wanted(request: HttpRequest, earlier: Repeated | None) -> Collection[str] | None:
    if earlier is not None:
        return earlier.misps
    return request.POST.getlist("misp") if "text" in request.POST else None


def _misps() -> list[Misp]:
    """The MISPs that a search can name, in the order of the grid."""
    found = Misp.objects.filter(member__suspended_at=None).select_related("member")
    return list(found.order_by("name"))


def _choices(user: User, wanted: Collection[str] | None) -> tuple[MispChoice, ...]:
    now, language = timezone.now(), get_language() or "en"
    return tuple(
        MispChoice(
            id=str(one.misp.public_id),
            name=one.misp.name,
            member=one.misp.member.name,
            own=one.misp.member_id == user.member_id,
            is_live=one.standing is Standing.LIVE,
            index=one.standing,
            index_age_s=one.age_s,
            state=state_of(one.misp, now, language),
            chosen=wanted is None or str(one.misp.public_id) in wanted,
        )
        for one in indexing.overviews(_misps(), now)
    )
