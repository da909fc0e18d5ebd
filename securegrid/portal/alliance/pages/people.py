"""Pages about people, for operators and member administrators: list, invite, change, suspend."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from securegrid.portal.accounts import invitations, services
from securegrid.portal.accounts.access import person, requires
from securegrid.portal.accounts.labels import ROLES, role_names
from securegrid.portal.accounts.models import ApiToken, User
from securegrid.portal.accounts.roles import May
from securegrid.portal.accounts.views import TokenRow, token_row
from securegrid.portal.alliance.forms import InviteForm, PersonNameForm, RolesForm
from securegrid.portal.alliance.models import Member
from securegrid.portal.alliance.scope import members_choosable_by, people_seen_by
from securegrid.portal.refusals import Problem, Refused
from securegrid.portal.ui.forms import show_refusal
from securegrid.portal.ui.page import Page

MANAGERS = (May.MANAGE_OWN_USERS, May.MANAGE_ANY_USERS)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person in the list."""

    id: UUID
    name: str
    email: str
    member: str
    roles: tuple[str, ...]
    state: str
    """``active``, ``invited`` (no password yet) or ``suspended``."""
    last_login: datetime | None
    may_change: bool


@dataclass(frozen=True, slots=True)
class PeoplePage(Page):
    """The people this person sees."""

    template: ClassVar[str] = "alliance/people.html"
    people: tuple[PersonRow, ...]
    shows_members: bool


@dataclass(frozen=True, slots=True)
class InvitePage(Page):
    """Inviting a person."""

    template: ClassVar[str] = "alliance/invite.html"
    form: InviteForm


@dataclass(frozen=True, slots=True)
class InvitedPage(Page):
    """An invitation's link, shown this once."""

    template: ClassVar[str] = "alliance/invited.html"
    id: UUID
    email: str
    link: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PersonPage(Page):
    """One person."""

    template: ClassVar[str] = "alliance/person.html"
    id: UUID
    name: str
    email: str
    member: str
    state: str
    last_login: datetime | None
    is_me: bool
    name_form: PersonNameForm
    roles_form: RolesForm
    tokens: tuple[TokenRow, ...]


@require_safe
@requires(*MANAGERS)
def people(request: HttpRequest) -> HttpResponse:
    """List the people."""
    user = person(request)
    seen = people_seen_by(user).order_by("member__name", "email")
    rows = tuple(_row(one, user) for one in seen)
    return PeoplePage(rows, user.may(May.MANAGE_ANY_USERS)).response(request)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*MANAGERS)
def invite(request: HttpRequest) -> HttpResponse:
    """Make an account and show the link that opens it."""
    user = person(request)
    form = InviteForm(
        members_choosable_by(user, May.MANAGE_ANY_USERS),
        services.grantable_roles(user),
        request.POST or None,
        outside_allowed=user.may(May.MANAGE_ANY_USERS),
    )
    if form.is_valid():
        try:
            return _invited(request, _invitation(form, user.member), HTTPStatus.CREATED)
        except Refused as refused:
            show_refusal(form, refused)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return InvitePage(form).response(request, status)


def _invitation(form: InviteForm, own: Member | None) -> invitations.Invitation:
    given = form.cleaned_data
    member = given.get("member", own)
    return invitations.invite(given["email"], given["name"], member, given["roles"], timezone.now())


def _invited(
    request: HttpRequest, made: invitations.Invitation, status: HTTPStatus
) -> HttpResponse:
    # After "#": a browser never sends it, so no log on the way holds it.
    link = f"{request.build_absolute_uri(reverse('accounts:set_password'))}#{made.token}"
    page = InvitedPage(made.user.public_id, made.user.email, link, made.expires_at)
    return page.response(request, status)


@require_safe
@requires(*MANAGERS)
def one(request: HttpRequest, user: UUID) -> HttpResponse:
    """Show a person."""
    return _page(request, _managed(request, user)).response(request)


@require_POST
@requires(*MANAGERS)
def roles(request: HttpRequest, user: UUID) -> HttpResponse:
    """Change the roles of a person, but not one's own."""
    target = _managed(request, user)
    form = RolesForm(services.grantable_roles(person(request)), request.POST)
    if form.is_valid():
        try:
            _not_oneself(request, target)
            services.set_roles(target, form.cleaned_data["roles"])
            return _saved(request, target)
        except Refused as refused:
            show_refusal(form, refused)
    page = _page(request, target, roles_form=form)
    return page.response(request, HTTPStatus.UNPROCESSABLE_ENTITY)


