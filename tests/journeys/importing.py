"""A log in a browser, step by step: uploaded, looked over, published, hidden, undone."""

import json
import re
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, expect

LOG = "".join(
    f"2026-11-20 0{hour}:02:03 198.51.100.{hour} 22 tcp sensor-1\n" for hour in range(1, 4)
)
BROKEN = "what is this\n"
NAME = "sensor 1.log"
OTHERS = {"Event": {"info": "Of others", "Attribute": [{"type": "domain", "value": "a.example"}]}}
WAIT_MS = 30_000


def titles(misp: str, key: str) -> set[str]:
    """The events that the MISP at this address has."""
    headers = {"Authorization": key, "Content-Type": "application/json"}
    body = json.dumps({"limit": 100, "page": 1}).encode()
    request = urllib.request.Request(f"{misp}/events/index", body, headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return {event["info"] for event in json.load(answer)}


def upload(page: Page, folder: Path) -> None:
    """Upload a honeypot's log with a line that nobody understands."""
    log = folder / NAME
    log.write_text(LOG + BROKEN)
    page.goto("/imports/")
    expect(page.locator("main")).to_contain_text("Nothing was imported yet")
    page.get_by_role("link", name="Upload a file").click()
    page.get_by_label("File", exact=True).set_input_files(log)
    page.get_by_label("Source").fill("IPAlert")
    page.get_by_role("button", name="Upload").click()
    page.wait_for_url(re.compile("/imports/[0-9a-f-]+/$"))


def look_over(page: Page) -> None:
    """The page follows the worker by itself, and then shows what would be published."""
    expect(page.locator("main h1")).to_contain_text(NAME)
    expect(page.locator("#events")).to_have_text("What would be published", timeout=WAIT_MS)
    expect(page.locator(".im-events > li")).to_have_count(3)
    page.locator(".im-events summary").first.click()
    expect(page.locator(".im-events")).to_contain_text("198.51.100.1")
    expect(page.locator("main")).to_contain_text("what is this")


def publish(page: Page, misp: str) -> None:
    """Into the own MISP of this name."""
    page.get_by_label("Publish to").select_option(label=misp)
    force = page.get_by_label("Publish what breaks a rule too")
    if force.count():
        force.check()
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("main")).to_contain_text(f"{misp} has it: 3 events", timeout=WAIT_MS)


def strangers_find_nothing(stranger: Page, address: str) -> None:
    """Somebody of another member, at the address of the import and in the own list."""
    answer = stranger.goto(address)
    assert answer is not None
    assert answer.status == 404
    stranger.goto("/imports/")
    expect(stranger.locator("main")).not_to_contain_text(NAME)


def undo(page: Page, misp: str) -> None:
    """The whole import; the history tells of it."""
    page.get_by_role("button", name="Undo").click()
    page.locator("#sg-confirm button[value=yes]").click()
    told = f"What this import wrote was deleted from {misp}"
    expect(page.locator("main")).to_contain_text(told, timeout=WAIT_MS)
    page.goto("/imports/")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("undone")
