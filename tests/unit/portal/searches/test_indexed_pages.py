"""What pages, downloads and the owner's view say of indexed MISPs."""

import csv
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from securegrid.portal.accounts.models import User
from securegrid.portal.alliance.models import Misp, Visibility
from securegrid.portal.disclosure.table import BYTE_ORDER_MARK
from securegrid.portal.searches import download
from securegrid.portal.searches.models import Search
from tests.conftest import MakeMisp
from tests.fake_misp import answer_status, attribute
from tests.unit.portal.searches.conftest import RunSearch, StartMisp, finish
from tests.unit.portal.searches.indexes import EVENT, HIT, Indexed, synced

pytestmark = pytest.mark.django_db(transaction=True)
BARE = "hit at the last sync; details not available"


def page(user: User, address: str, language: str = "en") -> str:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    response = client.get(address)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def result(user: User, search: Search, query: str = "", language: str = "en") -> str:
    return page(user, reverse("searches:result", args=[search.public_id]) + query, language)


def test_the_form_keeps_a_search_private_and_looks_for_what_is_related(
    indexed: Indexed, searcher: User
) -> None:
    client = Client()
    client.force_login(searcher)
    form = {"text": "hit.example", "action": "run", "misp": str(indexed.misp.public_id)}
    client.post(reverse("searches:search"), form | {"private": "on", "related": "on"})
    search = finish(Search.objects.get())
    assert (search.private, search.related) == (True, True)
    shown = result(searcher, search)
    assert "only indexed MISPs" in shown
    assert "related too" in shown
    again = page(searcher, f"{reverse('searches:search')}?repeat={search.public_id}")
    assert len(re.findall(r'name="(?:private|related)"[^>]*checked', again)) == 2
    history = page(searcher, reverse("searches:history"))
    assert "only indexed MISPs" in history


def test_neither_is_chosen_by_itself(indexed: Indexed, searcher: User) -> None:
    shown = page(searcher, reverse("searches:search"))
    assert not re.findall(r'name="(?:private|related)"[^>]*checked', shown)


def test_each_misp_says_how_it_is_searched(
    indexed: Indexed,
    start_misp: StartMisp,
    make_misp: MakeMisp,
    searcher: User,
    run_search: RunSearch,
) -> None:
    make_misp(name="Live", url=start_misp([HIT]).url)
    make_misp(name="Empty", url=indexed.fake.url, mode="indexed")
    synced(indexed.misp, [HIT], timezone.now() - timedelta(minutes=7, seconds=20))
    asking = page(searcher, reverse("searches:search"))
    assert "indexed · 7 min" in asking
    assert "no index yet" in asking
    search = run_search(searcher, "hit.example")
    shown = result(searcher, search)
    assert shown.count("indexed · 7 min") == 2  # its card, its column
    assert shown.count("</svg> live") == 2
    history = page(searcher, reverse("searches:history"))
    assert "1 live" in history
    assert history.count("indexed · 7 min") == 1


def test_a_hit_without_details_says_so_everywhere(
    indexed: Indexed, searcher: User, owner: User, run_search: RunSearch
) -> None:
    indexed.fake.behaviour = answer_status(500)
    search = run_search(searcher, "hit.example", "miss.example")
    assert f'<td class="sq-hit sq-bare" title="{BARE}: ' in result(searcher, search)
    assert f"{BARE}: the MISP reported" in result(searcher, search, "?view=hits")
    panel = page(searcher, reverse("searches:value", args=[search.public_id, 0]))
    assert BARE in panel
    assert "the owner shows nothing more" not in panel
    assert "最終同期時点でヒット" in result(searcher, search, "", "ja")
    assert "told from your index" in page(owner, reverse("disclosure:owner"))
    (line,) = rows(search)
    assert (line["mode"], line["reason"], line["event"]) == ("indexed", "server_error", "")


def test_a_hit_without_details_can_be_read_when_its_owner_shows_less_now(
    indexed: Indexed, searcher: User, run_search: RunSearch
) -> None:
    indexed.fake.behaviour = answer_status(500)
    search = run_search(searcher, "hit.example")
    Misp.objects.update(visibility=Visibility.EXISTS)
    search.hits.update(count=None)
    assert BARE in page(searcher, reverse("searches:value", args=[search.public_id, 0]))


def test_what_is_only_related_looks_different(
    indexed: Indexed, searcher: User, run_search: RunSearch
) -> None:
    url = attribute("http://hit.example/payload", EVENT, "url")
    indexed.fake.attributes[:] = [url]
    synced(indexed.misp, [url])
    search = run_search(searcher, "hit.example", related=True)
    assert '<td class="sq-hit sq-related" title="related only, not equal">' in result(
        searcher, search
    )
    assert [line["relation"] for line in rows(search)] == ["same_host"]


def rows(search: Search) -> list[dict[str, str]]:
    text = "".join(download.as_csv(search)).removeprefix(BYTE_ORDER_MARK)
    return list(csv.DictReader(StringIO(text, newline="")))
