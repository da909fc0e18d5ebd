"""Pages about members and the alliance's settings: for operators only."""

import pytest
from django.test import Client

from securegrid.portal.accounts.models import User
from securegrid.portal.alliance import services
from securegrid.portal.alliance.models import Member, Misp
from securegrid.portal.alliance.words import Standing
from tests.unit.portal.alliance.test_misp_pages import signed_in


def addresses(member: Member) -> list[tuple[str, str]]:
    """Every address for operators, with its methods."""
    base = f"/members/{member.public_id}/"
    pages = [("get", "/members/"), ("get", base), ("get", "/alliance/")]
    changes = ["/members/", base, base + "suspend", base + "resume", "/alliance/"]
    return pages + [("post", address) for address in changes]


def test_nobody_but_operators_finds_anything(
    member: Member, member_admin: User, analyst: User, stranger: User
) -> None:
    for user in (member_admin, analyst, stranger):
        for method, address in addresses(member):
            answer = getattr(signed_in(user), method)(address, {"name": "Taken over"})
            assert answer.status_code == 404, address
    member.refresh_from_db()
    assert member.name != "Taken over"
    assert member.suspended_at is None


def test_the_anonymous_are_led_to_the_sign_in(member: Member) -> None:
    for method, address in addresses(member):
        answer = getattr(Client(), method)(address)
        assert answer.headers["Location"].startswith("/accounts/login/")


def test_members_are_listed_with_what_they_have(operator: User, misp: Misp, owner: User) -> None:
    page = signed_in(operator).get("/members/").context["page"]
    assert [(row.name, row.people, row.misps) for row in page.members] == [(misp.member.name, 1, 1)]
    one = signed_in(operator).get(f"/members/{misp.member.public_id}/").context["page"]
    assert [person.email for person in one.people] == [owner.email]
    assert [row.name for row in one.misps] == [misp.name]


def test_adding_a_member(operator: User) -> None:
    client = signed_in(operator)
    answer = client.post("/members/", {"name": "新しい組織"})
    added = Member.objects.get()
    assert answer.headers["Location"] == f"/members/{added.public_id}/"
    assert client.post("/members/", {"name": "新しい組織"}).status_code == 422


def test_renaming_a_member(operator: User, member: Member) -> None:
    other = services.add_member("Other")
    client, address = signed_in(operator), f"/members/{member.public_id}/"
    client.post(address, {"name": "Renamed"})
    member.refresh_from_db()
    assert member.name == "Renamed"
    answer = client.post(address, {"name": other.name})
    assert answer.status_code == 422
    assert answer.context["page"].name == "Renamed"


def test_suspending_a_member_shuts_out_its_people_and_misps(
    operator: User, misp: Misp, owner: User
) -> None:
    theirs, client = signed_in(owner), signed_in(operator)
    address = f"/members/{misp.member.public_id}/"
    assert client.get(address + "suspend").status_code == 405
    client.post(address + "suspend")
    assert theirs.get("/account/").status_code == 302
    row = client.get("/misps/").context["page"].misps[0]
    assert row.state.standing is Standing.SUSPENDED
    client.post(address + "resume")
    assert client.get("/misps/").context["page"].misps[0].state.standing is Standing.ON


def test_the_alliances_settings(operator: User) -> None:
    client = signed_in(operator)
    given = {"name": "Our Alliance", "notice": "お知らせ"}
    assert client.post("/alliance/", given).status_code == 302
    alliance = services.the_alliance()
    assert (alliance.name, alliance.notice) == ("Our Alliance", "お知らせ")
    assert not alliance.show_searching_member
    client.post("/alliance/", given | {"show_searching_member": "on"})
    assert services.the_alliance().show_searching_member


@pytest.mark.parametrize(("field", "wrong"), [("name", "\x07bell"), ("notice", "x" * 2001)])
def test_wrong_settings_change_nothing(operator: User, field: str, wrong: str) -> None:
    before = services.the_alliance()
    given = {"name": "Other", "notice": "", field: wrong}
    answer = signed_in(operator).post("/alliance/", given)
    assert answer.context["page"].form.errors.keys() == {field}
    assert services.the_alliance().name == before.name
