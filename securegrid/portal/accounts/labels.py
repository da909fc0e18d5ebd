"""Names of roles and scopes for people, in their language."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from securegrid.portal.accounts.roles import Role, Scope

ROLES: dict[Role, Promise] = {
    Role.ANALYST: _("Analyst"),
    Role.OWNER: _("MISP owner"),
    Role.MEMBER_ADMIN: _("Member administrator"),
    Role.OPERATOR: _("Operator"),
}
ROLE_HINTS: dict[Role, Promise] = {
    Role.ANALYST: _("searches and sees the member's own searches"),
    Role.OWNER: _("runs the member's MISPs and sees which searches hit them"),
    Role.MEMBER_ADMIN: _("as owner, and manages the member's users"),
    Role.OPERATOR: _("runs the portal; neither searches nor sees hits"),
}
SCOPES: dict[Scope, Promise] = {
    Scope.SEARCH: _("Search"),
    Scope.OWNER: _("Owner: hits on own data, health"),
    Scope.ADMIN: _("Administration: MISPs, users, members"),
}


def role_names(roles: frozenset[Role]) -> tuple[str, ...]:
    """The names of these roles, in the order of the table."""
    return tuple(str(name) for role, name in ROLES.items() if role in roles)


def scope_names(scopes: list[str]) -> tuple[str, ...]:
    """The names of these scopes, in the order of the table."""
    return tuple(str(name) for scope, name in SCOPES.items() if scope in scopes)
