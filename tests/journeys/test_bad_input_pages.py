"""What people may paste by mistake or malice: told clearly, kept in the box, never a script."""

import csv
import re
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import Role
from securegrid.portal.alliance.models import Misp
from securegrid.portal.searches import services
from securegrid.portal.searches.engine import engine
from securegrid.portal.searches.models import Search
from securegrid.values.extract import Item, extract_items
from tests.conftest import MakeMisp, MakeUser
from tests.fake_misp import attribute, event, serving

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = 10.0
"""Of computing; waiting for other programs of the machine does not count."""
MIB = 1024 * 1024
LANGUAGES = ("en", "ja")
JAPANESE = re.compile("[ぁ-んァ-ヶ]")


VOID = {"input", "br", "img", "hr", "meta", "link", "wbr"}


class _Reader(HTMLParser):
    """Takes a page apart as a browser does: the box, the alerts, scripts and handlers."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.box = ""
        self.inputs: dict[str, str] = {}
        self.alerts = ""
        self.dangerous: list[str] = []
        self._inside: list[str] = []
        self._alert_depth = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: text or "" for name, text in attrs}
        if tag == "script" and "src" not in told and "json" not in told.get("type", ""):
            self.dangerous.append("script")
        self.dangerous += [name for name in told if name.startswith("on")]
        self.dangerous += [t for t in told.values() if t.lower().startswith("javascript:")]
        self.dangerous += [tag] if tag in {"iframe", "object", "embed"} else []
        if tag == "textarea":
            self._inside = [told.get("name", "")]
        if tag == "input":
            self.inputs[told.get("name", "")] = told.get("value", "")
        if tag not in VOID and (self._alert_depth or _is_alert(told)):
            self._alert_depth += 1

    def handle_endtag(self, tag: str) -> None:
        self._alert_depth -= bool(self._alert_depth and tag not in VOID)
        if tag == "textarea":
            self._inside = []

    def handle_data(self, data: str) -> None:
        if self._inside == ["text"]:
            self.box += data
        if self._alert_depth:
            self.alerts += data


def _is_alert(told: dict[str, str]) -> bool:
    classes = set(told.get("class", "").split())
    return told.get("role") == "alert" or bool({"alert", "invalid-feedback", "sg-errors"} & classes)


def read(html: str) -> _Reader:
    return _Reader(html)


class Browser:
    """A signed-in browser that speaks a language."""

    def __init__(self, user: User, language: str = "en") -> None:
        self._client = Client(raise_request_exception=False)
        self._client.force_login(user)
        self._headers = {"Accept-Language": language}

    def get(self, path: str) -> str:
        answer = self._client.get(path, headers=self._headers)
        assert answer.status_code == 200, path
        content = b"".join(answer) if answer.streaming else answer.content
        return content.decode()

    def post(self, path: str, form: dict[str, Any]) -> tuple[int, str]:
        started = time.process_time()
        answer = self._client.post(path, form, headers=self._headers)
        assert time.process_time() - started < SECONDS
        return answer.status_code, answer.content.decode()


@pytest.fixture
def nothing_stored() -> Iterator[None]:
    """Afterwards no search was stored or begun."""
    yield
    assert not Search.objects.exists()


TEXTS = {
    "empty": "",
    "blank": " \u3000 ",
    "nothing": "nothing to find here",
    "control characters": "\x01\x02\x1b[2J\x7f",
    "binary as text": "\ufffd\ufffd%PDF-1.7\ufffd",
    "a script": "</textarea><script>alert(1)</script>",
    "one value of 1 MB": "a" * MIB,
    "200,000 values": "\n".join(f"h{n}.example" for n in range(200_000)),
    "longer than is read": "x" * 10_000_001,
}
SLOW = ("200,000 values",)
"""Tried in one language only."""


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    ("name", "language"),
    [(name, one) for name in TEXTS for one in LANGUAGES if name not in SLOW or one == "ja"],
)
def test_a_text_that_cannot_be_searched_is_kept_and_told(
    stranger: User, misp: Misp, name: str, language: str
) -> None:
    text = TEXTS[name]
    form = {"text": text, "action": "run", "label": "A <b>label</b>", "deadline_s": "7"}
    met, html = Browser(stranger, language).post("/search/", form)
    page = read(html)
    assert met == (413 if name == "longer than is read" else 422)
    assert page.dangerous == []
    assert bool(JAPANESE.search(page.alerts)) == (language == "ja")
    assert page.alerts.strip()
    assert page.box.removeprefix("\n").replace("\r\n", "\n") == text
    assert page.inputs["label"] == "A <b>label</b>"
    assert page.inputs["deadline_s"] in {"7", "7.0"}


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"deadline_s": "0.5"}, id="deadline too short"),
        pytest.param({"deadline_s": "121"}, id="deadline too long"),
        pytest.param({"deadline_s": "nan"}, id="deadline nan"),
        pytest.param({"deadline_s": "soon"}, id="deadline no number"),
        pytest.param({"deadline_s": "1" * 5_000}, id="deadline of 5,000 digits"),
        pytest.param({"label": "x" * 201}, id="label too long"),
        pytest.param({"label": "x" * 9_000_000}, id="label of 9 MB"),
        pytest.param({"label": "a\x00b"}, id="label with NUL"),
        pytest.param({"label": "a\x1bb"}, id="label with a control character"),
        pytest.param({"purpose": "x" * 2_001}, id="purpose too long"),
        pytest.param({"misp": "not-a-misp"}, id="unknown misp"),
        pytest.param({"misp": ["a", "b", "\x00"]}, id="several unknown misps"),
    ],
)
def test_options_that_are_wrong_are_told_and_the_text_is_kept(
    stranger: User, misp: Misp, make_misp: MakeMisp, more: dict[str, Any], language: str
) -> None:
    make_misp()
    form = {"text": "kept.example", "action": "run"} | more
    status, html = Browser(stranger, language).post("/search/", form)
    page = read(html)
    assert status == 422
    assert page.box.strip() == "kept.example"
    assert page.alerts.strip()
    assert bool(JAPANESE.search(page.alerts)) == (language == "ja")


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("path", ["/search/", "/search/understood"])
@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe\x00", b"text=%FF%FE%00&action=run", b"&" * 5_000, b"text=a.example&page=-1"],
    ids=lambda body: ascii(body)[:20],
)
def test_a_form_that_is_none_breaks_nothing(stranger: User, path: str, body: bytes) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(stranger)
    answer = client.generic("POST", path, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in {200, 400, 413, 422}
    odd = client.generic("POST", path, body, content_type="multipart/form-data; boundary=x")
    assert odd.status_code in {200, 400, 413, 422}


SCRIPT = "<script>alert('x')</script>"
HANDLER = "\"'><img src=x onerror=alert(1)>"
FORMULAS = ("=cmd|'/C calc'!A1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1")


@pytest.fixture
def hostile(stranger: User, make_misp: MakeMisp) -> Iterator[Search]:
    """A complete search whose every text, from either side, is an attack."""
    info = f"=HYPERLINK(1) {SCRIPT}"
    told = event(1, info, Tag=[{"name": HANDLER, "colour": "red;background:url(//x)"}])
    told["Orgc"]["name"] = HANDLER
    held = attribute("evil.example", told, comment=f"@{SCRIPT}", category=HANDLER)
    with serving() as start:
        make_misp(url=start([held]).url, name=f"MISP {SCRIPT}")
        items = [Item("evil.example", note=f"={SCRIPT}", label=f"+{HANDLER}"), Item(SCRIPT)]
        items += [Item("miss.example", note=FORMULAS[0], label=FORMULAS[2]), Item(HANDLER)]
        found = extract_items(items)
        search = services.ask(stranger, found, label=SCRIPT, purpose=HANDLER)
        assert engine().wait(search.public_id, 20)
        yield search


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_becomes_a_script_on_any_page(
    stranger: User,
    make_user: MakeUser,
    misp: Misp,
    hostile: Search,
    language: str,
) -> None:
    keeper = make_user(Role.OWNER, Role.MEMBER_ADMIN, member=misp.member, name=SCRIPT)
    one = f"/searches/{hostile.public_id}/"
    searcher, owner = Browser(stranger, language), Browser(keeper, language)
    pages = {path: searcher.get(path) for path in (
        one, f"{one}?view=hits", f"{one}?label={HANDLER}", f"{one}values/0", f"{one}live",
        f"{one}live?view=hits", "/history/", f"/history/?q={SCRIPT}",
        f"/search/?repeat={hostile.public_id}",
    )}  # fmt: skip
    pages |= {path: owner.get(path) for path in ("/owner/", "/misps/", "/health/", "/users/")}
    for path, html in pages.items():
        assert read(html).dangerous == [], path
        assert SCRIPT not in html, path
        assert "<img src=x" not in html, path
    # The texts are there, as texts.
    assert "&lt;script&gt;" in pages[one]
    assert "&lt;script&gt;" in pages["/owner/"]


def test_no_download_holds_a_formula(
    stranger: User, make_user: MakeUser, misp: Misp, hostile: Search
) -> None:
    owner = make_user(Role.OWNER, member=misp.member)
    files = [Browser(stranger).get(f"/searches/{hostile.public_id}/csv")]
    files.append(Browser(owner).get("/owner/csv"))
    for text in files:
        rows = list(csv.reader(StringIO(text.lstrip("\ufeff"))))
        assert len(rows) > 1
        cells = [cell for row in rows[1:] for cell in row]
        assert any(cell.startswith("'=") for cell in cells)
        assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}]