@require_POST
@requires(*MANAGERS)
def rename(request: HttpRequest, user: UUID) -> HttpResponse:
    """Change the shown name of a person."""
    target = _managed(request, user)
    form = PersonNameForm(request.POST)
    if form.is_valid():
        try:
            services.rename_user(target, form.cleaned_data["name"])
            return _saved(request, target)
        except Refused as refused:
            target.refresh_from_db()
            show_refusal(form, refused)
    page = _page(request, target, name_form=form)
    return page.response(request, HTTPStatus.UNPROCESSABLE_ENTITY)


@require_POST
@requires(*MANAGERS)
def suspend(request: HttpRequest, user: UUID) -> HttpResponse:
    """Stop a person at once, but not oneself."""
    target = _managed(request, user)
    try:
        _not_oneself(request, target)
        services.suspend_user(target)
        messages.success(request, _("Suspended: sessions and API tokens ended at once."))
    except Refused as refused:
        messages.error(request, refused.words(get_language() or "en"))
    return redirect("alliance:person", target.public_id)


@require_POST
@requires(*MANAGERS)
def resume(request: HttpRequest, user: UUID) -> HttpResponse:
    """Let a person sign in again."""
    target = _managed(request, user)
    services.resume_user(target)
    messages.success(request, _("This person can sign in again."))
    return redirect("alliance:person", target.public_id)


@require_POST
@requires(*MANAGERS)
def link(request: HttpRequest, user: UUID) -> HttpResponse:
    """A fresh link that sets a password; ends sessions and earlier links."""
    target = _managed(request, user)
    made = invitations.invite_again(target, timezone.now())
    return _invited(request, made, HTTPStatus.CREATED)


@require_POST
@requires(*MANAGERS)
def sign_out(request: HttpRequest, user: UUID) -> HttpResponse:
    """End every session of a person."""
    target = _managed(request, user)
    services.sign_out_everywhere(target)
    messages.success(request, _("All sessions of this person have ended."))
    return redirect("alliance:person", target.public_id)


@require_POST
@requires(*MANAGERS)
def revoke(request: HttpRequest, user: UUID, token: UUID) -> HttpResponse:
    """End an API token of a person."""
    target = _managed(request, user)
    services.revoke_token(get_object_or_404(ApiToken, public_id=token, user=target), timezone.now())
    messages.success(request, _("The token was revoked."))
    return redirect("alliance:person", target.public_id)


def _managed(request: HttpRequest, user: UUID) -> User:
    actor = person(request)
    target = get_object_or_404(people_seen_by(actor), public_id=user)
    if not services.may_manage(actor, target):
        raise Http404
    return target


def _not_oneself(request: HttpRequest, target: User) -> None:
    if target.pk == person(request).pk:
        raise Refused(Problem.NOT_ALLOWED, "roles")


def _saved(request: HttpRequest, target: User) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect("alliance:person", target.public_id)


def _row(one: User, actor: User) -> PersonRow:
    return PersonRow(
        id=one.public_id,
        name=one.name,
        email=one.email,
        member=str(one.member or ""),
        roles=role_names(one.roles),
        state=_state(one),
        last_login=one.last_login,
        may_change=services.may_manage(actor, one),
    )


def _page(request: HttpRequest, target: User, **filled: forms.Form) -> PersonPage:
    now = timezone.now()
    actor = person(request)
    held = {"roles": [role.value for role in ROLES if role in target.roles]}
    offered = services.grantable_roles(actor)
    defaults: dict[str, forms.Form] = {
        "name_form": PersonNameForm(initial={"name": target.name}),
        "roles_form": RolesForm(offered, initial=held),
    }
    tokens = target.tokens.filter(revoked_at=None, expires_at__gt=now).order_by("-created_at")
    return PersonPage(
        id=target.public_id,
        name=target.name,
        email=target.email,
        member=str(target.member or ""),
        state=_state(target),
        last_login=target.last_login,
        is_me=target.pk == actor.pk,
        tokens=tuple(token_row(token, now) for token in tokens),
        **(defaults | filled),  # type: ignore[arg-type]
    )


def _state(one: User) -> str:
    if one.is_suspended:
        return "suspended"
    return "active" if one.has_usable_password() else "invited"
