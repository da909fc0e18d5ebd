"""Every address of the portal, tried by everybody: a table that must name each of them.

What each operation of the API allows is tried in ``tests/unit/portal/api/test_who_may.py``,
whose table must name all of the OpenAPI document; here they are tried with a cookie only.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from securegrid.portal.accounts import services as accounts
from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import Role, Scope
from securegrid.portal.alliance import services as alliance
from securegrid.portal.alliance.models import Misp
from securegrid.portal.api.app import api
from securegrid.portal.disclosure.models import LedgerEntry
from securegrid.portal.imports import services as imports
from securegrid.portal.imports.formats import Told
from securegrid.portal.imports.models import Import, State
from securegrid.portal.quality import services as quality
from securegrid.portal.quality.sealed import Example, Report, RuleLine
from securegrid.portal.searches import cells, services
from securegrid.portal.searches.engine import Engine
from securegrid.portal.searches.models import MispAnswer, Search, SearchState
from tests.conftest import KEY, PASSWORD
from tests.unit.portal.searches.conftest import extraction

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

ELSEWHERE = "192.0.2.9"
"""Where all requests come from: not this machine, which may read the metrics."""

# Two analysts of one member; its MISP owner; its administrator; the operator; and a stranger
# who holds every role in another member.
ASKER, COLLEAGUE, OWNER, ADMIN = "asker", "colleague", "owner", "admin"
OPERATOR, STRANGER = "operator", "stranger"
ROLES: dict[str, tuple[Role, ...]] = {
    ASKER: (Role.ANALYST,),
    COLLEAGUE: (Role.ANALYST,),
    OWNER: (Role.OWNER,),
    ADMIN: (Role.MEMBER_ADMIN,),
    OPERATOR: (Role.OPERATOR,),
    STRANGER: (Role.ANALYST, Role.OWNER, Role.MEMBER_ADMIN),
}
EVERYBODY = frozenset(ROLES)
NOBODY: frozenset[str] = frozenset()
ANALYSTS = frozenset({ASKER, COLLEAGUE})
KEEPERS = frozenset({OWNER, ADMIN})
THE_STRANGER = frozenset({STRANGER})
CHIEFS = frozenset({ADMIN, OPERATOR})

TELLTALES = (
    *("asker@telltale.example", "telltale-misp", "telltale-passkey"),
    *("telltale-label", "telltale-value", "telltale-hit", "telltale-upload", "telltale-example"),
)
"""What only the member itself may read."""

IN, SIGN_IN, ABSENT, NO_METHOD, NO_TOKEN = "in", "sign in", "absent", "no method", "no token"


@dataclass(frozen=True)
class Row:
    """One address: who comes in, by which methods; the anonymous are led to sign in or ``anon``.

    ``path``: where the route is a pattern that cannot be filled in from its text.
    """

    may: frozenset[str] = EVERYBODY
    methods: str = "GET"
    anon: str = SIGN_IN
    others: str = ABSENT
    path: str = ""
    post: dict[str, str] = field(default_factory=dict)

    def of(self, who: str) -> str:
        """What this person meets."""
        return IN if who in self.may else self.others


GONE = Row(NOBODY, "GET POST", ABSENT)
BOTH = "GET POST"
KEEPING = KEEPERS | {OPERATOR}
PAGES: dict[str, Row] = {
    # The shell
    "": Row(),
    "theme": Row(methods="POST", anon=IN, post={"theme": "dark"}),
    "language": Row(methods="POST", anon=IN, post={"language": "ja"}),
    "metrics": Row(NOBODY, anon=ABSENT),
    # One's own account
    "account/": Row(),
    "account/tokens/": Row(),
    "account/tokens/new": Row(methods=BOTH),
    "account/tokens/<uuid:token>/revoke": Row(frozenset({ASKER}), "POST"),
    "invitation/": Row(methods=BOTH, anon=IN),
    # MISPs
    "misps/": Row(KEEPING | THE_STRANGER),
    "misps/connect": Row(KEEPING | THE_STRANGER, BOTH),
    "misps/<uuid:misp>/": Row(KEEPING),
    "misps/<uuid:misp>/edit": Row(KEEPING, BOTH),
    "misps/<uuid:misp>/test": Row(KEEPING, "POST"),
    "misps/<uuid:misp>/switch": Row(KEEPING, "POST"),
    "misps/<uuid:misp>/disconnect": Row(KEEPING, "POST"),
    "misps/<uuid:misp>/index": Row(KEEPING),
    "misps/<uuid:misp>/index/settings": Row(KEEPING, BOTH),
    "misps/<uuid:misp>/index/act": Row(KEEPING, "POST", post={"act": "indexed"}),
    # Imports: the operator is no member, and sees nothing of what members upload
    "imports/": Row(KEEPERS | THE_STRANGER),
    "imports/new": Row(KEEPERS | THE_STRANGER, BOTH),
    "imports/<uuid:imported>/": Row(KEEPERS),
    "imports/<uuid:imported>/publish": Row(KEEPERS, "POST"),
    "imports/<uuid:imported>/undo": Row(KEEPERS, "POST"),
    "imports/<uuid:imported>/again": Row(KEEPERS, "POST"),
    "imports/<uuid:imported>/stop": Row(KEEPERS, "POST"),
    "imports/<uuid:imported>/discard": Row(KEEPERS, "POST"),
    # Data quality
    "quality/": Row(KEEPING | THE_STRANGER),
    "quality/<uuid:misp>/": Row(KEEPING),
    "quality/<uuid:misp>/look": Row(KEEPING, "POST"),
    "health/": Row(KEEPING | THE_STRANGER),
    "health/<uuid:misp>/": Row(KEEPING),
    # Members and people
    "members/": Row(frozenset({OPERATOR}), BOTH),
    "members/<uuid:member>/": Row(frozenset({OPERATOR}), BOTH),
    "members/<uuid:member>/suspend": Row(frozenset({OPERATOR}), "POST"),
    "members/<uuid:member>/resume": Row(frozenset({OPERATOR}), "POST"),
    "alliance/": Row(frozenset({OPERATOR}), BOTH),
    "users/": Row(CHIEFS | THE_STRANGER),
    "users/invite": Row(CHIEFS | THE_STRANGER, BOTH),
    "users/<uuid:user>/": Row(CHIEFS),
    "users/<uuid:user>/roles": Row(CHIEFS, "POST"),
    "users/<uuid:user>/name": Row(CHIEFS, "POST"),
    "users/<uuid:user>/suspend": Row(CHIEFS, "POST"),
    "users/<uuid:user>/resume": Row(CHIEFS, "POST"),
    "users/<uuid:user>/link": Row(CHIEFS, "POST"),
    "users/<uuid:user>/sign-out": Row(CHIEFS, "POST"),
    "users/<uuid:user>/tokens/<uuid:token>/revoke": Row(CHIEFS, "POST"),
    # The owner view
    "owner/": Row(KEEPERS | THE_STRANGER),
    "owner/csv": Row(KEEPERS | THE_STRANGER),
    # Searches
    "search/": Row(ANALYSTS | THE_STRANGER, BOTH),
    "search/understood": Row(ANALYSTS | THE_STRANGER, "POST"),
    "history/": Row(ANALYSTS | THE_STRANGER),
    "searches/<uuid:search>/": Row(ANALYSTS),
    "searches/<uuid:search>/live": Row(ANALYSTS),
    "searches/<uuid:search>/values/<int:position>": Row(ANALYSTS),
    "searches/<uuid:search>/retry": Row(ANALYSTS, "POST"),
    "searches/<uuid:search>/delete": Row(ANALYSTS, "POST"),
    "searches/<uuid:search>/csv": Row(ANALYSTS),
    "searches/<uuid:search>/json": Row(ANALYSTS),
    # Signing in, by allauth
    "accounts/login/": Row(methods=BOTH, anon=IN),
    "accounts/logout/": Row(anon=IN),
    "accounts/inactive/": Row(anon=IN),
    "accounts/reauthenticate/": Row(methods=BOTH),
    "accounts/password/change/": Row(methods=BOTH),
    "accounts/password/set/": Row(methods=BOTH),
    "accounts/password/reset/": Row(anon=IN),
    "accounts/2fa/": Row(),
    "accounts/2fa/authenticate/": Row(),
    "accounts/2fa/reauthenticate/": Row(methods=BOTH),
    "accounts/2fa/totp/activate/": Row(methods=BOTH),
    "accounts/2fa/totp/deactivate/": Row(NOBODY, BOTH),  # nobody here has a second factor
    "accounts/2fa/recovery-codes/": Row(NOBODY),
    "accounts/2fa/recovery-codes/generate/": Row(methods=BOTH),
    "accounts/2fa/recovery-codes/download/": Row(NOBODY),
    "accounts/2fa/webauthn/": Row(),
    "accounts/2fa/webauthn/add/": Row(),
    "accounts/2fa/webauthn/reauthenticate/": Row(),
    # Another's passkey leads to one's own list, like one that is not.
    "accounts/2fa/webauthn/keys/<int:pk>/remove/": Row(NOBODY, BOTH, others=IN),
    "accounts/2fa/webauthn/keys/<int:pk>/edit/": Row(NOBODY, BOTH, others=IN),
    "accounts/2fa/webauthn/login/": Row(),
    # What allauth has and this portal does not offer
    "accounts/signup/": GONE,
    "accounts/email/": GONE,
    "accounts/confirm-email/": GONE,
    "accounts/confirm-email/<str:key>/": GONE,
    "accounts/password/reset/done/": GONE,
    "accounts/password/reset/key/done/": GONE,
    "accounts/password/reset/key/<str:key>/": GONE,
    "accounts/login/code/confirm/": GONE,
    r"accounts/^confirm-email/(?P<key>[-:\w]+)/$": Row(
        NOBODY, BOTH, ABSENT, path="/accounts/confirm-email/a:b/"
    ),
    r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": Row(
        NOBODY, BOTH, ABSENT, path="/accounts/password/reset/key/1-abc/"
    ),
}


def routes(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    """The text of every route."""
    for pattern in patterns:
        text = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, text)
        elif isinstance(pattern, URLPattern):
            yield text


ROUTES = set(routes(get_resolver().url_patterns))
API = {route for route in ROUTES if route.startswith("api/")}


@dataclass
class World:
    """One member's things, and everybody signed in as with a browser."""

    ids: dict[str, object]
    clients: dict[str, Client]

    def path(self, route: str, row: Row | None = None, *, absent: bool = False) -> str:
        """The address of the member's thing, or of one that does not exist."""
        if row is not None and row.path:
            return row.path
        ids = {name: _other(one) for name, one in self.ids.items()} if absent else self.ids
        # Own pages of allauth are the more particular ones of the names below.
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(ids[m[1]]), route)

    def try_it(
        self, who: str, method: str, path: str, post: dict[str, str] | None = None
    ) -> HttpResponseBase:
        """One request, whose effects are undone."""
        client = self.clients[who]
        with transaction.atomic():
            answer = client.generic(
                method,
                path,
                "&".join(f"{name}={text}" for name, text in (post or {}).items()),
                content_type="application/x-www-form-urlencoded",
                REMOTE_ADDR=ELSEWHERE,
            )
            if answer.streaming:
                answer.told = b"".join(answer).decode()  # type: ignore[attr-defined]
            else:
                answer.told = answer.content.decode()  # type: ignore[attr-defined]
            transaction.set_rollback(True)
        return answer


