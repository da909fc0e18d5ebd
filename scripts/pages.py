"""Every page that is looked at, by people in pictures and by axe in the tests."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

PASSWORD = "sample password of the pictures"  # noqa: S105
OPERATOR, OWNER, ANALYST = "operator@example.jp", "owner@lac.example.jp", "analyst@lac.example.jp"

CAREFUL = "careful@lac.example.jp"
"""Has an authenticator app."""


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


def _password_of_careful(page: Any) -> None:
    page.fill("[name=login]", CAREFUL)
    page.fill("[name=password]", PASSWORD)
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
    page.wait_for_selector("#misp .alert")


def _open_menu(page: Any) -> None:
    page.locator("details.sg-menu summary").last.click()


def _open_nav(page: Any) -> None:
    if page.locator(".sg-nav-button").is_visible():
        page.click(".sg-nav-button")
    page.locator("details.sg-theme summary").click()


def _ask(page: Any) -> None:
    page.click("form[action$='/disconnect'] button")


def _destroy(page: Any) -> None:
    page.click("button[value=destroy]")


def _undo(page: Any) -> None:
    page.click("form[action$='/undo'] button")


def _open_event(page: Any) -> None:
    page.click(".im-events summary >> nth=0")


def _upload_nothing(page: Any) -> None:
    page.evaluate("document.querySelector('main form').noValidate = true")
    page.fill("[name=zone]", "Mars/Olympus")
    page.click("main form button.btn-primary")


def _type(page: Any) -> None:
    page.fill("#text", "".join(f"198.51.100[.]{n}\n" for n in range(60)) + TYPED)
    page.wait_for_selector(".sq-understood")
    page.click("button[name=drop] >> nth=2")
    page.wait_for_selector(".sq-restore")


def _type_nonsense(page: Any) -> None:
    page.fill("#text", "nothing that can be searched")
    page.wait_for_selector(".sq-rejected, .sq-wrong")
    page.click("#run")


def _open_value(page: Any) -> None:
    page.click("main a[href*='/values/'] >> nth=0")
    page.wait_for_selector("dialog[open] #value-title")


TYPED = "hxxp://login[.]example[.]com/a.php\nmail@example.org\nd41d8cd98f00b204e9800998ecf8427e\n300.1.1.1\n"

PAGES = (
    Shot("search", "/search/", ANALYST),
    Shot("search-typed", "/search/", ANALYST, _type),
    Shot("search-nonsense", "/search/", ANALYST, _type_nonsense),
    Shot("result", "/searches/{search}/", ANALYST),
    Shot("result-page-2", "/searches/{search}/?page=2&sort=hits", ANALYST),
    Shot("result-hits", "/searches/{search}/?view=hits", ANALYST),
    Shot("result-value", "/searches/{search}/", ANALYST, _open_value),
    Shot("result-interrupted", "/searches/{interrupted}/", ANALYST),
    Shot("result-failing", "/searches/{failing}/", ANALYST),
    Shot("result-nothing", "/searches/{nothing}/?view=hits", ANALYST),
    Shot("result-filtered-away", "/searches/{nothing}/?hits=1", ANALYST),
    Shot("value", "/searches/{search}/values/0", ANALYST),
    Shot("history", "/history/", ANALYST),
    Shot("history-nothing", "/history/?q=zzz", ANALYST),
    Shot("owner", "/owner/", OWNER),
    Shot("owner-nothing", "/owner/?q=zzz", OWNER),
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
    Shot("two-factor", "/accounts/login/", "", _password_of_careful),
    Shot("recovery-codes", "/accounts/2fa/recovery-codes/", ANALYST, _confirm),
    Shot("lost-password", "/accounts/password/reset/", ""),
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
    Shot("index", "/misps/{indexed}/index", OWNER),
    Shot("index-filling", "/misps/{filling}/index", OWNER),
    Shot("index-late", "/misps/{late}/index"),
    Shot("index-live", "/misps/{misp}/index", OWNER),
    Shot("index-destroy", "/misps/{indexed}/index", OWNER, _destroy),
    Shot("index-settings", "/misps/{indexed}/index/settings", OWNER),
    Shot("imports", "/imports/", OWNER),
    Shot("import-new", "/imports/new", OWNER),
    Shot("import-new-wrong", "/imports/new", OWNER, _upload_nothing),
    Shot("import-ready", "/imports/{import_ready}/", OWNER, _open_event),
    Shot("import-reading", "/imports/{import_reading}/", OWNER),
    Shot("import-publishing", "/imports/{import_publishing}/", OWNER),
    Shot("import-failed", "/imports/{import_failed}/", OWNER),
    Shot("import-done", "/imports/{import_done}/", OWNER),
    Shot("import-undo", "/imports/{import_done}/", OWNER, _undo),
    Shot("quality-operator", "/quality/"),
    Shot("quality-owner", "/quality/", OWNER),
    Shot("quality", "/quality/{misp}/", OWNER),
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
