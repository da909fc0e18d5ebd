"""What the shell does in a browser: keyboard, theme, zone, dialogs, menus, and no JavaScript."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from scripts.pages import OPERATOR, OWNER
from scripts.screenshots import look
from tests.journeys.test_every_page import portal, sessions

__all__ = ["portal", "sessions"]
# Not marked "browser": the sample portal has a database of its own, so one run is enough.
Portal = tuple[str, dict[str, str]]
Sessions = dict[str, list[object]]


@pytest.fixture
def window(portal: Portal, browser: Browser, sessions: Sessions) -> Iterator[BrowserContext]:
    """The operator's window, wide, light, English."""
    context = look(browser, portal[0], sessions[OPERATOR], "light", "en", 1440)
    yield context
    context.close()


@pytest.fixture
def page(window: BrowserContext, portal: Portal) -> Page:
    """A page of it."""
    opened = window.new_page()
    opened.goto(f"{portal[0]}/misps/")
    return opened


def test_the_first_tab_leads_to_the_content(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.locator(".sg-skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_everything_that_can_be_pressed_can_be_reached_by_tab(page: Page) -> None:
    wanted = page.locator(
        "a[href]:visible, button:visible, summary:visible, input:not([type=hidden]):visible"
    ).count()
    page.evaluate("window.reached = new Set()")
    for _ in range(wanted + 3):
        page.keyboard.press("Tab")
        page.evaluate("window.reached.add(document.activeElement)")
    reached = page.evaluate("[...window.reached].filter((e) => e !== document.body).length")
    assert reached >= wanted


def test_focus_can_be_seen(page: Page) -> None:
    page.locator("main a").first.focus()
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_a_menu_opens_and_closes_by_keyboard(page: Page) -> None:
    summary = page.locator("details.sg-menu summary").last
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="API tokens")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="API tokens")).to_be_hidden()
    expect(summary).to_be_focused()


def test_the_theme_changes_at_once_and_stays(page: Page) -> None:
    page.locator("details.sg-theme summary").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_without_a_choice_the_system_decides(
    portal: Portal, browser: Browser, sessions: Sessions
) -> None:
    context = look(browser, portal[0], sessions[OPERATOR], "dark", "en", 1440)
    page = context.new_page()
    page.goto(f"{portal[0]}/misps/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.emulate_media(color_scheme="light")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
    context.close()


def test_the_language_changes_and_stays_on_the_page(page: Page) -> None:
    page.get_by_role("button", name="日本語").click()
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    expect(page).to_have_url(re.compile("/misps/$"))


def test_the_browsers_zone_reaches_the_server(
    portal: Portal, browser: Browser, sessions: Sessions
) -> None:
    context = browser.new_context(timezone_id="America/Lima", locale="en")
    context.add_cookies([*sessions[OPERATOR]])  # type: ignore[list-item]
    context.clear_cookies(name="timezone")
    page = context.new_page()
    page.goto(f"{portal[0]}/misps/")
    page.reload()
    expect(page.locator("footer")).to_contain_text("America/Lima")
    context.close()


def test_a_dangerous_button_asks_first(page: Page, portal: Portal) -> None:
    page.goto(f"{portal[0]}/members/{portal[1]['member']}/")
    page.get_by_role("button", name="Suspend the member").click()
    dialog = page.locator("#sg-confirm")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.reload()
    expect(page.get_by_role("button", name="Suspend the member")).to_be_visible()


def test_a_confirmed_change_happens(page: Page, portal: Portal) -> None:
    page.goto(f"{portal[0]}/members/{portal[1]['member']}/")
    page.get_by_role("button", name="Suspend the member").click()
    page.locator("#sg-confirm").get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="End the suspension").click()
    expect(page.get_by_role("button", name="Suspend the member")).to_be_visible()


def test_the_test_of_a_misp_appears_without_leaving_the_page(page: Page, portal: Portal) -> None:
    page.goto(f"{portal[0]}/misps/{portal[1]['misp']}/")
    page.evaluate("window.same = true")
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_role("alert")).to_contain_text("could not be reached")
    assert page.evaluate("window.same") is True


def test_an_own_ca_field_appears_when_chosen(page: Page, portal: Portal) -> None:
    page.goto(f"{portal[0]}/misps/connect")
    expect(page.get_by_label("CA certificate")).to_be_hidden()
    page.get_by_label("Server certificate").select_option("own_ca")
    expect(page.get_by_label("CA certificate")).to_be_visible()


def test_the_narrow_menu_opens(portal: Portal, browser: Browser, sessions: Sessions) -> None:
    context = look(browser, portal[0], sessions[OPERATOR], "light", "en", 390)
    page = context.new_page()
    page.goto(f"{portal[0]}/account/")
    expect(page.get_by_role("link", name="Members")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Members").click()
    expect(page).to_have_url(re.compile("/members/$"))
    context.close()


def test_an_invitation_takes_its_code_from_the_link(portal: Portal, browser: Browser) -> None:
    page = browser.new_page()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url + str(request.headers)))
    page.goto(f"{portal[0]}/invitation/#the-code")
    assert page.locator("[name=token]").input_value() == "the-code"
    expect(page.locator("[name=token]")).to_be_hidden()
    assert "the-code" not in page.url
    assert not [words for words in sent if "the-code" in words.replace("#the-code", "")]
    page.close()


def test_without_javascript_one_signs_in_and_works(portal: Portal, browser: Browser) -> None:
    base, ids = portal
    context = browser.new_context(java_script_enabled=False, locale="en")
    page = context.new_page()
    page.goto(f"{base}/misps/{ids['misp']}/")
    page.get_by_label("Email").fill(OWNER)
    page.get_by_label("Password").fill("sample password of the pictures")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_role("alert")).to_contain_text("could not be reached")
    page.get_by_role("link", name="Health").click()
    expect(page.locator("table")).to_contain_text("GRID-MISP (OSINT)")
    context.close()
