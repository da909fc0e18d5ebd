"""MISPs, members, users and tokens over the API."""

import pytest

from securegrid.portal.accounts.models import ApiToken, User
from securegrid.portal.accounts.roles import Scope
from securegrid.portal.alliance.models import Misp
from tests.conftest import KEY, PASSWORD, MakeMisp
from tests.unit.portal.api.conftest import CallAs, Caller, StartMisp

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_misp_is_connected_changed_tested_and_disconnected(
    owner: User, start_misp: StartMisp, call_as: CallAs
) -> None:
    call = call_as(owner)
    given = {"name": "Ours", "url": start_misp().url, "key": KEY, "visibility": "title"}
    made = call("POST", "/misps", given)
    assert made.status == 201
    assert (made.body["state"], made.body["settings"]["visibility"]) == ("on", "title")
    assert KEY.encode() not in made.content
    path = f"/misps/{made.body['id']}"

    tested = call("POST", f"{path}/test").body
    assert (tested["ok"], tested["version"], tested["may_add"]) == (True, "2.5.1", False)

    changed = call("PATCH", path, {"enabled": False, "concurrency": 2, "left_out_tags": ["x"]})
    assert changed.body["state"] == "off"
    assert changed.body["settings"]["left_out_tags"] == ["x"]
    assert changed.body["settings"]["visibility"] == "title"

    assert call("DELETE", path).status == 204
    assert Misp.objects.get().sealed_key == b""


def test_a_broken_misp_tells_why(
    owner: User, make_misp: MakeMisp, start_misp: StartMisp, call_as: CallAs
) -> None:
    misp = make_misp(url="http://127.0.0.1:9")
    told = call_as(owner)("POST", f"/misps/{misp.public_id}/test")
    assert (told.status, told.body["ok"], told.body["reason"]) == (200, False, "unreachable")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"url": "ftp://misp.example"}, "url_invalid"),
        ({"url": "https://elsewhere.example"}, "key_needed_again"),
        ({"key": "short"}, "key_invalid"),
        ({"concurrency": 99}, "limit_invalid"),
        ({"visibility": "everything"}, "invalid"),
    ],
)
def test_refused_changes_change_nothing(
    owner: User, misp: Misp, call_as: CallAs, change: dict[str, object], code: str
) -> None:
    told = call_as(owner)("PATCH", f"/misps/{misp.public_id}", change | {"pause_ms": 7})
    assert (told.status, told.body["error"]["code"]) == (422, code)
    misp.refresh_from_db()
    assert misp.pause_ms == 0


def test_searchers_see_names_and_states_only(stranger: User, misp: Misp, call_as: CallAs) -> None:
    (told,) = call_as(stranger, Scope.SEARCH)("GET", "/misps").body["misps"]
    assert told["settings"] is None
    assert misp.url not in str(told)


def test_an_operator_makes_a_member_and_its_first_admin(operator: User, call_as: CallAs) -> None:
    call = call_as(operator)
    member = call("POST", "/members", {"name": "新会員"})
    assert (member.status, member.body["suspended"]) == (201, False)
    user = {"email": "admin@new.example", "member": "新会員", "roles": ["member_admin"]}
    made = call("POST", "/users", user)
    assert made.status == 201
    assert "#" in made.body["invitation"]
    assert call("POST", "/members", {"name": "新会員"}).body["error"]["code"] == "name_taken"
    path = f"/members/{member.body['id']}"
    assert call("PATCH", path, {"suspended": True}).body["suspended"]
    assert not call("PATCH", path, {"suspended": False, "name": "N"}).body["suspended"]


def test_a_member_admin_makes_and_suspends_people(
    member_admin: User, stranger: User, call_as: CallAs
) -> None:
    call = call_as(member_admin)
    user = {"email": "new@example.org", "password": PASSWORD, "roles": ["analyst"]}
    made = call("POST", "/users", user)
    assert (made.status, made.body["invitation"]) == (201, None)
    assert PASSWORD.encode() not in made.content
    path = f"/users/{made.body['id']}"
    assert call("PATCH", path, {"suspended": True, "name": "N"}).body["suspended"]
    assert call("PATCH", path, {"roles": ["owner"]}).body["roles"] == ["owner"]
    assert stranger.member is not None
    elsewhere = user | {"email": "b@example.org", "member": stranger.member.name}
    assert call("POST", "/users", elsewhere).body["error"]["field"] == "member"


def test_nobody_becomes_more_than_the_giver(member_admin: User, call_as: CallAs) -> None:
    call = call_as(member_admin)
    body = {"email": "op@example.org", "roles": ["operator"]}
    assert call("POST", "/users", body).body["error"]["code"] == "not_allowed"
    own = f"/users/{member_admin.public_id}"
    assert call("PATCH", own, {"roles": ["operator"]}).body["error"]["code"] == "not_allowed"
    assert call("PATCH", own, {"suspended": True}).body["error"]["code"] == "not_allowed"


def test_a_token_is_told_once_and_revoked(analyst: User, call_as: CallAs) -> None:
    call = call_as(analyst)
    made = call("POST", "/tokens", {"name": "SIEM", "scopes": ["search"], "days": 30})
    raw = made.body["token"]
    assert made.status == 201
    assert raw.encode() not in call("GET", "/tokens").content
    assert Caller(raw)("GET", "/searches").status == 200
    assert call("DELETE", f"/tokens/{made.body['id']}").status == 204
    assert Caller(raw)("GET", "/searches").status == 401


@pytest.mark.parametrize("days", [0, -1, 367, 10**12])
def test_a_token_has_an_end(analyst: User, call_as: CallAs, days: int) -> None:
    told = call_as(analyst)("POST", "/tokens", {"name": "n", "scopes": ["search"], "days": days})
    assert (told.status, told.body["error"]["field"]) == (422, "days")


def test_a_token_gives_no_more_than_it_has(analyst: User, call_as: CallAs) -> None:
    body = {"name": "n", "scopes": ["search", "owner"]}
    assert call_as(analyst, Scope.SEARCH)("POST", "/tokens", body).status == 403
    assert call_as(analyst, Scope.SEARCH, Scope.ADMIN)("POST", "/tokens", body).status == 403
    assert ApiToken.objects.count() == 2
