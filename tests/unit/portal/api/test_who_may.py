"""Every operation of the API, tried by owner, colleague, stranger, nobody, wrong scope, suspended.

A stranger gets for another member's thing exactly what anybody gets for a thing that is not.
"""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from securegrid.portal.accounts import services as accounts
from securegrid.portal.accounts.models import ApiToken, User
from securegrid.portal.accounts.roles import Role, Scope
from securegrid.portal.alliance import services as alliance
from securegrid.portal.alliance.models import Member, Misp
from securegrid.portal.api.app import api
from securegrid.portal.imports import services as imports
from securegrid.portal.imports.formats import Told
from securegrid.portal.imports.models import Import
from securegrid.portal.indexing import services as indexing
from securegrid.portal.searches.models import Search
from tests.conftest import MakeMisp, MakeUser
from tests.unit.portal.api.conftest import CallAs, StartMisp
from tests.unit.portal.searches.conftest import extraction, finish

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

ANALYST, OWNER, ADMIN, OPERATOR = "analyst", "owner", "member_admin", "operator"
MEMBER = "the member of the world"
EVERYBODY = {ANALYST, OWNER, ADMIN, OPERATOR}


@dataclass(frozen=True)
class Operation:
    """An operation: who may, with which scope; ``own``: its thing belongs to a member."""

    method: str
    path: str
    may: set[str]
    scope: Scope | None
    body: Any = None
    own: bool = False


OPERATIONS = [
    Operation("POST", "/searches", {ANALYST}, Scope.SEARCH, {"text": "bad.example", "wait": True}),
    Operation("GET", "/searches", {ANALYST}, Scope.SEARCH),
    Operation("GET", "/searches/{search_id}", {ANALYST}, Scope.SEARCH, own=True),
    Operation("GET", "/searches/{search_id}/cells", {ANALYST}, Scope.SEARCH, own=True),
    Operation("GET", "/searches/{search_id}/stream", {ANALYST}, Scope.SEARCH, own=True),
    Operation("POST", "/searches/{search_id}/retry", {ANALYST}, Scope.SEARCH, own=True),
    Operation("DELETE", "/searches/{search_id}", {ANALYST}, Scope.SEARCH, own=True),
    Operation("POST", "/extract", {ANALYST}, Scope.SEARCH, {"text": "bad.example"}),
    Operation("GET", "/owner/hits", {OWNER, ADMIN}, Scope.OWNER),
    Operation("GET", "/health", {OWNER, ADMIN, OPERATOR}, Scope.OWNER),
    Operation("GET", "/misps", {ANALYST, OWNER, ADMIN, OPERATOR}, None),
    Operation(
        "POST",
        "/misps",
        {OWNER, ADMIN},
        Scope.ADMIN,
        {"name": "New", "url": "https://new.example.org", "key": "k" * 40},
    ),
    Operation(
        "PATCH",
        "/misps/{misp_id}",
        {OWNER, ADMIN, OPERATOR},
        Scope.ADMIN,
        {"pause_ms": 5},
        own=True,
    ),
    Operation("POST", "/misps/{misp_id}/test", {OWNER, ADMIN, OPERATOR}, Scope.ADMIN, own=True),
    Operation("DELETE", "/misps/{misp_id}", {OWNER, ADMIN, OPERATOR}, Scope.ADMIN, own=True),
    *(
        Operation(
            method,
            f"/misps/{{misp_id}}/index{end}",
            {OWNER, ADMIN, OPERATOR},
            Scope.ADMIN,
            {"interval_min": 30} if method == "PATCH" else None,
            own=True,
        )
        for method, end in (
            *(("GET", ""), ("PATCH", ""), ("DELETE", "")),
            *(("POST", "/sync"), ("POST", "/rebuild"), ("POST", "/rotate")),
        )
    ),
    Operation("GET", "/misps/{misp_id}/quality", {OWNER, ADMIN, OPERATOR}, Scope.OWNER, own=True),
    Operation("GET", "/imports", {OWNER, ADMIN}, Scope.OWNER),
    Operation("GET", "/imports/{import_id}", {OWNER, ADMIN}, Scope.OWNER, own=True),
    Operation("GET", "/members", {ADMIN, OPERATOR}, Scope.ADMIN),
    Operation("POST", "/members", {OPERATOR}, Scope.ADMIN, {"name": "New member"}),
    Operation("PATCH", "/members/{member_id}", {OPERATOR}, Scope.ADMIN, {"name": "Renamed"}),
    Operation("GET", "/users", {ADMIN, OPERATOR}, Scope.ADMIN),
    Operation(
        "POST",
        "/users",
        {ADMIN, OPERATOR},
        Scope.ADMIN,
        {"email": "new@example.org", "roles": ["analyst"], "member": MEMBER},
    ),
    Operation(
        "PATCH", "/users/{user_id}", {ADMIN, OPERATOR}, Scope.ADMIN, {"name": "Renamed"}, own=True
    ),
    Operation("GET", "/tokens", EVERYBODY, None),
    Operation("POST", "/tokens", EVERYBODY, Scope.ADMIN, {"name": "n", "scopes": ["admin"]}),
    Operation("DELETE", "/tokens/{token_id}", {ANALYST, ADMIN, OPERATOR}, None, own=True),
]
every = pytest.mark.parametrize(
    "operation", OPERATIONS, ids=[f"{one.method} {one.path}" for one in OPERATIONS]
)


