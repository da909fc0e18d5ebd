"""Every page in Chromium: axe finds nothing serious, the policy holds, nothing overflows."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from scripts.pages import ANALYST, OPERATOR, OWNER, PAGES, Shot
from scripts.screenshots import look, sample_portal, sign_in, visit

# Not marked "browser": the sample portal has a database of its own, so one run is enough.
AXE = Path(__file__).resolve().parents[1] / "vendor/axe-core/axe.min.js"
SERIOUS = {"serious", "critical"}
LOOKS = list(product(["light", "dark"], ["en", "ja"], [1440, 390]))


@pytest.fixture(scope="module")
def portal() -> Iterator[tuple[str, dict[str, str]]]:
    """A portal of its own with the sample alliance."""
    with sample_portal() as made:
        yield made


class Windows:
    """Browser windows of each look. Pages that only show share one, with what it has cached."""

    def __init__(self, browser: Browser, base: str, sessions: dict[str, list[object]]) -> None:
        self._browser = browser
        self._base = base
        self._sessions = sessions
        self._shared: dict[tuple[str, str, str, int], BrowserContext] = {}

    @contextmanager
    def page(self, shot: Shot, theme: str, language: str, width: int) -> Iterator[Page]:
        """A page as this person sees it; closed in the end."""
        if shot.act or not shot.who:  # may change the window's cookies
            window = self._new(shot.who, theme, language, width)
            yield window.new_page()
            window.close()
            return
        key = (shot.who, theme, language, width)
        if key not in self._shared:
            self._shared[key] = self._new(*key)
        page = self._shared[key].new_page()
        yield page
        page.close()

    def close(self) -> None:
        """Close those that were shared."""
        for window in self._shared.values():
            window.close()

    def _new(self, who: str, theme: str, language: str, width: int) -> BrowserContext:
        made: BrowserContext = look(
            self._browser, self._base, self._sessions.get(who), theme, language, width
        )
        return made


@pytest.fixture(scope="module")
def sessions(portal: tuple[str, dict[str, str]], browser: Browser) -> dict[str, list[object]]:
    """Cookies of each person of the sample."""
    return {who: sign_in(browser, portal[0], who) for who in (OPERATOR, OWNER, ANALYST)}


@pytest.fixture(scope="module")
def windows(
    portal: tuple[str, dict[str, str]], browser: Browser, sessions: dict[str, list[object]]
) -> Iterator[Windows]:
    """The windows of this module's tests."""
    made = Windows(browser, portal[0], sessions)
    yield made
    made.close()


@pytest.mark.parametrize("shot", PAGES, ids=[shot.name for shot in PAGES])
def test_a_page_in_every_look(
    portal: tuple[str, dict[str, str]], windows: Windows, shot: Shot
) -> None:
    """Each page in both languages, each time in another theme and width; axe looks at the first.

    Which look comes first goes round with the pages, so that axe sees all eight.
    """
    number = PAGES.index(shot)
    first, other = LOOKS[number % 8], LOOKS[7 - number % 8]
    with windows.page(shot, *first) as page:
        wrong = problems(page, portal, shot, first)
        assert wrong + axe(page) + turned(page, *other) == [], first
    with windows.page(shot, *other) as page:
        assert problems(page, portal, shot, other) == [], other


def problems(
    page: Page, portal: tuple[str, dict[str, str]], shot: Shot, seen: tuple[str, str, int]
) -> list[str]:
    """What is wrong with a page in one look, in words."""
    base, addresses = portal
    theme, language, _ = seen
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    # A page that only shows is whole when it is loaded; waiting for rest takes half a second each.
    visit(page, base, shot, addresses, at_rest=shot.act is not None)
    expected = ("status of 4", "log:", "info:", "debug:", "verbose:")
    wrong = [words for words in said if not any(word in words for word in expected)]
    if page.get_attribute("html", "lang") != language:
        wrong.append("not in the chosen language")
    if page.get_attribute("html", "data-bs-theme") != theme:
        wrong.append("not in the chosen theme")
    return wrong + too_wide(page)


def turned(page: Page, theme: str, _: str, width: int) -> list[str]:
    """What is wrong in another theme and width of a page that axe has just looked at."""
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("theme => document.documentElement.dataset.bsTheme = theme", theme)
    return too_wide(page) + _violations(page, ["color-contrast"])


def too_wide(page: Page) -> list[str]:
    """Nothing goes over the window's edge."""
    over = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return ["wider than the window"] if over else []


def axe(page: Page) -> list[str]:
    """What axe finds that is serious or critical (WCAG 2.2 A and AA)."""
    # Playwright's evaluate is not bound by the page's policy; a script tag would be.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return _violations(
        page, ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    )


def _violations(page: Page, rules: list[str]) -> list[str]:
    """By rules, or by tags of rules; axe was put into the page before."""
    found: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules
    )
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        if rule["impact"] in SERIOUS
        for node in rule["nodes"]
    ]
