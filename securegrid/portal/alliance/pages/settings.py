"""The page of the alliance's own settings, for operators."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from securegrid.portal.accounts.access import requires
from securegrid.portal.accounts.roles import May
from securegrid.portal.alliance import services
from securegrid.portal.alliance.forms import AllianceForm
from securegrid.portal.refusals import Refused
from securegrid.portal.ui.forms import show_refusal
from securegrid.portal.ui.page import Page


@dataclass(frozen=True, slots=True)
class SettingsPage(Page):
    """Name, notice, and what owners learn of searchers."""

    template: ClassVar[str] = "alliance/settings.html"
    form: AllianceForm


@require_http_methods(["GET", "HEAD", "POST"])
@requires(May.MANAGE_MEMBERS)
def settings(request: HttpRequest) -> HttpResponse:
    """Show or change the settings."""
    initial = AllianceForm.initial_of(services.the_alliance())
    form = AllianceForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            services.change_alliance(**form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("alliance:settings")
        except Refused as refused:
            show_refusal(form, refused)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return SettingsPage(form).response(request, status)