@dataclass
class World:
    """The things of one member, and the people who try to reach them."""

    search: Search
    misp: Misp
    member: Member
    user: User
    token: ApiToken
    imported: Import
    people: dict[str, User]

    def body(self, operation: Operation) -> Any:
        body = operation.body
        if isinstance(body, dict) and body.get("member") == MEMBER:
            return body | {"member": self.member.name}
        return body

    def path(self, operation: Operation, *, absent: bool = False) -> str:
        ids = {
            "search_id": self.search.public_id,
            "misp_id": self.misp.public_id,
            "member_id": self.member.public_id,
            "user_id": self.user.public_id,
            "token_id": self.token.public_id,
            "import_id": self.imported.public_id,
        }
        return operation.path.format(**({name: uuid4() for name in ids} if absent else ids))


@pytest.fixture
def world(
    member: Member,
    analyst: User,
    owner: User,
    member_admin: User,
    operator: User,
    make_user: MakeUser,
    make_misp: MakeMisp,
    start_misp: StartMisp,
) -> World:
    from datetime import timedelta

    from securegrid.portal.searches import services

    misp = make_misp(url=start_misp([]).url)
    search = finish(services.ask(analyst, extraction("bad.example")))
    indexing.set_mode(misp, "indexed", timezone.now())
    colleague = make_user(Role.ANALYST, member=member)
    token = accounts.issue_token(analyst, "t", [Scope.SEARCH], timedelta(days=1), timezone.now())[1]
    people = {
        ANALYST: analyst,
        OWNER: owner,
        ADMIN: member_admin,
        OPERATOR: operator,
        "colleague": colleague,
    }
    told = Told(source="S")
    imported = imports.upload(owner, "a.log", [b"x"], now=timezone.now(), told=told)
    return World(search, misp, member, analyst, token, imported, people)


def test_the_table_holds_every_operation() -> None:
    described = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method in methods
    }
    assert described == {(one.method, one.path) for one in OPERATIONS}


@every
@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_only_those_who_may(world: World, call_as: CallAs, operation: Operation, who: str) -> None:
    told = call_as(world.people[who])(
        operation.method, world.path(operation), world.body(operation)
    )
    if who in operation.may:
        assert told.status in {200, 201, 204}, told.body
    else:
        assert told.status in {403, 404}, told.body
        assert set(told.body) == {"error"}


@every
def test_nobody_without_a_token(world: World, call_as: CallAs, operation: Operation) -> None:
    told = call_as(None)(operation.method, world.path(operation), world.body(operation))
    assert told.status == 401
    assert told.body["error"]["code"] == "unauthenticated"
    assert told.headers["WWW-Authenticate"].startswith("Bearer")


@every
def test_a_suspended_person_is_nobody(world: World, call_as: CallAs, operation: Operation) -> None:
    who = world.people[sorted(operation.may)[0]]
    call = call_as(who)
    User.objects.filter(pk=who.pk).update(is_active=False)
    assert call(operation.method, world.path(operation), world.body(operation)).status == 401


@every
def test_a_person_of_a_suspended_member_is_nobody(
    world: World, call_as: CallAs, operation: Operation
) -> None:
    who = world.people[sorted(operation.may - {OPERATOR} or {OPERATOR})[0]]
    call = call_as(who)
    if who.member is None:
        return
    alliance.suspend_member(who.member, timezone.now())
    assert call(operation.method, world.path(operation), world.body(operation)).status == 401


@every
def test_a_token_of_another_scope_is_refused(
    world: World, call_as: CallAs, operation: Operation
) -> None:
    if operation.scope is None:
        return
    others = [scope for scope in Scope if scope is not operation.scope]
    who = world.people[sorted(operation.may)[0]]
    told = call_as(who, *others)(operation.method, world.path(operation), world.body(operation))
    assert told.status == 403
    assert told.body["error"]["code"] == "forbidden"


@pytest.mark.parametrize(
    "operation", [one for one in OPERATIONS if one.own], ids=lambda one: f"{one.method} {one.path}"
)
def test_a_stranger_cannot_tell_forbidden_from_absent(
    world: World, stranger: User, call_as: CallAs, operation: Operation
) -> None:
    call = call_as(stranger)
    there = call(operation.method, world.path(operation), world.body(operation))
    absent = call(operation.method, world.path(operation, absent=True), world.body(operation))
    assert there.status == absent.status == 404
    assert there.body == absent.body


@pytest.mark.parametrize(
    "operation",
    [one for one in OPERATIONS if "search_id" in one.path],
    ids=lambda one: f"{one.method} {one.path}",
)
def test_a_colleague_may_what_the_asker_may(
    world: World, call_as: CallAs, operation: Operation
) -> None:
    call = call_as(world.people["colleague"])
    assert call(operation.method, world.path(operation), world.body(operation)).status in {200, 204}


def test_a_stranger_lists_nothing_of_others(world: World, stranger: User, call_as: CallAs) -> None:
    call = call_as(stranger)
    assert call("GET", "/searches").body["searches"] == []
    assert call("GET", "/owner/hits").body["hits"] == []
    assert call("GET", "/health").body["misps"] == []
    assert call("GET", "/imports").body["imports"] == []
    assert [user["email"] for user in call("GET", "/users").body["users"]] == [stranger.email]
    assert {token["user"] for token in call("GET", "/tokens").body["tokens"]} == {stranger.email}
    assert stranger.member is not None
    assert [m["name"] for m in call("GET", "/members").body["members"]] == [stranger.member.name]
    (misp,) = call("GET", "/misps").body["misps"]
    assert (misp["name"], misp["own"], misp["settings"]) == (world.misp.name, False, None)


def test_cookies_open_nothing(world: World) -> None:
    from django.test import Client

    client = Client()
    client.force_login(world.user)
    assert client.get("/api/v1/searches").status_code == 401
