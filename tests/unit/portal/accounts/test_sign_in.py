"""Signing in: by invitation only, limited attempts, and no way for the suspended."""

import base64
from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.test import Client, RequestFactory

from securegrid.portal.accounts import services
from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.sign_in import MFA_CONTEXT, AccountAdapter, reseal_authenticators
from securegrid.portal.alliance.members import resume_member, suspend_member
from securegrid.portal.alliance.models import Member
from securegrid.portal.config import config
from securegrid.portal.sealing import Sealer, SealError, keys_of, sealer
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
LOGIN = "/accounts/login/"
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def sign_in(client: Client, user: User, password: str = PASSWORD) -> bool:
    client.post(LOGIN, {"login": user.email, "password": password})
    return "_auth_user_id" in client.session


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_the_right_password_signs_in(client: Client, analyst: User) -> None:
    assert sign_in(client, analyst)
    assert is_signed_in(client)


def test_the_wrong_one_does_not(client: Client, analyst: User) -> None:
    assert not sign_in(client, analyst, PASSWORD + "!")
    assert not is_signed_in(client)


def test_an_address_is_written_as_one_likes(client: Client, analyst: User) -> None:
    client.post(LOGIN, {"login": analyst.email.upper(), "password": PASSWORD})
    assert is_signed_in(client)


def test_nobody_can_sign_up(client: Client) -> None:
    assert client.get("/accounts/signup/").status_code == 404
    form = {"email": "me@example.org", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/accounts/signup/", form).status_code == 404
    assert not User.objects.exists()
    assert not AccountAdapter().is_open_for_signup(None)


def test_a_suspended_person_cannot_sign_in(client: Client, analyst: User) -> None:
    services.suspend_user(analyst)
    assert not sign_in(client, analyst)


def test_nor_can_the_people_of_a_suspended_member(
    client: Client, analyst: User, member: Member
) -> None:
    suspend_member(member, NOW)
    assert not sign_in(client, analyst)
    resume_member(member)
    assert sign_in(client, analyst)


def test_suspending_a_person_ends_the_session_for_good(client: Client, analyst: User) -> None:
    sign_in(client, analyst)
    services.suspend_user(analyst)
    assert not is_signed_in(client)
    services.resume_user(analyst)
    assert not is_signed_in(client)


def test_suspending_a_member_ends_its_sessions_for_good(
    client: Client, analyst: User, stranger: User, member: Member
) -> None:
    other = Client()
    sign_in(client, analyst)
    sign_in(other, stranger)
    suspend_member(member, NOW)
    assert not is_signed_in(client)
    assert is_signed_in(other)
    resume_member(member)
    assert not is_signed_in(client)


def test_a_session_is_new_after_signing_in_and_its_cookie_is_for_the_server_only(
    client: Client, analyst: User
) -> None:
    client.get(LOGIN)
    before = client.session.session_key
    sign_in(client, analyst)
    assert client.session.session_key != before
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_changing_the_password_ends_the_other_sessions(client: Client, analyst: User) -> None:
    other = Client()
    sign_in(client, analyst)
    sign_in(other, analyst)
    new = "another long password"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    client.post("/accounts/password/change/", form)
    assert User.objects.get(pk=analyst.pk).check_password(new)
    assert is_signed_in(client)
    assert not is_signed_in(other)


def test_guessing_is_limited_per_account(client: Client, analyst: User) -> None:
    for _ in range(5):
        sign_in(client, analyst, "wrong password")
    assert not sign_in(client, analyst)


def test_guessing_over_many_accounts_is_limited_per_address(client: Client, analyst: User) -> None:
    for number in range(60):
        client.post(LOGIN, {"login": f"nobody{number}@example.org", "password": "wrong"})
    assert not sign_in(client, analyst)
    assert not sign_in(Client(headers={"X-Forwarded-For": "198.51.100.9"}), analyst)
    assert sign_in(Client(REMOTE_ADDR="192.0.2.7"), analyst)


def test_the_second_factor_is_asked_for_and_its_secret_is_sealed(
    client: Client, analyst: User
) -> None:
    TOTP.activate(analyst, SECRET)
    row = Authenticator.objects.get(user=analyst)
    assert SECRET not in str(row.data)
    assert not sign_in(client, analyst)
    counter = next(iter(yield_hotp_counters_from_time()))
    code = format_hotp_value(hotp_value(SECRET, counter))
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert is_signed_in(client)


def test_a_wrong_code_does_not_pass(client: Client, analyst: User) -> None:
    TOTP.activate(analyst, SECRET)
    sign_in(client, analyst)
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert not is_signed_in(client)


def test_a_recovery_code_works_once(analyst: User) -> None:
    TOTP.activate(analyst, SECRET)
    codes = RecoveryCodes.activate(analyst)
    first = codes.get_unused_codes()[0]
    for attempt, passes in ((Client(), True), (Client(), False)):
        sign_in(attempt, analyst)
        attempt.post("/accounts/2fa/authenticate/", {"code": first})
        assert is_signed_in(attempt) is passes


def test_a_passkey_does_not_let_the_suspended_in(rf: RequestFactory, analyst: User) -> None:
    services.suspend_user(analyst)
    request = rf.post("/accounts/2fa/webauthn/login/")
    request.session = {"account_login": "begun"}  # type: ignore[assignment]
    words = {"email_verification": "none", "signal_kwargs": None, "email": None}
    answer = AccountAdapter().pre_login(request, analyst, **words, signup=False, redirect_url=None)
    assert answer is not None
    assert answer["Location"] == "/accounts/inactive/"
    assert request.session == {}


def test_second_factors_are_sealed_anew_under_a_new_master_key(analyst: User) -> None:
    TOTP.activate(analyst, SECRET)
    codes = RecoveryCodes.activate(analyst).get_unused_codes()
    new = b"n" * 32
    both = Sealer([new, *keys_of(config())])
    assert reseal_authenticators(both) == 2
    assert reseal_authenticators(both) == 0
    row = Authenticator.objects.get(user=analyst, type="totp")
    sealed = base64.b64decode(row.data["secret"])
    assert Sealer([new]).unseal(sealed, MFA_CONTEXT) == SECRET.encode()
    with pytest.raises(SealError):
        sealer().unseal(sealed, MFA_CONTEXT)
    assert len(codes) == 10
