"""Signing in by every way there is, invited, suspended and as a program, in a browser."""

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.portal import PASSWORD, Alliance, portal
from tests.journeys.test_every_page import axe

pytestmark = pytest.mark.browser

OPERATOR, NEWCOMER = "operator@alliance.example", "newcomer@lac.example"
ANALYSTS = (
    "guessed-en",
    "guessed-ja",
    "careful",
    "keyed",
    "leaving",
    "scripted",
    "plain",
    "typing",
)
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what leaves nothing in the database that another journey does not leave too."""
NEW_PASSWORD = "a quite different long phrase"
TOTP_PERIOD_S = 30
RECOVERY_CODE = re.compile(r"^[0-9]{4} ?[0-9]{4}$", re.MULTILINE)


def analyst(name: str) -> str:
    """The address of one of the analysts; each journey has its own."""
    return f"{name}@lac.example"


@dataclass
class Stage:
    """A running portal and the browser that visits it."""

    url: str
    browser: Browser

    @contextmanager
    def window(self, language: str = "en") -> Iterator[Page]:
        """A window without cookies; at its end nothing may have broken the content policy."""
        context: BrowserContext = self.browser.new_context(locale=language, base_url=self.url)
        context.set_default_timeout(10_000)
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        yield page
        context.close()
        loud = [words for words in said if words.startswith(("error", "warning"))]
        assert [words for words in loud if "status of 4" not in words] == []


@pytest.fixture(scope="module")
def stage(
    database_url: str, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A portal at a host name: browsers give no passkeys to bare IP addresses."""
    people = [(analyst(name), "analyst", "LAC") for name in ANALYSTS]
    alliance = Alliance(["LAC"], [(OPERATOR, "operator", ""), *people], [])
    with portal(alliance, tmp_path_factory.mktemp("portal"), database_url) as url:
        yield Stage(url.replace("127.0.0.1", "localhost"), browser)


def give_password(page: Page, email: str, password: str = PASSWORD) -> None:
    """Fill in the sign-in page and send it."""
    page.goto("/accounts/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", password)
    send(page)


def send(page: Page) -> None:
    """Press the page's main button and wait for the answer."""
    with page.expect_navigation():
        page.click("main form button.btn-primary")


def confirm(page: Page) -> None:
    """Enter the password again where it is asked for."""
    if "reauthenticate" in page.url:
        looks_good(page)
        page.fill("[name=password]", PASSWORD)
        send(page)


def sign_out(page: Page) -> None:
    """By the menu of the account."""
    page.locator("details.sg-menu summary").last.click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("[name=login]")).to_be_visible()


def is_in(page: Page) -> None:
    """The account's menu says that somebody is signed in."""
    expect(page.locator(".sg-person")).to_be_visible()


_looked_at: set[tuple[str, ...]] = set()


def looks_good(page: Page) -> None:
    """Nothing serious for axe, which looks once at each page in each state."""
    path = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", page.url.partition("#")[0].partition("//")[2])
    spoken = page.locator("main h1, main [role=alert], main [role=status]")
    said = "\n".join(spoken.all_inner_texts())
    state = (path.partition("/")[2], said, str(page.get_attribute("html", "data-bs-theme")))
    if state not in _looked_at:
        assert axe(page) == []
        _looked_at.add(state)


@pytest.mark.parametrize(
    ("language", "wrong", "limited"),
    [
        ("en", "The email address and/or password you specified are not correct.", "Too many"),
        ("ja", "メールアドレスもしくはパスワードが正しくありません", "失敗が続いています"),
    ],
    ids=["en", "ja"],
)
def test_a_wrong_password_is_told_clearly_and_guessing_ends(
    stage: Stage, language: str, wrong: str, limited: str
) -> None:
    email = analyst(f"guessed-{language}")
    with stage.window(language) as page:
        give_password(page, email, "a wrong password")
        expect(page.get_by_role("alert")).to_contain_text(wrong)
        expect(page.locator("[name=login]")).to_have_value(email)
        expect(page.locator("[name=password]")).to_have_value("")
        looks_good(page)
        for password in ["a wrong password"] * 4 + [PASSWORD]:
            page.fill("[name=password]", password)
            send(page)
        expect(page.get_by_role("alert")).to_contain_text(limited)
        looks_good(page)
        page.goto("/account/")
        expect(page.locator("[name=login]")).to_be_visible()


