"""Pages about MISPs: list, connect, look at, change, test, switch on and off, disconnect."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import ClassVar
from uuid import UUID

from asgiref.sync import async_to_sync
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from securegrid.portal.accounts.access import person, requires
from securegrid.portal.accounts.roles import May
from securegrid.portal.alliance import health, services
from securegrid.portal.alliance.forms import MispForm
from securegrid.portal.alliance.labels import TLS, VISIBILITY, VISIBILITY_HINTS
from securegrid.portal.alliance.models import Member, Misp, MispMode, TlsMode, Visibility
from securegrid.portal.alliance.scope import MISP_MANAGERS, members_choosable_by, misps_managed_by
from securegrid.portal.alliance.words import MispState, state_of
from securegrid.portal.refusals import Refused
from securegrid.portal.ui.forms import show_refusal
from securegrid.portal.ui.page import Page
from securegrid.words import advice, say


@dataclass(frozen=True, slots=True)
class MispRow:
    """One MISP in the list."""

    id: UUID
    name: str
    url: str
    member: str
    state: MispState
    is_indexed: bool
    visibility: str
    version: str
    tested_at: datetime | None


@dataclass(frozen=True, slots=True)
class MispsPage(Page):
    """The MISPs that this person manages."""

    template: ClassVar[str] = "alliance/misps.html"
    misps: tuple[MispRow, ...]
    shows_members: bool
    may_connect: bool


@dataclass(frozen=True, slots=True)
class ConnectPage(Page):
    """Connecting a MISP."""

    template: ClassVar[str] = "alliance/misp_connect.html"
    form: MispForm


@dataclass(frozen=True, slots=True)
class EditPage(Page):
    """Changing a MISP."""

    template: ClassVar[str] = "alliance/misp_edit.html"
    id: UUID
    name: str
    form: MispForm


@dataclass(frozen=True, slots=True)
class TestResult:
    """What a test found."""

    __test__ = False  # not a test of pytest's
    failure: str
    """Why it failed, in the user's language; empty when it answered."""
    advice: str = ""
    """What to do about the failure."""
    version: str = ""
    round_trip_ms: float | None = None
    organisation: str = ""
    role: str = ""
    may_add: bool = False
    may_tag: bool = False
    may_sight: bool = False
    is_mighty: bool = False


@dataclass(frozen=True, slots=True)
class MispPage(Page):
    """One MISP: how it is reached, what it shows, how it served the last day."""

    template: ClassVar[str] = "alliance/misp.html"
    id: UUID
    name: str
    url: str
    member: str
    state: MispState
    is_indexed: bool
    enabled: bool
    has_key: bool
    tls: str
    is_insecure: bool
    has_client_certificate: bool
    visibility: str
    visibility_hint: str
    published_only: bool
    left_out_tags: tuple[str, ...]
    left_out_types: tuple[str, ...]
    concurrency: int
    pause_ms: int
    version: str
    tested_at: datetime | None
    p50_ms: float | None
    p95_ms: float | None
    answered: int
    failed: int
    result: TestResult | None = None


@require_safe
@requires(*MISP_MANAGERS)
def misps(request: HttpRequest) -> HttpResponse:
    """List the MISPs."""
    user = person(request)
    now = timezone.now()
    page = MispsPage(
        misps=tuple(_row(misp, now) for misp in misps_managed_by(user)),
        shows_members=user.may(May.MANAGE_ANY_MISPS),
        may_connect=members_choosable_by(user, May.MANAGE_ANY_MISPS).exists(),
    )
    return page.response(request)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*MISP_MANAGERS)
def connect(request: HttpRequest) -> HttpResponse:
    """Connect a MISP of the own member, or for operators of any."""
    members = list(members_choosable_by(person(request), May.MANAGE_ANY_MISPS))
    form = MispForm(None, members, request.POST or None)
    if form.is_valid():
        try:
            misp = _connected(form, members)
            messages.success(request, _("Connected. Test it now."))
            return redirect("alliance:misp", misp.public_id)
        except Refused as refused:
            show_refusal(form, refused)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return ConnectPage(form).response(request, status)


def _connected(form: MispForm, members: list[Member]) -> Misp:
    given = dict(form.cleaned_data)
    member: Member = given.pop("member", None) or members[0]
    return services.add_misp(member, given.pop("name"), given.pop("url"), given.pop("key"), **given)


