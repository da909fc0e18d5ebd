"""The shell: navigation by permission, theme, language, zone, and the way home."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone

from securegrid.portal.accounts.models import User
from securegrid.portal.alliance import services as alliance
from securegrid.portal.alliance.models import Member
from securegrid.portal.ui.templatetags.ui import duration, when
from securegrid.portal.ui.zone import zone_named


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_navigation_shows_what_the_person_may_open(owner: User, operator: User) -> None:
    own = _signed_in(owner).get("/account/").content.decode()
    all_ = _signed_in(operator).get("/account/").content.decode()
    assert 'href="/misps/"' in own
    assert 'href="/members/"' not in own
    assert 'href="/members/"' in all_


def test_the_open_page_is_marked(operator: User) -> None:
    page = _signed_in(operator).get("/members/").content.decode()
    assert '<a href="/members/" aria-current="page">' in page
    assert page.count('aria-current="page"') == 1


def test_the_anonymous_see_no_navigation(db: None) -> None:
    assert "sg-nav" not in Client().get("/nothing").content.decode()


def test_home_leads_to_the_first_page_one_may_open(operator: User) -> None:
    assert _signed_in(operator).get("/").headers["Location"] == "/misps/"


def test_home_leads_the_anonymous_to_the_sign_in(db: None) -> None:
    assert Client().get("/").headers["Location"].startswith("/accounts/login/")


def test_a_chosen_theme_is_kept_and_rendered(db: None) -> None:
    client = Client()
    answer = client.post("/theme", {"theme": "dark", "next": "/accounts/login/"})
    assert answer.headers["Location"] == "/accounts/login/"
    assert 'data-bs-theme="dark"' in client.get("/accounts/login/").content.decode()


def test_an_unknown_theme_is_not_found(db: None) -> None:
    assert Client().post("/theme", {"theme": '"><script>'}).status_code == 404


def test_a_forged_theme_cookie_is_ignored(db: None) -> None:
    client = Client()
    client.cookies["theme"] = "x"
    assert 'data-theme="auto"' in client.get("/accounts/login/").content.decode()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_the_way_back_stays_here(db: None, elsewhere: str) -> None:
    answer = Client().post("/theme", {"theme": "dark", "next": elsewhere})
    assert answer.headers["Location"] == "/"


def test_the_browsers_language_is_followed(db: None) -> None:
    page = Client().get("/accounts/login/", headers={"Accept-Language": "ja,en;q=0.5"})
    assert '<html lang="ja"' in page.content.decode()
    assert "パスワード" in page.content.decode()


def test_a_chosen_language_wins_over_the_browsers(db: None) -> None:
    client = Client(headers={"Accept-Language": "ja"})
    client.post("/language", {"language": "en", "next": "/accounts/login/"})
    assert '<html lang="en"' in client.get("/accounts/login/").content.decode()


def test_times_are_shown_in_the_cookies_zone(operator: User, member: Member) -> None:
    Member.objects.update(created_at=datetime(2026, 1, 31, 20, 30, tzinfo=UTC))
    client = _signed_in(operator)
    assert "2026-01-31 20:30" in client.get("/members/").content.decode()
    client.cookies["timezone"] = "Asia/Tokyo"
    assert "2026-02-01 05:30" in client.get("/members/").content.decode()


@pytest.mark.parametrize("forged", ["", "../../etc/passwd", "Mars/Olympus", "A" * 10_000])
def test_an_unknown_zone_is_ignored(forged: str) -> None:
    assert zone_named(forged) is None


def test_the_zone_does_not_outlive_the_request(operator: User) -> None:
    client = _signed_in(operator)
    client.cookies["timezone"] = "Asia/Tokyo"
    client.get("/members/")
    assert timezone.get_current_timezone_name() == "UTC"


def test_alliance_name_and_notice_stand_on_every_page(db: None) -> None:
    alliance.change_alliance(name="Our <Alliance>", notice="Composed data & more")
    page = Client().get("/accounts/login/").content.decode()
    assert "Our &lt;Alliance&gt;" in page
    assert "Composed data &amp; more" in page


@pytest.mark.parametrize(
    ("elapsed_ms", "words"),
    [(None, "–"), (0, "0 ms"), (84.6, "85 ms"), (1240, "1.24 s"), (125_000, "2 min 5 s")],
)
def test_durations_as_people_read_them(elapsed_ms: float | None, words: str) -> None:
    assert duration(elapsed_ms) == words


def test_a_moment_names_its_zone() -> None:
    with timezone.override("Asia/Tokyo"):
        shown = when(datetime(2026, 1, 31, 20, 30, 5, tzinfo=UTC))
    assert ">2026-02-01 05:30<" in shown
    assert "05:30:05 JST (UTC+0900)" in shown
