"""Pages about members, for operators: list, add, rename, suspend, resume."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import ClassVar
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from securegrid.portal.accounts.access import requires
from securegrid.portal.accounts.labels import role_names
from securegrid.portal.accounts.roles import May
from securegrid.portal.alliance import services
from securegrid.portal.alliance.forms import MemberForm
from securegrid.portal.alliance.models import Member
from securegrid.portal.alliance.words import MispState, state_of
from securegrid.portal.refusals import Refused
from securegrid.portal.ui.forms import show_refusal
from securegrid.portal.ui.page import Page


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member in the list."""

    id: UUID
    name: str
    people: int
    misps: int
    created_at: datetime
    suspended_at: datetime | None


@dataclass(frozen=True, slots=True)
class MembersPage(Page):
    """All members."""

    template: ClassVar[str] = "alliance/members.html"
    members: tuple[MemberRow, ...]
    form: MemberForm


@dataclass(frozen=True, slots=True)
class MemberPerson:
    """One person of a member."""

    id: UUID
    name: str
    email: str
    roles: tuple[str, ...]
    is_active: bool


@dataclass(frozen=True, slots=True)
class MemberMisp:
    """One MISP of a member."""

    id: UUID
    name: str
    state: MispState


@dataclass(frozen=True, slots=True)
class MemberPage(Page):
    """One member with its people and MISPs."""

    template: ClassVar[str] = "alliance/member.html"
    id: UUID
    name: str
    created_at: datetime
    suspended_at: datetime | None
    people: tuple[MemberPerson, ...]
    misps: tuple[MemberMisp, ...]
    form: MemberForm


@require_http_methods(["GET", "HEAD", "POST"])
@requires(May.MANAGE_MEMBERS)
def members(request: HttpRequest) -> HttpResponse:
    """List all members, or add one."""
    form = MemberForm(request.POST or None)
    if form.is_valid():
        try:
            added = services.add_member(form.cleaned_data["name"])
            messages.success(request, _("Added. Invite its people and connect its MISPs next."))
            return redirect("alliance:member", added.public_id)
        except Refused as refused:
            show_refusal(form, refused)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return MembersPage(_rows(), form).response(request, status)


def _rows() -> tuple[MemberRow, ...]:
    counted = Member.objects.annotate(
        people_count=Count("users", distinct=True), misps_count=Count("misps", distinct=True)
    )
    return tuple(
        MemberRow(
            id=row.public_id,
            name=row.name,
            people=row.people_count,
            misps=row.misps_count,
            created_at=row.created_at,
            suspended_at=row.suspended_at,
        )
        for row in counted.order_by("name")
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(May.MANAGE_MEMBERS)
def member(request: HttpRequest, member: UUID) -> HttpResponse:
    """Show a member, or rename it."""
    chosen = get_object_or_404(Member, public_id=member)
    form = MemberForm(request.POST or None, initial={"name": chosen.name})
    if form.is_valid():
        try:
            services.rename_member(chosen, form.cleaned_data["name"])
            messages.success(request, _("Saved."))
            return redirect("alliance:member", chosen.public_id)
        except Refused as refused:
            chosen.refresh_from_db()
            show_refusal(form, refused)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return _page(chosen, form).response(request, status)


def _page(member: Member, form: MemberForm) -> MemberPage:
    now, language = timezone.now(), get_language() or "en"
    people = member.users.prefetch_related("grants").order_by("email")
    misps = member.misps.select_related("member").order_by("name")
    return MemberPage(
        id=member.public_id,
        name=member.name,
        created_at=member.created_at,
        suspended_at=member.suspended_at,
        people=tuple(
            MemberPerson(p.public_id, p.name, p.email, role_names(p.roles), p.is_active)
            for p in people
        ),
        misps=tuple(MemberMisp(m.public_id, m.name, state_of(m, now, language)) for m in misps),
        form=form,
    )


@require_POST
@requires(May.MANAGE_MEMBERS)
def suspend(request: HttpRequest, member: UUID) -> HttpResponse:
    """Shut a member out."""
    chosen = get_object_or_404(Member, public_id=member)
    services.suspend_member(chosen, timezone.now())
    messages.success(request, _("Suspended: its people cannot sign in, its MISPs are not asked."))
    return redirect("alliance:member", chosen.public_id)


@require_POST
@requires(May.MANAGE_MEMBERS)
def resume(request: HttpRequest, member: UUID) -> HttpResponse:
    """Let a member in again."""
    chosen = get_object_or_404(Member, public_id=member)
    services.resume_member(chosen)
    messages.success(request, _("The member is back."))
    return redirect("alliance:member", chosen.public_id)