def _other(one: object) -> object:
    return one if isinstance(one, str) else 999_999 if isinstance(one, int) else uuid4()


@pytest.fixture
def world(db: None) -> World:
    """A member with a search, a MISP, a ledger row, a token and a passkey; and the people."""
    member, other = (alliance.add_member(name) for name in ("Observatory", "Elsewhere"))
    outside = {OPERATOR: None, STRANGER: other}
    people = {
        who: accounts.create_user(
            f"{who}@telltale.example", PASSWORD, f"Ms {who}", outside.get(who, member), roles
        )
        for who, roles in ROLES.items()
    }
    misp = alliance.add_misp(member, "Our MISP", "http://127.0.0.1:9/telltale-misp", KEY)
    search = _searched(people[ASKER], misp)
    imported = _uploaded(people[OWNER])
    _looked_over(misp)
    asker = people[ASKER]
    token = accounts.issue_token(asker, "T", [Scope.SEARCH], timedelta(days=1), timezone.now())[1]
    holder = accounts.create_user("k@example.org", PASSWORD, "K", member, (Role.ANALYST,))
    passkey = Authenticator.objects.create(
        user=holder, type=Authenticator.Type.WEBAUTHN, data={"name": "telltale-passkey"}
    )
    ids: dict[str, object] = {
        "misp": misp.public_id, "member": member.public_id, "user": asker.public_id,
        "imported": imported.public_id, "import_id": imported.public_id, "pk": passkey.pk,
        "token": token.public_id, "search": search.public_id, "position": 0,
        "key": "abc", "search_id": search.public_id, "misp_id": misp.public_id,
        "member_id": member.public_id, "user_id": asker.public_id, "token_id": token.public_id,
    }  # fmt: skip
    clients = {who: _signed_in(one) for who, one in people.items()} | {"anonymous": Client()}
    return World(ids, clients)