@require_safe
@requires(*MISP_MANAGERS)
def misp(request: HttpRequest, misp: UUID) -> HttpResponse:
    """Show one MISP."""
    return _page(_managed(request, misp)).response(request)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*MISP_MANAGERS)
def edit(request: HttpRequest, misp: UUID) -> HttpResponse:
    """Change a MISP; what is left empty among the secrets stays."""
    chosen = _managed(request, misp)
    form = MispForm(chosen, (), request.POST or None)
    if form.is_valid():
        try:
            services.change_misp(chosen, **form.changes())
            messages.success(request, _("Saved."))
            return redirect("alliance:misp", chosen.public_id)
        except Refused as refused:
            show_refusal(form, refused)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return EditPage(chosen.public_id, chosen.name, form).response(request, status)


@require_POST
@requires(*MISP_MANAGERS)
def test(request: HttpRequest, misp: UUID) -> HttpResponse:
    """Ask the MISP for its version and the key's permissions, and show the page with both."""
    chosen = _managed(request, misp)
    try:
        result = _result(async_to_sync(services.test_misp)(chosen))
    except Refused as refused:
        result = TestResult(failure=refused.words(_language()))
    return _page(chosen, result).response(request)


@require_POST
@requires(*MISP_MANAGERS)
def switch(request: HttpRequest, misp: UUID) -> HttpResponse:
    """Switch a MISP on or off."""
    chosen = _managed(request, misp)
    try:
        services.set_enabled(chosen, request.POST.get("enabled") == "yes")
        text = _("Switched on.") if chosen.enabled else _("Switched off: it is not asked.")
        messages.success(request, text)
    except Refused as refused:
        messages.error(request, refused.words(_language()))
    return redirect("alliance:misp", chosen.public_id)


@require_POST
@requires(*MISP_MANAGERS)
def disconnect(request: HttpRequest, misp: UUID) -> HttpResponse:
    """Switch a MISP off and forget its key."""
    chosen = _managed(request, misp)
    services.disconnect(chosen)
    messages.success(request, _("Disconnected: the portal has forgotten its key."))
    return redirect("alliance:misp", chosen.public_id)


def _managed(request: HttpRequest, misp: UUID) -> Misp:
    return get_object_or_404(misps_managed_by(person(request)), public_id=misp)


def _row(misp: Misp, now: datetime) -> MispRow:
    return MispRow(
        id=misp.public_id,
        name=misp.name,
        url=misp.url,
        member=misp.member.name,
        state=state_of(misp, now, _language()),
        is_indexed=misp.mode == MispMode.INDEXED,
        visibility=str(VISIBILITY[Visibility(misp.visibility)]),
        version=misp.version,
        tested_at=misp.tested_at,
    )


def _page(misp: Misp, result: TestResult | None = None) -> MispPage:
    now = timezone.now()
    served = health.summary([misp], now - timedelta(days=1), now)[0]
    shown = Visibility(misp.visibility)
    return MispPage(
        id=misp.public_id,
        name=misp.name,
        url=misp.url,
        member=misp.member.name,
        state=state_of(misp, now, _language()),
        is_indexed=misp.mode == MispMode.INDEXED,
        enabled=misp.enabled,
        has_key=bool(misp.sealed_key),
        tls=str(TLS[TlsMode(misp.tls)]),
        is_insecure=misp.tls == TlsMode.INSECURE,
        has_client_certificate=bool(misp.sealed_client_pem),
        visibility=str(VISIBILITY[shown]),
        visibility_hint=str(VISIBILITY_HINTS[shown]),
        published_only=misp.published_only,
        left_out_tags=tuple(misp.left_out_tags),
        left_out_types=tuple(misp.left_out_types),
        concurrency=misp.concurrency,
        pause_ms=misp.pause_ms,
        version=misp.version,
        tested_at=misp.tested_at,
        p50_ms=served.p50_ms,
        p95_ms=served.p95_ms,
        answered=served.answered,
        failed=served.failed,
        result=result,
    )


def _result(found: services.MispTest) -> TestResult:
    if found.reason is not None:
        language = _language()
        return TestResult(
            failure=say(found.reason, language), advice=advice(found.reason, language)
        )
    return TestResult(
        failure="",
        version=found.version,
        round_trip_ms=found.round_trip_ms,
        organisation=found.organisation,
        role=found.role,
        may_add=found.may_add,
        may_tag=found.may_tag,
        may_sight=found.may_sight,
        is_mighty=found.is_mighty,
    )


def _language() -> str:
    return get_language() or "en"
