"""A small alliance with data for every page, and the list of pages to look at."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from securegrid.federation.breaker import Rest  # noqa: E402
from securegrid.misp.failures import Reason  # noqa: E402
from securegrid.portal.accounts import invitations  # noqa: E402
from securegrid.portal.accounts import services as accounts  # noqa: E402
from securegrid.portal.accounts.roles import Role, Scope  # noqa: E402
from securegrid.portal.alliance import services as alliance  # noqa: E402
from securegrid.portal.alliance.models import HealthSample, Misp  # noqa: E402

PASSWORD = "sample password of the pictures"  # noqa: S105
OPERATOR, OWNER, ANALYST = "operator@example.jp", "owner@lac.example.jp", "analyst@lac.example.jp"


@dataclass(frozen=True)
class Shot:
    """A page to take a picture of, as this person; ``act`` does what it needs to be seen."""

    name: str
    path: str
    who: str = OPERATOR
    act: Callable[[Any], object] | None = None


def _wrong_password(page: Any) -> None:
    page.fill("[name=login]", "someone@example.jp")
    page.fill("[name=password]", "wrong")
    page.click("main form button.btn-primary")


def _confirm(page: Any) -> None:
    if "reauthenticate" in page.url:
        page.fill("[name=password]", PASSWORD)
        page.click("main form button.btn-primary")


def _make_token(page: Any) -> None:
    _confirm(page)
    page.fill("[name=name]", "SOAR")
    page.locator("[name=scopes]").first.check()
    page.click("main form button.btn-primary")


def _send_empty(page: Any) -> None:
    page.evaluate("document.querySelector('main form').noValidate = true")
    page.fill("[name=name]", "X")
    page.fill("[name=url]", "ftp://misp")
    page.select_option("[name=tls]", "own_ca")
    page.click("main form button.btn-primary")


def _invite(page: Any) -> None:
    page.fill("[name=email]", f"new{id(page)}@example.jp")
    page.select_option("[name=member]", index=1)
    page.locator("[name=roles]").first.check()
    page.click("main form button.btn-primary")


def _click_test(page: Any) -> None:
    page.click("form[action$='/test'] button")
    page.wait_for_selector("#test-result .alert")


def _open_menu(page: Any) -> None:
    page.locator("details.sg-menu summary").last.click()


def _open_nav(page: Any) -> None:
    if page.locator(".sg-nav-button").is_visible():
        page.click(".sg-nav-button")
    page.locator("details.sg-theme summary").click()


def _ask(page: Any) -> None:
    page.click("form[action$='/disconnect'] button")


PAGES = (
    Shot("login", "/accounts/login/", ""),
    Shot("login-wrong", "/accounts/login/", "", _wrong_password),
    Shot("invitation", "/invitation/#some-code", ""),
    Shot("404-anonymous", "/nothing", ""),
    Shot("profile", "/account/", OWNER),
    Shot("menu", "/account/", OWNER, _open_menu),
    Shot("nav", "/account/", OPERATOR, _open_nav),
    Shot("password-change", "/accounts/password/change/", OWNER),
    Shot("reauthenticate", "/accounts/reauthenticate/", OWNER),
    Shot("totp", "/accounts/2fa/totp/activate/", OWNER, _confirm),
    Shot("passkey-add", "/accounts/2fa/webauthn/add/", OWNER, _confirm),
    Shot("passkeys", "/accounts/2fa/webauthn/", OWNER, _confirm),
    Shot("logout", "/accounts/logout/", OWNER),
    Shot("tokens", "/account/tokens/", OWNER),
    Shot("tokens-empty", "/account/tokens/", ANALYST),
    Shot("token-new", "/account/tokens/new", OWNER, _confirm),
    Shot("token-made", "/account/tokens/new", ANALYST, _make_token),
    Shot("misps-operator", "/misps/"),
    Shot("misps-owner", "/misps/", OWNER),
    Shot("misp", "/misps/{misp}/", OWNER),
    Shot("misp-test", "/misps/{misp}/", OWNER, _click_test),
    Shot("misp-ask", "/misps/{misp}/", OWNER, _ask),
    Shot("misp-edit", "/misps/{misp}/edit", OWNER),
    Shot("misp-connect", "/misps/connect", OPERATOR),
    Shot("misp-connect-wrong", "/misps/connect", OWNER, _send_empty),
    Shot("members", "/members/"),
    Shot("member", "/members/{member}/"),
    Shot("people", "/users/"),
    Shot("person", "/users/{person}/"),
    Shot("invite", "/users/invite"),
    Shot("invited", "/users/invite", OPERATOR, _invite),
    Shot("settings", "/alliance/"),
    Shot("health", "/health/"),
    Shot("health-misp", "/health/{misp}/", OWNER),
    Shot("404", "/nothing", OWNER),
)


def fill() -> dict[str, str]:
    """Make the sample; what the addresses of pages need."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    alliance.change_alliance(
        name="SecureGRID Alliance",
        notice="This is a demonstration: all of its data was composed, none of it is real.",
    )
    lac, geo, ipa = map(alliance.add_member, ("LAC", "Geolocation Technology", "IPA"))
    accounts.create_user(OPERATOR, PASSWORD, "事務局 太郎", None, [Role.OPERATOR])
    owner = accounts.create_user(
        OWNER, PASSWORD, "Hanako Yamada", lac, [Role.OWNER, Role.MEMBER_ADMIN]
    )
    accounts.create_user(ANALYST, PASSWORD, "鈴木 一郎", lac, [Role.ANALYST])
    for email, member in (("analyst@geo.example.jp", geo), ("analyst@ipa.example.jp", ipa)):
        accounts.create_user(email, PASSWORD, "", member, [Role.ANALYST, Role.OWNER])
    left = accounts.create_user("left@ipa.example.jp", PASSWORD, "佐藤", ipa, [Role.OWNER])
    accounts.suspend_user(left)
    invitations.invite("soon@lac.example.jp", "", lac, [Role.ANALYST], timezone.now())
    _tokens(owner)
    misps = _misps(lac, geo, ipa)
    _samples(misps)
    return {
        "misp": str(misps[0].public_id),
        "member": str(lac.public_id),
        "person": str(owner.public_id),
    }


