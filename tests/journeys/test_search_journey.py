"""The main job in a browser: ask every MISP, one dead and one slow, and what owners see of it."""

import csv
import io
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.fake_misp import FakeMisp, attribute, event, serving
from tests.journeys import importing
from tests.journeys.portal import PASSWORD, Alliance, node, portal

pytestmark = pytest.mark.browser

ANALYST, LAC_OWNER = "analyst@lac.example", "owner@lac.example"
GEO_OWNER, IPA_OWNER = "owner@geo.example", "owner@ipa.example"
VALUES = [f"198.51.100.{number}" for number in range(150)]
GEO_HITS, IPA_HITS, DEAD_HITS = VALUES[3:6], VALUES[5:7], VALUES[9:10]
NODE_HIT = "node-only.example.org"
NODE_KEY = "N" * 40
SLOW_S = 4.0


@dataclass
class Stage:
    """Where a journey takes place."""

    url: str
    misps: Callable[..., FakeMisp]
    dead_port: int
    browser: Browser
    folder: Path

    def enter(self, email: str) -> Page:
        """A window of its own, signed in through the page."""
        context: BrowserContext = self.browser.new_context(locale="en", base_url=self.url)
        page = context.new_page()
        page.goto("/")
        page.fill("[name=login]", email)
        page.fill("[name=password]", PASSWORD)
        page.click("main form button.btn-primary")
        page.wait_for_url(lambda url: "/accounts/login" not in url)
        return page


@pytest.fixture(scope="module")
def stage(
    database_url: str, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A portal, a MISP that answers, a slow one, and one where nothing listens."""
    folder = tmp_path_factory.mktemp("portal")
    dead = _port_nobody_listens_on()
    with serving() as start:
        geo = start([_row(value, 1, "GEO networks of one day") for value in GEO_HITS])
        ipa = start([_row(value, 2, "IPA honeypot") for value in IPA_HITS], delay_s=SLOW_S)
        alliance = Alliance(
            members=["LAC", "Geolocation Technology", "IPA"],
            people=[
                (ANALYST, "analyst", "LAC"), (LAC_OWNER, "owner", "LAC"),
                (GEO_OWNER, "owner", "Geolocation Technology"), (IPA_OWNER, "owner", "IPA"),
            ],
            misps=[
                ("GEO-MISP", "Geolocation Technology", geo.url), ("IPA-MISP", "IPA", ipa.url),
                ("OLD-MISP", "IPA", f"http://127.0.0.1:{dead}"),
            ],
        )  # fmt: skip
        with portal(alliance, folder, database_url) as url:
            yield Stage(url, start, dead, browser, folder)


def _row(value: str, number: int, info: str) -> dict[str, object]:
    return attribute(value, event(number, info), "ip-dst", comment="=cmd|'/C calc'!A0")


def _port_nobody_listens_on() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_grid_fills_while_misps_answer_and_owners_see_their_hits(stage: Stage) -> None:
    page = stage.enter(ANALYST)
    _paste_and_drop(page)
    _watch_it_fill(page)
    _look_at_a_value(page)
    _ask_again(stage, page)
    _download(page)
    _owners_look(stage)
    _find_it_in_the_history(page)


def _paste_and_drop(page: Page) -> None:
    """The page says what it understood before anything is asked."""
    page.fill("#text", "\n".join([*VALUES, "198[.]51[.]100[.]200", "this is nothing"]))
    expect(page.locator("#run")).to_have_text(re.compile("Search 151 values"))
    expect(page.locator(".sq-rejected")).to_contain_text("this is nothing")
    page.get_by_role("button", name="Drop 198.51.100.0", exact=True).click()
    expect(page.locator("#run")).to_have_text(re.compile("Search 150 values"))
    page.get_by_label("Label").fill("Journey")
    page.click("#run")
    page.wait_for_url("**/searches/**")


def _watch_it_fill(page: Page) -> None:
    """One MISP's hits are there while the slow one is still being asked; nothing is reloaded."""
    page.evaluate("window.sameDocument = true")
    expect(page.locator("h1")).to_have_text("Journey")
    expect(_cell(page, GEO_HITS[0], "GEO-MISP")).to_have_class("sq-hit")
    expect(_cell(page, GEO_HITS[0], "IPA-MISP")).to_have_class("sq-running")
    expect(_cell(page, VALUES[20], "OLD-MISP")).to_have_class("sq-not_answered")
    expect(_cell(page, VALUES[20], "GEO-MISP")).to_have_class("sq-miss")
    expect(_cell(page, IPA_HITS[0], "IPA-MISP")).to_have_class("sq-hit", timeout=15_000)
    expect(page.locator("#time-complete")).to_be_visible()
    expect(page.locator("#said")).to_contain_text("The search is complete")
    assert page.evaluate("window.sameDocument") is True


def _cell(page: Page, value: str, misp: str):  # type: ignore[no-untyped-def]
    names = page.locator(".sq-col-name").all_inner_texts()
    row = page.locator(".sq-grid tbody tr", has=page.get_by_text(value, exact=True))
    return row.locator("td").nth(names.index(misp))


def _look_at_a_value(page: Page) -> None:
    page.get_by_role("link", name=GEO_HITS[0], exact=True).click()
    panel = page.locator("#value-panel")
    expect(panel).to_contain_text("GEO networks of one day")
    expect(panel).to_contain_text("not answered")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.get_by_role("link", name=GEO_HITS[0], exact=True)).to_be_focused()