def _searched(user: User, misp: Misp) -> Search:
    """A complete search with a hit, without an engine; and a ledger row of another's."""

    class Idle(Engine):
        def start(self, job: object) -> None:
            return

    runner = Idle()
    found = extraction("telltale-value.example")
    search = services.ask(user, found, label="telltale-label", runner=runner)
    MispAnswer.objects.filter(search=search).update(cells=bytes([cells.MISS]), done=True)
    Search.objects.filter(pk=search.pk).update(state=SearchState.COMPLETE, elapsed_ms=1.0)
    LedgerEntry.objects.create(
        misp=misp, search_id=uuid4(), at=timezone.now(), value="telltale-hit.example", kind="domain"
    )
    return search


def _uploaded(user: User) -> Import:
    """An import that was read."""
    told = Told(source="telltale-source")
    made = imports.upload(user, "telltale-upload.log", [b"x"], now=timezone.now(), told=told)
    Import.objects.filter(pk=made.pk).update(state=State.READY)
    return made


def _looked_over(misp: Misp) -> None:
    """A look at the quality of a MISP's data that found something."""
    claim = quality.claim(misp, timezone.now())
    assert claim is not None
    example = Example(str(uuid4()), None, "telltale-example")
    line = RuleLine("value-blank", "error", 1, 1, 30.0, 30.0, (example,))
    found = quality.Found(70.0, 1, 1, 1, 0, Report((line,)))
    quality.finish(claim, timezone.now(), found)


