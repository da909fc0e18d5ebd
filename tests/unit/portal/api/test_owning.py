"""The owner's ledger over the API: hits only, to the owner only, filtered, as JSON and CSV."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone

from securegrid.portal.accounts.models import User
from securegrid.portal.alliance.models import Misp
from securegrid.portal.disclosure.models import LedgerEntry
from tests.conftest import MakeMisp
from tests.fake_misp import attribute, event
from tests.unit.portal.api.conftest import CallAs, StartMisp

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def searched(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, call_as: CallAs
) -> list[Misp]:
    """A stranger searched two MISPs of the member; one value hit in both, one in one."""
    bad, worse = (attribute(name, event(1, "=cmd()")) for name in ("bad.example", "worse.example"))
    one = make_misp(url=start_misp([bad, worse]).url, name="One")
    two = make_misp(url=start_misp([bad]).url, name="Two")
    body = {"text": "bad.example\nworse.example\nquiet.example", "wait": True}
    assert call_as(stranger)("POST", "/searches", body).status == 200
    return [one, two]


def test_the_owner_reads_hits_only(
    searched: list[Misp], owner: User, stranger: User, call_as: CallAs
) -> None:
    told = call_as(owner)("GET", "/owner/hits")
    assert sorted((hit["misp"], hit["value"]) for hit in told.body["hits"]) == [
        ("One", "bad.example"),
        ("One", "worse.example"),
        ("Two", "bad.example"),
    ]
    assert b"quiet" not in told.content
    assert stranger.member is not None
    assert {hit["member"] for hit in told.body["hits"]} == {stranger.member.name}
    for person in (stranger.email, stranger.name):
        assert person.encode() not in told.content


def test_filters(searched: list[Misp], owner: User, call_as: CallAs) -> None:
    call = call_as(owner)

    def total(query: str) -> int:
        found: int = call("GET", f"/owner/hits?{query}").body["total"]
        return found

    assert total("misp=One") == 2
    assert total(f"misp={searched[1].public_id}") == 1
    assert total("value=WORSE") == 1
    assert total("since=2099-01-01") == 0
    assert total("until=2001-01-01T00:00:00Z") == 0
    assert total(f"since={quote((timezone.now() - timedelta(hours=1)).isoformat())}") == 3
    page = call("GET", "/owner/hits?per_page=2&page=2").body
    assert (page["page"], page["pages"], len(page["hits"])) == (2, 2, 1)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("misp=Nobody's", 404),
        ("since=yesterday", 422),
        ("since=0001-01-01T00:00:00%2B23:59", 422),
        ("page=0", 422),
        ("format=xml", 422),
        ("value=%00", 400),
    ],
)
def test_bad_filters(
    searched: list[Misp], owner: User, call_as: CallAs, query: str, status: int
) -> None:
    assert call_as(owner)("GET", f"/owner/hits?{query}").status == status


def test_another_members_misp_is_no_filter(
    searched: list[Misp], stranger: User, call_as: CallAs
) -> None:
    call = call_as(stranger)
    assert call("GET", "/owner/hits?misp=One").status == 404
    assert call("GET", f"/owner/hits?misp={searched[0].public_id}").status == 404


@pytest.mark.parametrize("way", [{"query": "?format=csv"}, {"Accept": "text/csv"}])
def test_csv_with_formulas_defused(
    searched: list[Misp], owner: User, call_as: CallAs, way: dict[str, str]
) -> None:
    query = way.pop("query", "")
    told = call_as(owner)("GET", f"/owner/hits{query}", **way)
    assert told.headers["Content-Type"].startswith("text/csv")
    text = told.content.decode()
    assert text.count("\r\n") == 4
    assert ",'=cmd()," in text
    assert ",=cmd()" not in text


def test_hidden_names_are_null(searched: list[Misp], owner: User, call_as: CallAs) -> None:
    LedgerEntry.objects.update(member_name="")
    assert {hit["member"] for hit in call_as(owner)("GET", "/owner/hits").body["hits"]} == {None}


def test_health_of_the_own_misps(searched: list[Misp], owner: User, call_as: CallAs) -> None:
    told = call_as(owner)("GET", "/health?hours=1").body
    assert [(one["name"], one["answered"], one["failed"]) for one in told["misps"]] == [
        ("One", 1, 0),
        ("Two", 1, 0),
    ]
    assert told["misps"][0]["p50_ms"] > 0
