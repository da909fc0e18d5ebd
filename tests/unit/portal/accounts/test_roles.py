"""The permission table: what it grants, and that all else is denied."""

import pytest

from securegrid.portal.accounts.roles import (
    GRANTS,
    SCOPE_GRANTS,
    May,
    Role,
    Scope,
    permissions,
    scope_permissions,
)


def test_without_a_role_nothing_is_permitted() -> None:
    assert permissions(frozenset()) == frozenset()
    assert scope_permissions(frozenset()) == frozenset()


def test_every_role_and_scope_stands_in_its_table() -> None:
    assert set(GRANTS) == set(Role)
    assert set(SCOPE_GRANTS) == set(Scope)


def test_every_permission_can_be_had_by_somebody_and_by_a_token() -> None:
    assert permissions(frozenset(Role)) == frozenset(May)
    assert scope_permissions(frozenset(Scope)) == frozenset(May)


@pytest.mark.parametrize(
    "denied",
    [
        *(May.SEARCH, May.SEE_OWN_SEARCHES, May.SEE_OWN_LEDGER, May.MANAGE_OWN_USERS),
        *(May.IMPORT_DATA, May.SEE_OWN_QUALITY),
    ],
)
def test_the_operator_neither_searches_nor_reads_a_ledger(denied: May) -> None:
    assert denied not in GRANTS[Role.OPERATOR]


@pytest.mark.parametrize("role", [Role.ANALYST, Role.OWNER, Role.MEMBER_ADMIN])
def test_only_the_operator_reaches_beyond_its_member(role: Role) -> None:
    beyond = {
        *(May.MANAGE_ANY_MISPS, May.MANAGE_ANY_USERS, May.MANAGE_MEMBERS),
        *(May.SEE_ANY_HEALTH, May.SEE_ANY_QUALITY),
    }
    assert not GRANTS[role] & beyond


def test_an_analyst_sees_no_ledger_and_an_owner_cannot_search() -> None:
    assert not GRANTS[Role.ANALYST] & {May.SEE_OWN_LEDGER, May.IMPORT_DATA, May.SEE_OWN_QUALITY}
    assert May.SEARCH not in GRANTS[Role.OWNER]
