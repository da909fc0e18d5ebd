"""The page on which a log or a table is uploaded."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from securegrid.portal.accounts.access import person, requires
from securegrid.portal.accounts.roles import May
from securegrid.portal.config import config
from securegrid.portal.imports import services
from securegrid.portal.imports.forms import UploadForm
from securegrid.portal.imports.models import Import
from securegrid.portal.imports.records import AUTO
from securegrid.portal.quality.rules import profile
from securegrid.portal.refusals import Refused
from securegrid.portal.ui.forms import show_refusal
from securegrid.portal.ui.page import Page


@dataclass(frozen=True, slots=True)
class UploadPage(Page):
    """Uploading: the form, the largest size, and how long a file is kept."""

    template: ClassVar[str] = "imports/new.html"
    form: UploadForm
    most_bytes: int
    days: int
    sources: tuple[str, ...]
    """Those that the alliance's profile knows, to choose from."""


@require_http_methods(["GET", "HEAD", "POST"])
@requires(May.IMPORT_DATA)
def new(request: HttpRequest) -> HttpResponse:
    """Take a file in; a worker reads it."""
    member = person(request).member
    if member is None:
        raise Http404
    initial = {
        "format": AUTO,
        "source": member.name[:100],
        "zone": timezone.get_current_timezone_name(),
        "tlp": "tlp:amber",
    }
    is_sent = request.method == "POST"
    form = UploadForm(request.POST if is_sent else None, request.FILES or None, initial=initial)
    if form.is_valid():
        try:
            imported = _taken_in(request, form)
            messages.success(request, _("Uploaded. It is read in the background."))
            return redirect("imports:import", imported.public_id)
        except Refused as refused:
            show_refusal(form, refused)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    settings = config()
    sources = tuple(source.name for source in profile().sources)
    page = UploadPage(form, settings.max_upload_bytes, settings.upload_days, sources)
    return page.response(request, status)


def _taken_in(request: HttpRequest, form: UploadForm) -> Import:
    file = form.cleaned_data["file"]
    return services.upload(
        person(request), file.name or "", file.chunks(), now=timezone.now(), told=form.told()
    )