def _ask_again(stage: Stage, page: Page) -> None:
    """The dead one is back; only its cells are asked."""
    back = stage.misps([_row(value, 3, "Old events") for value in DEAD_HITS], port=stage.dead_port)
    page.get_by_role("button", name="Ask again for 150 missing cells").click()
    expect(page.locator("#time-complete")).to_be_visible(timeout=15_000)
    expect(_cell(page, DEAD_HITS[0], "OLD-MISP")).to_have_class("sq-hit")
    expect(page.get_by_role("button", name=re.compile("Ask again"))).to_have_count(0)
    assert len(back.asked_values) == 150


def _download(page: Page) -> None:
    with page.expect_download() as told:
        page.get_by_role("link", name="CSV").click()
    text = Path(told.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["value"] for row in rows} == {*GEO_HITS, *IPA_HITS, *DEAD_HITS}
    assert all(row["comment"].startswith("'=") for row in rows)


def _owners_look(stage: Stage) -> None:
    """Each owner sees the values that hit its own MISPs, and no other value."""
    for owner, hits in (
        (GEO_OWNER, {*GEO_HITS}), (IPA_OWNER, {*IPA_HITS, *DEAD_HITS}), (LAC_OWNER, set()),
    ):  # fmt: skip
        page = stage.enter(owner)
        page.goto("/owner/")
        html = page.content()
        seen = {value for value in VALUES if re.search(rf"{re.escape(value)}(?!\d)", html)}
        assert seen == hits, owner
        searchers = {
            row.strip() for row in page.locator("tbody tr td:nth-child(5)").all_inner_texts()
        }
        assert searchers == ({"LAC"} if hits else set())
        page.context.close()


def _find_it_in_the_history(page: Page) -> None:
    page.get_by_role("link", name="History").first.click()
    page.get_by_role("searchbox").fill("jour")
    page.get_by_role("button", name="Find").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Repeat").click()
    expect(page.locator("#run")).to_have_text(re.compile("Search 150 values"))
    page.context.close()


def test_a_new_node_is_connected_as_a_misp_and_its_data_found(stage: Stage) -> None:
    known = {"type": "domain", "category": "Network activity", "value": NODE_HIT}
    held = {"Event": {"info": "Only in the new node", "Attribute": [known]}}
    with node(stage.folder, NODE_KEY, [held]) as address:
        owner = stage.enter(LAC_OWNER)
        _connect(owner, "NEW-MISP", address)
        owner.locator("form[action$='/test'] button").click()
        expect(owner.locator("main")).to_contain_text("It answers.")
        _wait_for_its_index(owner)
        owner.context.close()
        page = stage.enter(ANALYST)
        page.fill("#text", f"{NODE_HIT}\nnowhere.example.org")
        for other in ("GEO-MISP", "IPA-MISP", "OLD-MISP"):
            page.get_by_role("checkbox", name=re.compile(other)).uncheck()
        page.click("#run")
        page.wait_for_url("**/searches/**")
        expect(_cell(page, NODE_HIT, "NEW-MISP")).to_have_class("sq-hit")
        page.get_by_role("link", name="Hits", exact=True).click()
        expect(page.locator("#rows")).to_contain_text("Only in the new node")
        page.context.close()


def _connect(owner: Page, name: str, address: str) -> None:
    owner.goto("/misps/connect")
    owner.get_by_label("Name").fill(name)
    owner.locator("[name=url]").fill(address)
    owner.locator("[name=key]").fill(NODE_KEY)
    owner.locator("[name=tls]").select_option("insecure")
    owner.get_by_role("button", name="Connect").click()
    owner.wait_for_url(re.compile("/misps/[0-9a-f-]+/$"))


def _wait_for_its_index(owner: Page) -> None:
    """The portal's worker fills it: until then searches do not ask the MISP."""
    owner.goto(f"{owner.url.rstrip('/')}/index")
    for _ in range(60):
        if owner.locator("#standing").get_by_text("Answers").count():
            return
        owner.wait_for_timeout(500)
        owner.reload()
    raise AssertionError(owner.locator("#standing").inner_text())


def test_a_log_becomes_events_of_the_own_misp_and_is_taken_back(stage: Stage) -> None:
    folder = stage.folder / "logs"
    folder.mkdir()
    with node(folder, NODE_KEY, [importing.OTHERS]) as address:
        owner = stage.enter(LAC_OWNER)
        _connect(owner, "LOG-MISP", address)
        importing.upload(owner, folder)
        importing.look_over(owner)
        there = importing.titles(address, NODE_KEY)
        assert there == {"Of others"}, "nothing is written before somebody says so"
        importing.publish(owner, "LOG-MISP")
        assert len(importing.titles(address, NODE_KEY)) == 4
        stranger = stage.enter(GEO_OWNER)
        importing.strangers_find_nothing(stranger, owner.url)
        stranger.context.close()
        importing.undo(owner, "LOG-MISP")
        assert importing.titles(address, NODE_KEY) == there
        owner.context.close()