@ONE_DATABASE
def test_only_the_guessed_account_is_limited_and_one_signs_out(stage: Stage) -> None:
    with stage.window() as page:
        give_password(page, analyst("plain"))
        is_in(page)
        sign_out(page)
        looks_good(page)
        page.goto("/account/")
        expect(page.locator("[name=login]")).to_be_visible()


def test_an_authenticator_app_is_enrolled_and_asked_for(stage: Stage) -> None:
    with stage.window() as page:
        give_password(page, analyst("careful"))
        page.goto("/accounts/2fa/totp/activate/")
        confirm(page)
        secret = page.input_value("#authenticator_secret")
        expect(page.locator("img.sg-qr")).to_be_visible()
        looks_good(page)
        page.fill("[name=code]", "000000")
        send(page)
        expect(page.locator("main .is-invalid")).to_be_focused()
        page.fill("[name=code]", code_of(secret))
        send(page)
        codes = RECOVERY_CODE.findall(page.input_value("#recovery_codes"))
        assert len(set(codes)) == 10
        looks_good(page)
        sign_out(page)

        _sign_in_with(page, code_of(secret))
        sign_out(page)
        _sign_in_with(page, codes[0])
        sign_out(page)
        give_password(page, analyst("careful"))
        page.fill("[name=code]", codes[0])
        send(page)
        expect(page.locator("main")).to_contain_text("Incorrect code")
        looks_good(page)
        page.goto("/account/")
        expect(page.locator("[name=code]")).to_be_visible()
        expect(page.locator(".sg-person")).to_have_count(0)


def _sign_in_with(page: Page, code: str) -> None:
    give_password(page, analyst("careful"))
    expect(page.locator("[name=code]")).to_be_focused()
    expect(page.get_by_role("button", name="security key")).to_have_count(0)  # there is none
    looks_good(page)
    page.fill("[name=code]", code)
    send(page)
    is_in(page)


def code_of(secret: str) -> str:
    """What an app shows now (RFC 6238), never one that ends while it is being typed."""
    left_s = TOTP_PERIOD_S - time.time() % TOTP_PERIOD_S
    if left_s < 3:
        time.sleep(left_s)
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // TOTP_PERIOD_S)))


@ONE_DATABASE
def test_a_passkey_that_is_not_used_is_told(stage: Stage) -> None:
    with stage.window() as page:
        page.goto("/accounts/login/")
        _device(page)
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_role("alert")).to_contain_text("No passkey was used")
        looks_good(page)
        page.goto(f"{stage.url.replace('localhost', '127.0.0.1')}/accounts/login/")
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_role("alert")).to_contain_text("not at a bare IP address")


