"""The pages of a search: asking, reading, downloading, and whom they are for."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import Role
from securegrid.portal.alliance.models import Misp
from securegrid.portal.searches import services
from securegrid.portal.searches.models import Search
from securegrid.values.extract import extract
from tests.conftest import MakeMisp, MakeUser
from tests.fake_misp import answer_status, attribute, event
from tests.unit.portal.searches.conftest import RunSearch, StartMisp, finish

pytestmark = pytest.mark.django_db(transaction=True)

HIT, MISS = "hit.example.org", "miss.example.org"
SignIn = Callable[[User], Client]


@pytest.fixture
def sign_in() -> SignIn:
    def make(user: User) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user)
        return client

    return make


@pytest.fixture
def search(
    analyst: User, make_misp: MakeMisp, start_misp: StartMisp, run_search: RunSearch
) -> Search:
    """A search with one hit, one miss, and a MISP that fails."""
    known = event(1, "Phishing against banks <b>")
    good = start_misp([attribute(HIT, known, comment="seen in mail")])
    broken = start_misp(behaviour=answer_status(500))
    make_misp(name="Good", url=good.url)
    make_misp(name="Broken", url=broken.url)
    return run_search(analyst, HIT, MISS, label="Case 42", purpose="Triage")


def text_of(response: object) -> str:
    html = response.content.decode()  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", html)


def run(client: Client, text: str, **more: object) -> object:
    """Send the form as a browser does, with every MISP ticked."""
    misps = [str(misp.public_id) for misp in Misp.objects.all()]
    form = {"text": text, "action": "run", "misp": misps, **more}
    return client.post(reverse("searches:search"), form)


def test_the_pages_tell_the_network_of_an_address(
    analyst: User, make_misp: MakeMisp, start_misp: StartMisp,
    sign_in: SignIn,
) -> None:  # fmt: skip
    address = "79.124.78.101"
    make_misp(url=start_misp([attribute(address, event(1), "ip-src")]).url)
    search, client = finish(services.ask(analyst, extract(address))), sign_in(analyst)
    page = reverse("searches:result", args=[search.public_id])
    one = reverse("searches:value", args=[search.public_id, 0])

    for address_of_page in (page, f"{page}?view=hits", one):
        assert "AS208370 DIGISYSNET · BG" in text_of(client.get(address_of_page))
    assert "as of 2026-09-16" in text_of(client.get(one))


def test_the_result_says_each_state_in_words(
    search: Search, analyst: User, sign_in: SignIn
) -> None:
    page = text_of(sign_in(analyst).get(reverse("searches:result", args=[search.public_id])))
    assert "Case 42" in page
    assert "Triage" in page
    assert re.search(r'<td class="sq-hit"><span>1 <span class="visually-hidden">hit', page)
    assert '<td class="sq-miss"><span class="visually-hidden">no hit' in page
    assert re.search(r'<td class="sq-not_answered" title="the MISP reported', page)
    assert "Ask again for 2 missing cells" in page
    assert "hx-sse:connect" not in page


def test_searching_leads_to_the_result(
    analyst: User, make_misp: MakeMisp, start_misp: StartMisp, sign_in: SignIn
) -> None:
    make_misp(url=start_misp().url)
    answer = run(sign_in(analyst), f"{MISS}\n{HIT}", label="L", deadline_s="5")
    stored = finish(Search.objects.get())
    assert answer.status_code == 302  # type: ignore[attr-defined]
    assert answer["Location"] == reverse("searches:result", args=[stored.public_id])  # type: ignore[index]
    assert stored.values_count == 2
    assert stored.deadline_s == 5


def test_dropped_values_are_not_searched(
    analyst: User, make_misp: MakeMisp, start_misp: StartMisp, sign_in: SignIn
) -> None:
    fake = start_misp()
    make_misp(url=fake.url)
    run(sign_in(analyst), f"{HIT}\n{MISS}", dropped=[HIT])
    assert finish(Search.objects.get()).values_count == 1
    assert fake.asked_values == {MISS}


def test_every_word_is_escaped(search: Search, analyst: User, sign_in: SignIn) -> None:
    client = sign_in(analyst)
    for address in ("?view=hits", "values/0"):
        page = text_of(client.get(reverse("searches:result", args=[search.public_id]) + address))
        assert "Phishing against banks &lt;b&gt;" in page
        assert "<b>" not in page


def test_japanese_is_spoken_throughout(search: Search, analyst: User) -> None:
    client = Client(headers={"accept-language": "ja"})
    client.force_login(analyst)
    page = text_of(client.get(reverse("searches:result", args=[search.public_id])))
    assert "回答なし" in page
    assert "MISPの内部でエラーが発生しました" in page
    assert "not answered" not in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {HIT, MISS}),
        ("?hits=1", {HIT}),
        ("?kind=ipv4", set()),
        ("?label=none", set()),
        ("?hits=nonsense&kind=nonsense&sort=nonsense&page=-1", {HIT, MISS}),
        ("?page=999999&sort=value", {HIT, MISS}),
    ],
)
def test_the_grid_is_filtered(
    query: str, shown: set[str], search: Search, analyst: User, sign_in: SignIn
) -> None:
    address = reverse("searches:result", args=[search.public_id])
    page = text_of(sign_in(analyst).get(address + query))
    assert {value for value in (HIT, MISS) if f">{value}</a>" in page} == shown


def test_htmx_gets_only_what_is_below_the_heading(
    search: Search, analyst: User, sign_in: SignIn
) -> None:
    client, address = sign_in(analyst), reverse("searches:result", args=[search.public_id])
    part = client.get(address, headers={"hx-request": "true"})
    assert "<html" not in text_of(part)
    assert "HX-Request" in part["Vary"]
    back = {"hx-request": "true", "hx-history-restore-request": "true"}
    assert "<html" in text_of(client.get(address, headers=back))


def test_the_downloads_are_defused_and_whole(
    analyst: User,
    make_misp: MakeMisp,
    start_misp: StartMisp,
    run_search: RunSearch,
    sign_in: SignIn,
) -> None:
    fake = start_misp([attribute(HIT, event(1), comment="=HYPERLINK(1)")])
    make_misp(url=fake.url)
    search, client = run_search(analyst, HIT, MISS), sign_in(analyst)
    table = client.get(reverse("searches:csv", args=[search.public_id])).content.decode()
    assert "'=HYPERLINK(1)" in table
    assert ",=HYPERLINK" not in table
    document = client.get(reverse("searches:json", args=[search.public_id])).json()
    assert [value["value"] for value in document["values"]] == [HIT, MISS]
    assert document["hits"][0]["attribute"]["comment"] == "=HYPERLINK(1)"


def test_asking_again_fills_the_missing_cells(
    analyst: User,
    make_misp: MakeMisp,
    start_misp: StartMisp,
    run_search: RunSearch,
    sign_in: SignIn,
) -> None:
    fake = start_misp([attribute(HIT, event(1))], behaviour=answer_status(500))
    make_misp(url=fake.url)
    search, client = run_search(analyst, HIT, MISS), sign_in(analyst)
    fake.behaviour = None
    answer = client.post(reverse("searches:retry", args=[search.public_id]))
    assert answer.status_code == 302
    finish(search)
    page = text_of(client.get(reverse("searches:result", args=[search.public_id])))
    assert "sq-not_answered" not in page
    assert "Ask again" not in page


def test_repeating_fills_the_box_and_the_options(
    search: Search, analyst: User, sign_in: SignIn
) -> None:
    page = text_of(sign_in(analyst).get(f"/search/?repeat={search.public_id}"))
    assert f"value,kind,label,note {HIT},domain,, {MISS},domain,, </textarea>" in page
    assert 'value="Case 42"' in page
    assert "Search 2 values" in page


def test_the_history_is_searched_by_label_and_purpose(
    search: Search, analyst: User, sign_in: SignIn
) -> None:
    client = sign_in(analyst)
    for words, found in (("case", True), ("TRIAGE", True), ("other", False)):
        page = text_of(client.get("/history/", {"q": words}))
        assert ("Case 42" in page) is found, words


def test_deleting_removes_it_from_the_history(
    search: Search, analyst: User, sign_in: SignIn
) -> None:
    client = sign_in(analyst)
    client.post(reverse("searches:delete", args=[search.public_id]))
    assert not Search.objects.exists()
    assert "Case 42" not in text_of(client.get("/history/"))


READING = ("result", "live", "csv", "json")
CHANGING = ("retry", "delete")


@pytest.mark.parametrize("page", [*READING, *CHANGING, "value"])
def test_whom_a_search_is_for(
    page: str, search: Search, make_user: MakeUser, stranger: User, sign_in: SignIn
) -> None:
    """A colleague who may search reads it; for everybody else it is as absent as none."""
    arguments = [search.public_id, 0] if page == "value" else [search.public_id]
    address = reverse(f"searches:{page}", args=arguments)
    absent = address.replace(str(search.public_id), "00000000-0000-4000-8000-000000000000")
    outsiders = [stranger, make_user(Role.OPERATOR), make_user(Role.OWNER, member=search.member)]
    for person in outsiders:
        client = sign_in(person)
        send = client.post if page in CHANGING else client.get
        assert send(address).status_code == send(absent).status_code == 404
    colleague = sign_in(make_user(Role.ANALYST, member=search.member))
    send = colleague.post if page in CHANGING else colleague.get
    assert send(address).status_code == (302 if page in CHANGING else 200)
    assert Client().get(address).status_code in {302, 405}


def test_only_own_searches_are_repeated_and_listed(
    search: Search, stranger: User, sign_in: SignIn
) -> None:
    client = sign_in(stranger)
    assert client.get(f"/search/?repeat={search.public_id}").status_code == 404
    assert client.get("/search/?repeat=nonsense").status_code == 404
    assert "Case 42" not in text_of(client.get("/history/"))


def test_a_change_by_a_foreign_page_is_refused(search: Search, analyst: User) -> None:
    """The search page is checked although it is exempt until its size is known."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(analyst)
    for address in ("/search/", "/search/understood", f"/searches/{search.public_id}/delete"):
        assert client.post(address, {"text": HIT, "action": "run"}).status_code == 403
    assert Search.objects.count() == 1
