"""Pages about one's own account, tried by its owner, a colleague, a stranger and nobody."""

import re
from datetime import timedelta
from http import HTTPStatus

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from securegrid.portal.accounts import invitations, services
from securegrid.portal.accounts.models import ApiToken, User
from securegrid.portal.accounts.roles import Role, Scope
from securegrid.portal.alliance.models import Member
from tests.conftest import PASSWORD

NEW_PASSWORD = "a quite different long phrase"


def signed_in(user: User) -> Client:
    """Through the real page."""
    client = Client()
    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == HTTPStatus.FOUND
    return client


def confirmed(user: User) -> Client:
    """Signed in, and the password entered once more."""
    client = signed_in(user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def _token(user: User, name: str = "script") -> ApiToken:
    return services.issue_token(user, name, [Scope.SEARCH], timedelta(days=9), timezone.now())[1]


def test_profile_tells_who_one_is(analyst: User) -> None:
    page = signed_in(analyst).get("/account/").content.decode()
    assert analyst.email in page
    assert str(analyst.member) in page
    assert "Analyst" in page


def test_profile_counts_the_factors(analyst: User) -> None:
    Authenticator.objects.create(user=analyst, type="totp", data={})
    Authenticator.objects.create(user=analyst, type="webauthn", data={})
    page = signed_in_without_factor(analyst).get("/account/").context["page"]
    assert (page.has_totp, page.passkeys, page.has_recovery_codes) == (True, 1, False)


def signed_in_without_factor(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("address", ["/account/", "/account/tokens/", "/account/tokens/new"])
def test_the_anonymous_are_led_to_the_sign_in(db: None, address: str) -> None:
    answer = Client().get(address)
    assert answer.status_code == HTTPStatus.FOUND
    assert answer.headers["Location"].startswith("/accounts/login/?next=")


def test_a_token_is_shown_once(analyst: User) -> None:
    client = confirmed(analyst)
    given = {"name": "SOAR", "scopes": ["search"], "days": "30"}
    answer = client.post("/account/tokens/new", given)
    assert answer.status_code == HTTPStatus.CREATED
    assert answer.headers["Cache-Control"] == "no-store, private"
    found = re.findall(r"sg_[A-Za-z0-9_-]{43}", answer.content.decode())
    assert len(found) == 1
    assert services.token_user(found[0], timezone.now()) is not None
    assert found[0] not in client.get("/account/tokens/").content.decode()


def test_a_token_needs_the_password_once_more(analyst: User) -> None:
    client = signed_in(analyst)
    answer = client.get("/account/tokens/new")
    assert answer.status_code == HTTPStatus.FOUND
    assert "/accounts/reauthenticate/" in answer.headers["Location"]
    assert client.post("/account/tokens/new", {"name": "x", "days": "30"}).status_code == 302
    assert not ApiToken.objects.exists()


def test_only_useful_scopes_are_offered(analyst: User) -> None:
    client = confirmed(analyst)
    form = client.get("/account/tokens/new").context["page"].form
    assert [code for code, _ in form.fields["scopes"].choices] == ["search"]
    given = {"name": "x", "scopes": ["admin"], "days": "30"}
    assert client.post("/account/tokens/new", given).status_code == 422


def test_a_token_without_scope_is_refused_beside_the_field(analyst: User) -> None:
    answer = confirmed(analyst).post("/account/tokens/new", {"name": "x", "days": "30"})
    assert answer.status_code == 422
    assert answer.context["page"].form.errors.keys() == {"scopes"}


def test_one_sees_only_ones_own_tokens(analyst: User, owner: User, stranger: User) -> None:
    _token(analyst, "mine")
    assert "mine" in signed_in(analyst).get("/account/tokens/").content.decode()
    for other in (owner, stranger):
        assert "mine" not in signed_in(other).get("/account/tokens/").content.decode()


def test_one_revokes_only_ones_own_tokens(analyst: User, owner: User, stranger: User) -> None:
    token = _token(analyst)
    address = f"/account/tokens/{token.public_id}/revoke"
    for other in (owner, stranger):
        assert signed_in(other).post(address).status_code == 404
    assert signed_in(analyst).get(address).status_code == 405
    token.refresh_from_db()
    assert token.revoked_at is None
    assert signed_in(analyst).post(address).status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_an_invitation_opens_the_account_once(member: Member) -> None:
    made = invitations.invite("new@example.org", "New", member, [Role.ANALYST], timezone.now())
    given = {"token": made.token, "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert Client().post("/invitation/", given).headers["Location"] == "/accounts/login/"
    made.user.refresh_from_db()
    assert made.user.check_password(NEW_PASSWORD)
    again = Client().post("/invitation/", given)
    assert again.status_code == 422
    assert "used or has expired" in again.content.decode()


def test_the_invitations_code_and_password_are_not_sent_back_on_a_failure(member: Member) -> None:
    made = invitations.invite("new@example.org", "New", member, [Role.ANALYST], timezone.now())
    given = {"token": made.token, "password": NEW_PASSWORD, "again": "another long phrase"}
    answer = Client().post("/invitation/", given)
    assert answer.status_code == 422
    assert "differ" in answer.content.decode()
    assert NEW_PASSWORD not in answer.content.decode()


def test_a_weak_password_is_refused_in_japanese(member: Member) -> None:
    made = invitations.invite("new@example.org", "New", member, [Role.ANALYST], timezone.now())
    client = Client(headers={"Accept-Language": "ja"})
    answer = client.post(
        "/invitation/", {"token": made.token, "password": "password1234", "again": "password1234"}
    )
    assert "12文字以上" in answer.content.decode()


def test_who_lost_the_password_learns_whom_to_ask(db: None) -> None:
    page = Client().get("/accounts/password/reset/").content.decode()
    assert "administrator" in page


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/login/",
        "/accounts/logout/",
        "/accounts/reauthenticate/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/webauthn/",
        "/accounts/2fa/webauthn/add/",
        "/accounts/2fa/recovery-codes/generate/",
    ],
)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_allauths_pages_wear_the_shell(analyst: User, address: str, language: str) -> None:
    client = confirmed(analyst)
    client.cookies["django_language"] = language
    answer = client.get(address, follow=True)
    assert answer.status_code == 200
    assert "ui/portal.css" in answer.content.decode()
    assert f'<html lang="{language}"' in answer.content.decode()


def test_a_changed_password_works(analyst: User) -> None:
    client = signed_in(analyst)
    given = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert client.post("/accounts/password/change/", given).status_code == 302
    analyst.refresh_from_db()
    assert analyst.check_password(NEW_PASSWORD)


def test_a_wrong_password_does_not_tell_whether_the_account_exists(analyst: User) -> None:
    pages = [
        Client().post("/accounts/login/", {"login": email, "password": "wrong"}).content.decode()
        for email in (analyst.email, "nobody@example.org")
    ]
    errors = [re.findall(r'<div class="alert alert-danger".*?</div>', p, re.DOTALL) for p in pages]
    assert errors[0] == errors[1] != []