def _signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": timezone.now().timestamp(), "email": user.email}
    ]
    session.save()
    return client


def met(answer: HttpResponseBase) -> str:
    """What somebody met, in a word."""
    status = answer.status_code
    if status in {301, 302, 303}:
        return SIGN_IN if answer["Location"].startswith("/accounts/login/") else IN
    known = {200: IN, 201: IN, 422: IN, 404: ABSENT, 405: NO_METHOD, 401: NO_TOKEN}
    return known.get(status, str(status))


def test_the_table_names_every_address() -> None:
    assert set(PAGES) == ROUTES - API
    described = {path.removeprefix("/") for path in api.get_openapi_schema()["paths"]}
    plain = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route) for route in API}
    assert plain - described <= {"api/v1", "api/v1/", "api/v1/openapi.json"}
    assert described <= plain


def test_everybody_meets_what_the_table_says(world: World) -> None:
    wrong = []
    for route, row in PAGES.items():
        for method in row.methods.split():
            expected = {who: row.of(who) for who in ROLES} | {"anonymous": row.anon}
            for who, wanted in expected.items():
                answer = world.try_it(who, method, world.path(route, row), row.post)
                if met(answer) != wanted:
                    wrong.append(f"{method} {route}: {who} met {met(answer)}, not {wanted}")
                if who in {STRANGER, "anonymous"}:
                    told = answer.told  # type: ignore[attr-defined]
                    wrong += [f"{route} tells {who} {tale}" for tale in TELLTALES if tale in told]
    assert not wrong, "\n".join(wrong)


