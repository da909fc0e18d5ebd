"""Pages about one's own account: sign-in and security, API tokens, accepting an invitation."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import ClassVar
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from securegrid.portal.accounts import invitations, services
from securegrid.portal.accounts.access import person, public, signed_in
from securegrid.portal.accounts.forms import AcceptForm, TokenForm
from securegrid.portal.accounts.labels import role_names, scope_names
from securegrid.portal.accounts.models import ApiToken, User
from securegrid.portal.accounts.roles import Scope
from securegrid.portal.refusals import Refused
from securegrid.portal.ui.forms import show_refusal
from securegrid.portal.ui.page import Page


@dataclass(frozen=True, slots=True)
class ProfilePage(Page):
    """Who I am here and how my sign-in is protected."""

    template: ClassVar[str] = "accounts/profile.html"
    name: str
    email: str
    organisation: str
    roles: tuple[str, ...]
    has_totp: bool
    passkeys: int
    has_recovery_codes: bool


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One of my API tokens; its text is not known to the portal."""

    id: UUID
    name: str
    hint: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    state: str
    """``live``, ``expired`` or ``revoked``."""


@dataclass(frozen=True, slots=True)
class TokensPage(Page):
    """My API tokens."""

    template: ClassVar[str] = "accounts/tokens.html"
    tokens: tuple[TokenRow, ...]


@dataclass(frozen=True, slots=True)
class NewTokenPage(Page):
    """Making an API token."""

    template: ClassVar[str] = "accounts/token_new.html"
    form: TokenForm


@dataclass(frozen=True, slots=True)
class MadeTokenPage(Page):
    """A token's text, shown this once."""

    template: ClassVar[str] = "accounts/token_made.html"
    name: str
    text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AcceptPage(Page):
    """Choosing a password with an invitation."""

    template: ClassVar[str] = "accounts/accept.html"
    form: AcceptForm


@dataclass(frozen=True, slots=True)
class LostPasswordPage(Page):
    """Who makes a new link when the password is lost."""

    template: ClassVar[str] = "accounts/lost_password.html"


@require_safe
@signed_in
def profile(request: HttpRequest) -> HttpResponse:
    """Show the account and its factors."""
    user = person(request)
    factors = list(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    page = ProfilePage(
        name=user.name,
        email=user.email,
        organisation=str(user.member or ""),
        roles=role_names(user.roles),
        has_totp=Authenticator.Type.TOTP in factors,
        passkeys=factors.count(Authenticator.Type.WEBAUTHN),
        has_recovery_codes=Authenticator.Type.RECOVERY_CODES in factors,
    )
    return page.response(request)


@require_safe
@signed_in
def tokens(request: HttpRequest) -> HttpResponse:
    """List the person's own tokens, living ones first."""
    now = timezone.now()
    rows = [token_row(token, now) for token in person(request).tokens.order_by("-created_at")]
    rows.sort(key=lambda row: row.state != "live")
    return TokensPage(tuple(rows)).response(request)


def token_row(token: ApiToken, now: datetime) -> TokenRow:
    """What is shown of a token."""
    expired = token.expires_at <= now
    return TokenRow(
        id=token.public_id,
        name=token.name,
        hint=token.hint,
        scopes=scope_names(token.scopes),
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
        state="revoked" if token.revoked_at else "expired" if expired else "live",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@reauthentication_required  # type: ignore[untyped-decorator]
def new_token(request: HttpRequest) -> HttpResponse:
    """Make a token after the sign-in was confirmed; its text is in this one answer only."""
    user = person(request)
    form = TokenForm(user, request.POST or None)
    if form.is_valid():
        try:
            return _made_token(request, user, form)
        except Refused as refused:
            show_refusal(form, refused)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return NewTokenPage(form).response(request, status)


def _made_token(request: HttpRequest, user: User, form: TokenForm) -> HttpResponse:
    scopes = [Scope(scope) for scope in form.cleaned_data["scopes"]]
    name = form.cleaned_data["name"]
    text, token = services.issue_token(user, name, scopes, form.lifetime, timezone.now())
    page = MadeTokenPage(token.name, text, token.expires_at)
    return page.response(request, HTTPStatus.CREATED)


@require_POST
@signed_in
def revoke_token(request: HttpRequest, token: UUID) -> HttpResponse:
    """End one of the person's own tokens."""
    mine = get_object_or_404(ApiToken, public_id=token, user=person(request))
    services.revoke_token(mine, timezone.now())
    messages.success(request, _("The token “%(name)s” was revoked.") % {"name": mine.name})
    return redirect("accounts:tokens")


@require_http_methods(["GET", "HEAD", "POST"])
@public
def set_password(request: HttpRequest) -> HttpResponse:
    """Open an account by its invitation.

    The link carries its code after ``#``, which browsers never send: it reaches no log.
    """
    form = AcceptForm(request.POST or None)
    if form.is_valid():
        try:
            invitations.accept(
                form.cleaned_data["token"], form.cleaned_data["password"], timezone.now()
            )
            messages.success(request, _("The password is set. You can sign in now."))
            return redirect("account_login")
        except Refused as refused:
            show_refusal(form, refused)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return AcceptPage(form).response(request, status)


@require_safe
@public
def lost_password(request: HttpRequest) -> HttpResponse:
    """Say who helps: the portal sends no mail."""
    return LostPasswordPage().response(request)


@public
def absent(request: HttpRequest, key: str = "") -> HttpResponse:
    """Stands where allauth would serve what this portal does not offer."""
    raise Http404
