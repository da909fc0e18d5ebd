"""The owner view: hits on the own data, to the own member only."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import Role
from securegrid.portal.alliance import services as alliance
from securegrid.portal.alliance.models import Misp
from securegrid.portal.disclosure import ledger
from securegrid.portal.disclosure.ledger import HitValue, LedgerEvent
from tests.conftest import MakeMember, MakeMisp, MakeUser

pytestmark = pytest.mark.django_db

PAGES = ("/owner/", "/owner/csv")


def enter(misp: Misp, value: str, *, days: float = 0.0, by: str = "Searcher") -> None:
    hit = HitValue(value, "domain", (LedgerEvent(str(uuid4()), f"Event of {value}", 2),))
    ledger.write(misp.pk, uuid4(), timezone.now() - timedelta(days=days), by, [hit])


def page(user: User, address: str = "/owner/", **query: str) -> str:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    answer = client.get(address, query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.mark.parametrize("address", PAGES)
def test_an_owner_sees_value_organisation_and_events(address: str, owner: User, misp: Misp) -> None:
    enter(misp, "hit.example.org")
    told = page(owner, address)
    for words in ("hit.example.org", "Searcher", "Event of hit.example.org", misp.name):
        assert words in told


@pytest.mark.parametrize("address", PAGES)
def test_whom_the_ledger_is_for(
    address: str, owner: User, member_admin: User, misp: Misp, make_user: MakeUser, stranger: User
) -> None:
    """Owner and administrator of the member read it; another member's owner reads its own."""
    enter(misp, "hit.example.org")
    assert "hit.example.org" in page(member_admin, address)
    assert "hit.example.org" not in page(stranger, address)
    for outsider in (make_user(Role.ANALYST, member=owner.member), make_user(Role.OPERATOR)):
        client = Client()
        client.force_login(outsider)
        assert client.get(address).status_code == 404
    assert Client().get(address).status_code == 302


@pytest.mark.parametrize("address", PAGES)
def test_another_members_misp_cannot_be_named(
    address: str, owner: User, make_misp: MakeMisp, make_member: MakeMember
) -> None:
    others = make_misp(member=make_member(), name="Theirs")
    enter(others, "secret.example.org")
    client = Client()
    client.force_login(owner)
    assert client.get(address, {"misp": "Theirs"}).status_code == 404
    assert client.get(address, {"misp": "No such MISP"}).status_code == 404


@pytest.mark.parametrize("address", PAGES)
def test_filters_narrow_page_and_download_alike(
    address: str, owner: User, make_misp: MakeMisp
) -> None:
    first, second = make_misp(name="First"), make_misp(name="Second")
    enter(first, "first.example.org")
    enter(second, "second.example.org", days=20)
    enter(second, "ancient.example.org", days=400)
    for query, seen in (
        ({}, {"first", "second"}),
        ({"misp": "First"}, {"first"}),
        ({"span": "week"}, {"first"}),
        ({"span": "all"}, {"first", "second", "ancient"}),
        ({"span": "nonsense", "q": "SECOND"}, {"second"}),
    ):
        told = page(owner, address, **query)
        found = {name for name in ("first", "second", "ancient") if f"{name}.example" in told}
        assert found == seen, query


def test_what_is_shown_and_what_is_not_is_said(owner: User, misp: Misp) -> None:
    told = page(owner)
    assert "Values that did not hit are never shown" in told
    assert "never the person" in told
    assert "No search has hit your data yet" in told
    alliance.change_alliance(show_searching_member=False)
    enter(misp, "hit.example.org", by="")
    told = page(owner)
    assert "does not show which organisation" in told
    assert "not shown" in told


def test_the_chart_counts_the_weeks(owner: User, misp: Misp) -> None:
    assert "data-chart" not in page(owner)
    enter(misp, "hit.example.org")
    assert "data-chart" in page(owner)


def test_a_download_is_no_formula(owner: User, misp: Misp) -> None:
    enter(misp, "=1+1", by="@SUM(A1)")
    told = page(owner, "/owner/csv")
    assert "'=1+1" in told
    assert "'@SUM" in told


def test_everything_is_escaped(owner: User, misp: Misp) -> None:
    enter(misp, "<img src=x>")
    assert "<img src=x>" not in page(owner)