def _tokens(owner: Any) -> None:
    now = timezone.now()
    for name, scopes, days in (
        ("SOAR playbook “lookup”", [Scope.SEARCH], 90),
        ("Nightly report", [Scope.OWNER], 30),
        ("Old script", [Scope.SEARCH, Scope.OWNER, Scope.ADMIN], 366),
    ):
        _, token = accounts.issue_token(owner, name, scopes, timedelta(days=days), now)
    accounts.revoke_token(token, now)


def _misps(lac: Any, geo: Any, ipa: Any) -> list[Misp]:
    key = "sampleKey0123456789abcdefghijklmnopqrstu"
    made = [
        alliance.add_misp(lac, "GRID-MISP (OSINT)", "http://127.0.0.1:9", key),
        alliance.add_misp(lac, "GRID-MISP (LAB)", "https://lab.misp.example.jp", key,
                          visibility="title", left_out_tags=["tlp:red", "internal"]),
        alliance.add_misp(geo, "GEO-MISP", "https://geo.misp.example.jp", key, visibility="count"),
        alliance.add_misp(ipa, "IPA-MISP", "https://ipa.misp.example.jp/misp", key,
                          visibility="exists", published_only=True),
    ]  # fmt: skip
    until = timezone.now() + timedelta(minutes=4)
    alliance.store_rest(made[2], Rest(4, until, Reason.TIMED_OUT))
    alliance.set_enabled(made[3], False)
    Misp.objects.filter(pk=made[1].pk).update(version="2.5.1", tested_at=timezone.now())
    return made


def _samples(misps: list[Misp]) -> None:
    random, now = Random(7), timezone.now()  # noqa: S311 - no secret
    reasons = [Reason.TIMED_OUT, Reason.UNAVAILABLE, Reason.KEY_REJECTED]
    HealthSample.objects.bulk_create(
        HealthSample(
            misp=misp,
            at=now - timedelta(days=7 * random.random() ** 1.3),
            elapsed_ms=random.lognormvariate(5 + number / 3, 0.4),
            requests=random.randint(1, 5),
            reason=random.choice(reasons) if random.random() < 0.04 * number else "",
        )
        for number, misp in enumerate(misps)
        for _ in range(220)
    )
