"""Pages about people, tried by member admin, operator, colleague, stranger and nobody."""

import re
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.utils import timezone

from securegrid.portal.accounts import invitations, services
from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import Role, Scope
from securegrid.portal.alliance.models import Member
from tests.conftest import MakeUser
from tests.unit.portal.alliance.test_misp_pages import signed_in

ACTIONS = ("roles", "name", "suspend", "resume", "link", "sign-out")


def addresses(target: User) -> list[tuple[str, str]]:
    """Every address about one person, with the method that it takes."""
    base = f"/users/{target.public_id}/"
    return [("get", base), *(("post", base + action) for action in ACTIONS)]


def test_a_member_admin_sees_the_own_people_only(
    member_admin: User, analyst: User, stranger: User
) -> None:
    page = signed_in(member_admin).get("/users/").context["page"]
    assert {row.email for row in page.people} == {member_admin.email, analyst.email}
    assert not page.shows_members
    assert stranger.email not in {row.email for row in page.people}


def test_an_operator_sees_everybody(operator: User, analyst: User, stranger: User) -> None:
    page = signed_in(operator).get("/users/").context["page"]
    assert {row.email for row in page.people} == {operator.email, analyst.email, stranger.email}
    assert page.shows_members


def test_colleagues_and_strangers_find_nothing(analyst: User, owner: User, stranger: User) -> None:
    for user in (owner, analyst):
        assert signed_in(user).get("/users/").status_code == 404
        assert signed_in(user).get("/users/invite").status_code == 404
    for user in (owner, stranger):
        for method, address in addresses(analyst):
            assert getattr(signed_in(user), method)(address).status_code == 404, address
    analyst.refresh_from_db()
    assert analyst.is_active


def test_the_anonymous_are_led_to_the_sign_in(analyst: User) -> None:
    for method, address in [("get", "/users/"), ("get", "/users/invite"), *addresses(analyst)]:
        answer = getattr(Client(), method)(address)
        assert answer.headers["Location"].startswith("/accounts/login/")


def test_a_member_admin_never_touches_an_operator(
    member_admin: User, make_user: MakeUser, member: Member
) -> None:
    boss = make_user(Role.OPERATOR, member=member)
    client = signed_in(member_admin)
    for method, address in addresses(boss):
        assert getattr(client, method)(address).status_code == 404, address
    rows = client.get("/users/").context["page"].people
    assert {row.email: row.may_change for row in rows}[boss.email] is False


def test_changes_need_post(member_admin: User, analyst: User) -> None:
    for action in ACTIONS:
        address = f"/users/{analyst.public_id}/{action}"
        assert signed_in(member_admin).get(address).status_code == 405


def test_an_invitation_is_shown_once_and_opens_the_account(member_admin: User) -> None:
    given = {"email": "New@Example.org", "name": "New", "roles": ["analyst"]}
    answer = signed_in(member_admin).post("/users/invite", given)
    assert answer.status_code == HTTPStatus.CREATED
    assert answer.headers["Cache-Control"] == "no-store, private"
    link = answer.context["page"].link
    address, _, token = link.partition("#")
    assert address == "http://testserver/invitation/"
    user = invitations.invited(token, timezone.now())
    assert user is not None
    assert (user.email, user.member) == ("new@example.org", member_admin.member)
    assert link in answer.content.decode()


def test_a_member_admin_cannot_invite_operators_or_into_other_members(
    member_admin: User, stranger: User
) -> None:
    other = stranger.member
    assert other is not None
    given = {"email": "new@example.org", "roles": ["operator"], "member": str(other.public_id)}
    client = signed_in(member_admin)
    assert client.post("/users/invite", given).status_code == 422
    client.post("/users/invite", given | {"roles": ["analyst"]})
    assert User.objects.get(email="new@example.org").member == member_admin.member


