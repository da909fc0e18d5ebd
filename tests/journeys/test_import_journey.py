"""A log in a browser: uploaded, looked over, published to the own MISP, found, and undone."""

import json
import re
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.portal import PASSWORD, Alliance, node, portal

pytestmark = pytest.mark.browser

OWNER, STRANGER = "owner@ipa.example", "owner@geo.example"
KEY = "K" * 40
"""What ``enrol`` gives every MISP."""
LOG = "".join(
    f"2026-11-20 0{hour}:02:03 198.51.100.{hour} 22 tcp sensor-1\n" for hour in range(1, 4)
)
BROKEN = "what is this\n"
OTHERS = {"Event": {"info": "Of others", "Attribute": [{"type": "domain", "value": "a.example"}]}}
WAIT_MS = 30_000


@dataclass
class Stage:
    """Where the journey takes place."""

    url: str
    misp: str
    browser: Browser
    folder: Path

    def enter(self, email: str) -> Page:
        """A window of its own, signed in through the page."""
        page = self.browser.new_context(locale="en", base_url=self.url).new_page()
        page.goto("/")
        page.fill("[name=login]", email)
        page.fill("[name=password]", PASSWORD)
        page.click("main form button.btn-primary")
        page.wait_for_url(lambda url: "/accounts/login" not in url)
        return page

    def titles(self) -> set[str]:
        """The events that the MISP has."""
        headers = {"Authorization": KEY, "Content-Type": "application/json"}
        body = json.dumps({"limit": 100, "page": 1}).encode()
        request = urllib.request.Request(f"{self.misp}/events/index", body, headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return {event["info"] for event in json.load(answer)}


@pytest.fixture(scope="module")
def stage(
    database_url: str, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A portal with a worker, and a member's MISP that holds an event of others."""
    folder = tmp_path_factory.mktemp("imports")
    with node(folder, KEY, [OTHERS]) as misp:
        alliance = Alliance(
            members=["IPA", "GEO"],
            people=[(OWNER, "owner", "IPA"), (STRANGER, "owner", "GEO")],
            misps=[("IPA-MISP", "IPA", misp)],
        )
        with portal(alliance, folder, database_url) as url:
            yield Stage(url, misp, browser, folder)


def test_a_log_becomes_events_and_is_taken_back(stage: Stage) -> None:
    page = stage.enter(OWNER)
    _upload(stage, page)
    _look_over(page)
    assert stage.titles() == {"Of others"}, "nothing is written before somebody says so"
    _publish(stage, page)
    _strangers_find_nothing(stage, page.url)
    _undo(stage, page)
    page.context.close()


def _upload(stage: Stage, page: Page) -> None:
    log = stage.folder / "sensor 1.log"
    log.write_text(LOG + BROKEN)
    page.get_by_role("link", name="Imports").click()
    expect(page.locator("main")).to_contain_text("Nothing was imported yet")
    page.get_by_role("link", name="Upload a file").click()
    page.get_by_label("File", exact=True).set_input_files(log)
    page.get_by_label("Source").fill("IPAlert")
    page.get_by_role("button", name="Upload").click()
    page.wait_for_url(re.compile("/imports/[0-9a-f-]+/$"))


def _look_over(page: Page) -> None:
    """The page follows the worker by itself, and then shows what would be published."""
    expect(page.locator("main h1")).to_contain_text("sensor 1.log")
    expect(page.locator("#events")).to_have_text("What would be published", timeout=WAIT_MS)
    expect(page.locator(".im-events > li")).to_have_count(3)
    page.locator(".im-events summary").first.click()
    expect(page.locator(".im-events")).to_contain_text("198.51.100.1")
    expect(page.locator("main")).to_contain_text("what is this")


def _publish(stage: Stage, page: Page) -> None:
    page.get_by_label("Publish to").select_option(label="IPA-MISP")
    force = page.get_by_label("Publish what breaks a rule too")
    if force.count():
        force.check()
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("main")).to_contain_text("IPA-MISP has it: 3 events", timeout=WAIT_MS)
    assert len(stage.titles()) == 4


def _strangers_find_nothing(stage: Stage, address: str) -> None:
    stranger = stage.enter(STRANGER)
    answer = stranger.goto(address)
    assert answer is not None
    assert answer.status == 404
    stranger.goto("/imports/")
    expect(stranger.locator("main")).not_to_contain_text("sensor 1.log")
    stranger.context.close()


def _undo(stage: Stage, page: Page) -> None:
    page.get_by_role("button", name="Undo").click()
    page.locator("#sg-confirm button[value=yes]").click()
    told = "What this import wrote was deleted from IPA-MISP"
    expect(page.locator("main")).to_contain_text(told, timeout=WAIT_MS)
    assert stage.titles() == {"Of others"}
    page.get_by_role("link", name="Imports").first.click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("undone")
