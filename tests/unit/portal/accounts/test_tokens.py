"""API tokens: shown once, kept as hashes, limited by scope, roles and time."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core import serializers

from securegrid.portal.accounts import services
from securegrid.portal.accounts.models import ApiToken, User
from securegrid.portal.accounts.roles import May, Role, Scope
from securegrid.portal.alliance.members import suspend_member
from securegrid.portal.alliance.models import Member
from securegrid.portal.refusals import Problem, Refused

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def issue(user: User, *scopes: Scope) -> tuple[str, ApiToken]:
    return services.issue_token(user, "script", scopes or (Scope.SEARCH,), 30 * DAY, NOW)


def test_a_token_opens_as_its_person(analyst: User) -> None:
    raw, token = issue(analyst)
    assert re.fullmatch(r"sg_[A-Za-z0-9_-]{43}", raw)
    found = services.token_user(raw, NOW)
    assert found == token
    assert found is not None
    assert found.user == analyst


def test_the_database_does_not_hold_the_token(analyst: User) -> None:
    raw, token = issue(analyst)
    stored = serializers.serialize("json", [token])
    assert raw not in stored
    assert token.hint == raw[:7]


@pytest.mark.parametrize("raw", ["", "sg_", "sg_" + "x" * 43, "x" * 5000, "sg_" + "é" * 43])
def test_an_unknown_token_opens_nothing(analyst: User, raw: str) -> None:
    issue(analyst)
    assert services.token_user(raw, NOW) is None


def test_a_token_ends_on_its_day(analyst: User) -> None:
    raw, _ = issue(analyst)
    assert services.token_user(raw, NOW + 30 * DAY - timedelta(seconds=1)) is not None
    assert services.token_user(raw, NOW + 30 * DAY) is None


def test_a_revoked_token_is_dead_and_keeps_its_first_end(analyst: User) -> None:
    raw, token = issue(analyst)
    services.revoke_token(token, NOW)
    services.revoke_token(token, NOW + DAY)
    assert services.token_user(raw, NOW) is None
    assert token.revoked_at == NOW


def test_the_suspended_cannot_use_a_token(analyst: User, member: Member) -> None:
    raw, _ = issue(analyst)
    services.suspend_user(analyst)
    assert services.token_user(raw, NOW) is None
    services.resume_user(analyst)
    assert services.token_user(raw, NOW) is not None
    suspend_member(member, NOW)
    assert services.token_user(raw, NOW) is None


def test_use_is_noted_at_most_once_a_minute(analyst: User) -> None:
    raw, token = issue(analyst)
    for seconds, noted in ((0, 0), (59, 0), (61, 61)):
        services.token_user(raw, NOW + timedelta(seconds=seconds))
        token.refresh_from_db()
        assert token.last_used_at == NOW + timedelta(seconds=noted)


def test_scope_and_roles_both_limit(analyst: User) -> None:
    _, search = issue(analyst, Scope.SEARCH)
    _, admin = issue(analyst, Scope.ADMIN)
    assert search.may(May.SEARCH)
    assert not search.may(May.SEE_OWN_LEDGER)
    assert not admin.may(May.SEARCH)
    assert not admin.may(May.MANAGE_OWN_USERS)
    services.set_roles(analyst, [Role.OWNER])
    assert not ApiToken.objects.get(pk=search.pk).may(May.SEARCH)


@pytest.mark.parametrize(
    ("name", "scopes", "lifetime", "problem"),
    [
        ("", ["search"], DAY, Problem.NAME_INVALID),
        ("x" * 101, ["search"], DAY, Problem.NAME_INVALID),
        ("t", [], DAY, Problem.SCOPES_INVALID),
        ("t", ["everything"], DAY, Problem.SCOPES_INVALID),
        ("t", ["search"], timedelta(hours=23), Problem.LIFETIME_INVALID),
        ("t", ["search"], 367 * DAY, Problem.LIFETIME_INVALID),
    ],
)
def test_what_cannot_be_is_refused(
    analyst: User, name: str, scopes: list[Scope], lifetime: timedelta, problem: Problem
) -> None:
    with pytest.raises(Refused) as refused:
        services.issue_token(analyst, name, scopes, lifetime, NOW)
    assert refused.value.problem is problem
