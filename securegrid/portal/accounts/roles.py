"""Roles and the one table of what each may do; what is not in it is denied."""

from enum import StrEnum


class Role(StrEnum):
    """What a person is to the alliance; a person may hold several."""

    ANALYST = "analyst"
    OWNER = "owner"
    MEMBER_ADMIN = "member_admin"
    OPERATOR = "operator"


class May(StrEnum):
    """A permission. OWN: for the person's own member; ANY: for every member."""

    SEARCH = "search"
    SEE_OWN_SEARCHES = "see_own_searches"
    SEE_OWN_LEDGER = "see_own_ledger"
    MANAGE_OWN_MISPS = "manage_own_misps"
    MANAGE_ANY_MISPS = "manage_any_misps"
    IMPORT_DATA = "import_data"
    """Upload logs and tables of the own member, and publish them to its MISPs."""
    SEE_OWN_QUALITY = "see_own_quality"
    SEE_ANY_QUALITY = "see_any_quality"
    SEE_OWN_HEALTH = "see_own_health"
    SEE_ANY_HEALTH = "see_any_health"
    MANAGE_OWN_USERS = "manage_own_users"
    MANAGE_ANY_USERS = "manage_any_users"
    MANAGE_MEMBERS = "manage_members"


_OWNING = frozenset(
    {
        *(May.SEE_OWN_LEDGER, May.MANAGE_OWN_MISPS, May.IMPORT_DATA),
        *(May.SEE_OWN_HEALTH, May.SEE_OWN_QUALITY),
    }
)
"""What whoever looks after a member's MISPs may do."""

GRANTS: dict[Role, frozenset[May]] = {
    Role.ANALYST: frozenset({May.SEARCH, May.SEE_OWN_SEARCHES}),
    Role.OWNER: _OWNING,
    Role.MEMBER_ADMIN: _OWNING | {May.MANAGE_OWN_USERS},
    # The operator runs the portal and is no member: it neither searches, reads a ledger nor
    # sees what members upload.
    Role.OPERATOR: frozenset(
        {
            *(May.MANAGE_MEMBERS, May.MANAGE_ANY_USERS, May.MANAGE_ANY_MISPS),
            *(May.SEE_ANY_HEALTH, May.SEE_ANY_QUALITY),
        }
    ),
}


class Scope(StrEnum):
    """What an API token may be used for; the person's roles limit it further."""

    SEARCH = "search"
    OWNER = "owner"
    ADMIN = "admin"


SCOPE_GRANTS: dict[Scope, frozenset[May]] = {
    Scope.SEARCH: frozenset({May.SEARCH, May.SEE_OWN_SEARCHES}),
    Scope.OWNER: frozenset(
        {
            *(May.SEE_OWN_LEDGER, May.SEE_OWN_HEALTH, May.SEE_ANY_HEALTH),
            *(May.SEE_OWN_QUALITY, May.SEE_ANY_QUALITY, May.IMPORT_DATA),
        }
    ),
    Scope.ADMIN: frozenset(
        {
            May.MANAGE_OWN_MISPS,
            May.MANAGE_ANY_MISPS,
            May.MANAGE_OWN_USERS,
            May.MANAGE_ANY_USERS,
            May.MANAGE_MEMBERS,
        }
    ),
}


def permissions(roles: frozenset[Role]) -> frozenset[May]:
    """All that these roles together permit."""
    return frozenset(may for role in roles for may in GRANTS[role])


def scope_permissions(scopes: frozenset[Scope]) -> frozenset[May]:
    """All that a token with these scopes could be used for, by whoever holds the roles."""
    return frozenset(may for scope in scopes for may in SCOPE_GRANTS[scope])
