"""Views that belong to no room: the way home, the theme, and the pages for errors."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from securegrid.portal.ui.page import Page
from securegrid.portal.ui.shell import THEME_COOKIE, Theme, items_for

YEAR_S = 365 * 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class ErrorPage(Page):
    """A page that says what went wrong in general words, never with details."""

    template: ClassVar[str] = "ui/error.html"
    code: int


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the first page of the navigation that this person may open."""
    items = items_for(request.user, request.path)
    return redirect(items[0].url if items else "accounts:profile")


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme in a cookie and return to the page."""
    chosen = request.POST.get("theme", "")
    if chosen not in {known.value for known in Theme}:
        raise Http404
    answer = HttpResponseRedirect(safe_way_back(request))
    answer.set_cookie(
        THEME_COOKIE, chosen, max_age=YEAR_S, samesite="Lax", secure=request.is_secure()
    )
    return answer


def safe_way_back(request: HttpRequest) -> str:
    """The page given as ``next`` when it is one of ours, otherwise the home page."""
    asked = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return asked if ours else "/"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Status 400."""
    return ErrorPage(400).response(request, HTTPStatus.BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Status 403 (a page that a stranger must not find is a 404 instead)."""
    return ErrorPage(403).response(request, HTTPStatus.FORBIDDEN)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Status 403 for a form that did not come from our own page, or came too late."""
    return ErrorPage(403).response(request, HTTPStatus.FORBIDDEN)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Status 404, the same for absent and forbidden."""
    return ErrorPage(404).response(request, HTTPStatus.NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """Status 500; made without the database, which may be what failed."""
    return HttpResponse(render_to_string("ui/500.html"), status=HTTPStatus.INTERNAL_SERVER_ERROR)
