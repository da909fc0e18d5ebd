"""What the buttons of an import's page do."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from securegrid.portal.accounts.access import requires
from securegrid.portal.accounts.roles import May
from securegrid.portal.imports import services
from securegrid.portal.imports.forms import HowToReadForm, KeyForm
from securegrid.portal.imports.models import Import
from securegrid.portal.imports.pages.one import Forms, found, publish_form, shown
from securegrid.portal.refusals import Refused
from securegrid.portal.ui.forms import show_refusal


@require_POST
@requires(May.IMPORT_DATA)
def publish(request: HttpRequest, imported: UUID) -> HttpResponse:
    """Publish into the chosen MISP."""
    chosen = found(request, imported)
    form = publish_form(chosen, request.POST)

    def act() -> None:
        given = form.cleaned_data
        services.publish(chosen, form.chosen(), key=given["key"], force=given.get("force", False))

    said = _("It is published in the background.")
    return _sent(request, chosen, form, act, Forms(publish=form), said)


@require_POST
@requires(May.IMPORT_DATA)
def undo(request: HttpRequest, imported: UUID) -> HttpResponse:
    """Delete from the MISP what the import wrote."""
    chosen = found(request, imported)
    form = KeyForm(request.POST, prefix="undo")

    def act() -> None:
        services.undo(chosen, key=form.cleaned_data["key"])

    return _sent(request, chosen, form, act, Forms(undo=form), _("It is undone in the background."))


@require_POST
@requires(May.IMPORT_DATA)
def again(request: HttpRequest, imported: UUID) -> HttpResponse:
    """Read the file anew as something else."""
    chosen = found(request, imported)
    form = HowToReadForm(request.POST, prefix="again")

    def act() -> None:
        services.read_again(chosen, form.told())

    return _sent(request, chosen, form, act, Forms(again=form))


@require_POST
@requires(May.IMPORT_DATA)
def stop(request: HttpRequest, imported: UUID) -> HttpResponse:
    """Stop publishing or undoing."""
    chosen = found(request, imported)
    return _done(request, chosen, lambda: services.stop(chosen), _("Stopped."))


@require_POST
@requires(May.IMPORT_DATA)
def discard(request: HttpRequest, imported: UUID) -> HttpResponse:
    """Give it up; its file is deleted."""
    chosen = found(request, imported)
    said = _("Discarded: the file is deleted.")
    return _done(request, chosen, lambda: services.discard(chosen, timezone.now()), said)


def _sent(
    request: HttpRequest,
    imported: Import,
    form: Form,
    act: Callable[[], None],
    forms: Forms,
    said: str = "",
) -> HttpResponse:
    """Do what a valid form asks for; the page again with what is wrong with it."""
    if not form.is_valid():
        return shown(request, imported, forms)
    try:
        act()
    except Refused as refused:
        return _refused(request, imported, form, refused, forms)
    if said:
        messages.success(request, said)
    return _back(imported)


def _done(
    request: HttpRequest, imported: Import, act: Callable[[], None], said: str
) -> HttpResponse:
    try:
        act()
        messages.success(request, said)
    except Refused as refused:
        messages.error(request, refused.words(get_language() or "en"))
    return _back(imported)


def _back(imported: Import) -> HttpResponse:
    return redirect("imports:import", imported.public_id)


def _refused(
    request: HttpRequest, imported: Import, form: Form, refused: Refused, forms: Forms
) -> HttpResponse:
    """The page with the refusal beside its field; or, where the state changed, above it."""
    if refused.field not in form.fields:
        messages.error(request, refused.words(get_language() or "en"))
        return _back(imported)
    show_refusal(form, refused)
    return shown(request, imported, forms)