@ONE_DATABASE
def test_a_passkey_is_enrolled_and_suffices(stage: Stage) -> None:
    with stage.window() as page:
        give_password(page, analyst("keyed"))
        _device(page)
        page.goto("/accounts/2fa/webauthn/add/")
        confirm(page)
        looks_good(page)
        page.fill("[name=name]", "Laptop")
        expect(page.locator("[name=passwordless]")).to_be_checked()
        with page.expect_navigation():
            page.click("#mfa_webauthn_add")
        assert len(RECOVERY_CODE.findall(page.input_value("#recovery_codes"))) == 10
        page.goto("/accounts/2fa/webauthn/")
        expect(page.locator("tbody tr")).to_contain_text("Laptop")
        expect(page.locator("tbody tr")).to_contain_text("Passkey: signs in alone")
        looks_good(page)
        sign_out(page)

        page.get_by_role("button", name="Sign in with a passkey").click()
        is_in(page)
        page.goto("/account/")
        expect(page.locator("main")).to_contain_text(analyst("keyed"))
        sign_out(page)

        give_password(page, analyst("keyed"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
        looks_good(page)
        page.get_by_role("button", name="Use a passkey or security key").click()
        is_in(page)


def _device(page: Page) -> None:
    """A device with a fingerprint reader, as Chromium plays it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@ONE_DATABASE
def test_an_invitation_sets_the_password_once(stage: Stage) -> None:
    with stage.window() as page, stage.window() as other:
        give_password(page, OPERATOR)
        page.goto("/users/invite")
        page.fill("[name=email]", NEWCOMER)
        page.select_option("[name=member]", label="LAC")
        page.get_by_label("Analyst").check()
        looks_good(page)
        send(page)
        link = page.locator("#invitation-link").inner_text()
        looks_good(page)

        _choose_password(other, link)
        expect(other.get_by_role("status").first).to_contain_text("The password is set")
        give_password(other, NEWCOMER, NEW_PASSWORD)
        is_in(other)
        sign_out(other)
        _choose_password(other, link)
        expect(other.locator("main")).to_contain_text("used or has expired")
        looks_good(other)
        page.goto("/users/")
        expect(page.locator("tr", has_text=NEWCOMER)).to_contain_text("Active")


def _choose_password(page: Page, link: str) -> None:
    page.goto(link)
    page.fill("[name=password]", NEW_PASSWORD)
    page.fill("[name=again]", NEW_PASSWORD)
    looks_good(page)
    send(page)


def test_a_suspended_person_is_out_at_the_next_click(stage: Stage) -> None:
    email = analyst("leaving")
    with stage.window() as page, stage.window() as operator:
        give_password(page, email)
        token = _make_token(page)
        assert asked_with(stage, token) == 200
        page.goto("/search/")
        give_password(operator, OPERATOR)
        operator.goto("/users/")
        operator.locator("tr", has_text=email).get_by_role("link").first.click()
        looks_good(operator)
        operator.get_by_role("button", name="Suspend").click()
        operator.locator("#sg-confirm").get_by_role("button", name="Go on").click()
        expect(operator.get_by_role("status").first).to_contain_text("Suspended")
        looks_good(operator)

        page.get_by_role("link", name="History").click()
        expect(page.locator("[name=login]")).to_be_visible()
        assert asked_with(stage, token) == 401
        give_password(page, email)
        expect(page.get_by_role("heading", level=1)).to_have_text("This account is suspended")
        looks_good(page)
        give_password(page, email, "a wrong password")
        expect(page.get_by_role("alert")).to_contain_text("are not correct")


def _make_token(page: Page) -> str:
    page.goto("/account/tokens/new")
    confirm(page)
    page.fill("[name=name]", "SOAR playbook")
    page.get_by_label("Search").check()
    looks_good(page)
    send(page)
    looks_good(page)
    return page.locator("#made-token").inner_text()


def asked_with(stage: Stage, token: str) -> int:
    """The status with which the API answers a program."""
    address = f"{stage.url}/api/v1/searches"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert json.load(answer)["searches"] == []
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


@ONE_DATABASE
def test_a_token_is_shown_once_and_works_until_it_is_revoked(stage: Stage) -> None:
    with stage.window() as page:
        give_password(page, analyst("scripted"))
        token = _make_token(page)
        assert re.fullmatch(r"sg_[A-Za-z0-9_-]{43}", token)
        assert asked_with(stage, token) == 200
        page.get_by_role("link", name="I have copied it").click()
        expect(page.locator("tbody tr")).to_contain_text("Valid")
        assert token not in page.content()
        looks_good(page)

        page.get_by_role("button", name="Revoke").click()
        page.locator("#sg-confirm").get_by_role("button", name="Go on").click()
        expect(page.locator("tbody tr")).to_contain_text("Revoked")
        expect(page.get_by_role("button", name="Revoke")).to_have_count(0)
        assert asked_with(stage, token) == 401


@ONE_DATABASE
def test_one_signs_in_by_keyboard_alone(stage: Stage) -> None:
    with stage.window() as page:
        page.goto("/accounts/login/")
        _tab_to(page, "login")
        page.keyboard.type(analyst("plain"))
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        is_in(page)


def _tab_to(page: Page, name: str) -> None:
    for _ in range(8):
        if page.evaluate("document.activeElement.name") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} is not among the first things that Tab reaches")


@ONE_DATABASE
def test_language_and_theme_stay_as_chosen(stage: Stage) -> None:
    with stage.window() as page:
        page.goto("/accounts/login/")
        page.get_by_role("button", name="日本語").click()
        expect(page.locator("html")).to_have_attribute("lang", "ja")
        page.locator("details.sg-theme summary").click()
        page.locator(".sg-theme button[value=dark]").click()
        looks_good(page)
        give_password(page, analyst("plain"))
        is_in(page)
        for address in ("/account/", "/search/", "/accounts/password/change/"):
            page.goto(address)
            expect(page.locator("html")).to_have_attribute("lang", "ja")
            expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
            looks_good(page)