def test_the_telltales_are_there_to_be_told(world: World) -> None:
    pages = [(ASKER, "searches/<uuid:search>/"), (OWNER, "misps/<uuid:misp>/"), (OWNER, "owner/")]
    pages += [(ADMIN, "users/<uuid:user>/"), (OWNER, "imports/"), (OWNER, "quality/<uuid:misp>/")]
    told = "".join(world.try_it(who, "GET", world.path(route)).told for who, route in pages)  # type: ignore[attr-defined]
    assert {tale for tale in TELLTALES if tale not in told} == {"telltale-passkey"}


def test_nobody_takes_anothers_passkey_away(world: World) -> None:
    path = world.path("accounts/2fa/webauthn/keys/<int:pk>/remove/")
    for client in world.clients.values():
        client.post(path)
    assert Authenticator.objects.filter(pk=str(world.ids["pk"])).exists()


def test_the_suspended_meet_what_the_anonymous_meet(world: World) -> None:
    User.objects.filter(email__endswith="@telltale.example").update(is_active=False)
    wrong = []
    for route, row in PAGES.items():
        for method in row.methods.split():
            for who in (ASKER, ADMIN, OPERATOR):
                answer = world.try_it(who, method, world.path(route, row), row.post)
                if met(answer) != row.anon:
                    wrong.append(f"{method} {route}: {who} met {met(answer)}, not {row.anon}")
    assert not wrong, "\n".join(wrong)


def test_a_stranger_cannot_tell_forbidden_from_absent(world: World) -> None:
    tried, wrong = 0, []
    for route, row in PAGES.items():
        if "<" not in route or row.path:
            continue
        for method in row.methods.split():
            for who in EVERYBODY - row.may:
                there = world.try_it(who, method, world.path(route))
                gone = world.try_it(who, method, world.path(route, absent=True))
                tried += 1
                if (there.status_code, _plain(there)) != (gone.status_code, _plain(gone)):
                    wrong.append(f"{method} {route}: {who}")
    assert not wrong, "\n".join(wrong)
    assert tried > 50


def test_a_cookie_opens_no_operation_of_the_api(world: World) -> None:
    open_to_all = {"api/v1/openapi.json": IN, "api/v1/": ABSENT, "api/v1": ABSENT}
    for route in sorted(API):
        expected = open_to_all.get(route, NO_TOKEN)
        for who in (ASKER, OPERATOR, "anonymous"):
            found = {met(world.try_it(who, m, world.path(route))) for m in ("GET", "POST")}
            assert found <= {expected, NO_METHOD}, (route, who)


def _plain(answer: HttpResponseBase) -> str:
    """A page without what differs each time: tokens, the nonce and its own address."""
    lines = answer.told.splitlines()  # type: ignore[attr-defined]
    return "\n".join(x for x in lines if "csrf" not in x.lower() and 'name="next"' not in x)
