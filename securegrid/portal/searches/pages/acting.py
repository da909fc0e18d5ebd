"""What can be done with a search: ask again, delete, download."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from securegrid.portal.accounts.access import requires
from securegrid.portal.accounts.roles import May
from securegrid.portal.searches import download, services
from securegrid.portal.searches.models import Search
from securegrid.portal.searches.pages.looks import language
from securegrid.portal.searches.pages.result import found_search
from securegrid.portal.searches.refusals import SearchRefused


@require_POST
@requires(May.SEARCH)
def retry(request: HttpRequest, search: UUID) -> HttpResponse:
    """Ask only the missing cells again."""
    found = found_search(request, search)
    try:
        services.retry(found)
    except SearchRefused as refused:
        messages.error(request, refused.words(language()))
    return redirect("searches:result", found.public_id)


@require_POST
@requires(May.SEARCH)
def delete(request: HttpRequest, search: UUID) -> HttpResponse:
    """Delete a search; what owners saw of it stays in their ledgers."""
    services.delete(found_search(request, search))
    messages.success(request, _("The search was deleted."))
    return redirect("searches:history")


@require_safe
@requires(May.SEE_OWN_SEARCHES)
def csv(request: HttpRequest, search: UUID) -> HttpResponse:
    """Download the hits as CSV."""
    found = found_search(request, search)
    text = "".join(download.as_csv(found))
    return _file(found, text.encode(), "csv", "text/csv; charset=utf-8")


@require_safe
@requires(May.SEE_OWN_SEARCHES)
def json(request: HttpRequest, search: UUID) -> HttpResponse:
    """Download the whole search as JSON."""
    found = found_search(request, search)
    return _file(found, download.as_json(found), "json", "application/json")


def _file(search: Search, content: bytes, ending: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    name = f"search-{search.created_at:%Y%m%d-%H%M%S}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store, private"
    return response
