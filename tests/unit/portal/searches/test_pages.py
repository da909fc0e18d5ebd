"""The pages of a search: asking, reading, downloading, and whom they are for."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import Role
from securegrid.portal.alliance.models import Misp
from securegrid.portal.searches.models import Search
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