def test_an_operator_invites_into_a_member_or_none(operator: User, member: Member) -> None:
    client = signed_in(operator)
    given = {"email": "a@example.org", "roles": ["analyst"], "member": str(member.public_id)}
    assert client.post("/users/invite", given).status_code == 201
    given = {"email": "b@example.org", "roles": ["operator"], "member": ""}
    assert client.post("/users/invite", given).status_code == 201
    given = {"email": "c@example.org", "roles": ["analyst"], "member": ""}
    answer = client.post("/users/invite", given)
    assert answer.context["page"].form.errors.keys() == {"member"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "not an address"}, "email"),
        ({"roles": []}, "roles"),
        ({"roles": ["emperor"]}, "roles"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    member_admin: User, changes: dict[str, object], field: str
) -> None:
    given = {"email": "new@example.org", "name": "", "roles": ["analyst"]} | changes
    answer = signed_in(member_admin).post("/users/invite", given)
    assert answer.status_code == 422
    assert answer.context["page"].form.errors.keys() == {field}


def test_a_taken_address_is_refused(member_admin: User, stranger: User) -> None:
    given = {"email": stranger.email, "roles": ["analyst"]}
    assert signed_in(member_admin).post("/users/invite", given).status_code == 422


def test_roles_change_at_once(member_admin: User, analyst: User) -> None:
    address = f"/users/{analyst.public_id}/roles"
    signed_in(member_admin).post(address, {"roles": ["owner"]})
    assert User.objects.get(pk=analyst.pk).roles == {Role.OWNER}
    answer = signed_in(member_admin).post(address, {"roles": []})
    assert answer.status_code == 422
    assert answer.context["page"].roles_form.errors


def test_a_member_admin_grants_no_operators(member_admin: User, analyst: User) -> None:
    address = f"/users/{analyst.public_id}/roles"
    assert signed_in(member_admin).post(address, {"roles": ["operator"]}).status_code == 422
    assert User.objects.get(pk=analyst.pk).roles == {Role.ANALYST}


def test_nobody_changes_or_suspends_oneself(member_admin: User) -> None:
    client = signed_in(member_admin)
    base = f"/users/{member_admin.public_id}/"
    assert client.post(base + "roles", {"roles": ["analyst"]}).status_code == 422
    client.post(base + "suspend")
    member_admin.refresh_from_db()
    assert member_admin.is_active
    assert Role.MEMBER_ADMIN in User.objects.get(pk=member_admin.pk).roles


def test_suspending_ends_the_session_and_can_be_undone(member_admin: User, analyst: User) -> None:
    theirs = signed_in(analyst)
    client = signed_in(member_admin)
    client.post(f"/users/{analyst.public_id}/suspend")
    assert theirs.get("/account/").status_code == 302
    assert client.get(f"/users/{analyst.public_id}/").context["page"].state == "suspended"
    client.post(f"/users/{analyst.public_id}/resume")
    analyst.refresh_from_db()
    assert analyst.is_active


def test_ending_the_sessions(member_admin: User, analyst: User) -> None:
    theirs = signed_in(analyst)
    signed_in(member_admin).post(f"/users/{analyst.public_id}/sign-out")
    assert theirs.get("/account/").status_code == 302


def test_a_fresh_link_replaces_the_old_one(member_admin: User, analyst: User) -> None:
    client = signed_in(member_admin)
    tokens = [
        client.post(f"/users/{analyst.public_id}/link").context["page"].link.partition("#")[2]
        for _ in range(2)
    ]
    assert invitations.invited(tokens[0], timezone.now()) is None
    assert invitations.invited(tokens[1], timezone.now()) == analyst


def test_renaming(member_admin: User, analyst: User) -> None:
    client = signed_in(member_admin)
    address = f"/users/{analyst.public_id}/name"
    client.post(address, {"name": "山田 花子"})
    analyst.refresh_from_db()
    assert analyst.name == "山田 花子"
    assert client.post(address, {"name": "a\tb"}).status_code == 422
    analyst.refresh_from_db()
    assert analyst.name == "山田 花子"


def test_an_admin_revokes_a_token_but_never_sees_it(
    member_admin: User, analyst: User, stranger: User
) -> None:
    now = timezone.now()
    raw, token = services.issue_token(analyst, "script", [Scope.SEARCH], timedelta(days=9), now)
    client = signed_in(member_admin)
    page = client.get(f"/users/{analyst.public_id}/").content.decode()
    assert "script" in page
    assert not re.search(re.escape(raw), page)
    address = f"/users/{analyst.public_id}/tokens/{token.public_id}/revoke"
    assert signed_in(stranger).post(address).status_code == 404
    other = f"/users/{member_admin.public_id}/tokens/{token.public_id}/revoke"
    assert client.post(other).status_code == 404
    assert client.post(address).status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None
