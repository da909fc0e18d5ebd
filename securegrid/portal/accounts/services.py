"""Everything that can be done to people: make, invite, suspend, grant roles, set passwords."""

from collections.abc import Iterable
from typing import Protocol

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F

from securegrid.portal.accounts.models import RoleGrant, User
from securegrid.portal.accounts.names import checked_name
from securegrid.portal.accounts.roles import May, Role
from securegrid.portal.accounts.tokens import issue_token, revoke_token, token_user
from securegrid.portal.refusals import Problem, Refused

__all__ = [
    "change_password",
    "create_user",
    "grantable_roles",
    "issue_token",
    "may_manage",
    "rename_user",
    "resume_user",
    "revoke_token",
    "set_roles",
    "sign_out_everywhere",
    "suspend_user",
    "token_user",
    "user_by_email",
]


class Organisation(Protocol):
    """What people need to know of a member (the alliance room stands above this one)."""

    @property
    def id(self) -> int:
        """The row's number."""


def create_user(
    email: str,
    password: str | None,
    name: str,
    member: Organisation | None,
    roles: Iterable[Role],
) -> User:
    """Make a person with roles; without a password only an invitation opens the account.

    ``member`` may be missing for an operator only. Raises ``Refused``.
    """
    granted = _checked_roles(roles, member is not None)
    user = User(
        email=_checked_email(email),
        name=checked_name(name, longest=150, may_be_empty=True),
    )
    user.member_id = None if member is None else member.id
    user.set_password(None if password is None else _checked_password(password, user))
    try:
        with transaction.atomic():
            user.save()
            RoleGrant.objects.bulk_create(RoleGrant(user=user, role=role) for role in granted)
    except IntegrityError:
        raise Refused(Problem.EMAIL_TAKEN, "email") from None
    return user


def set_roles(user: User, roles: Iterable[Role]) -> None:
    """Replace the roles of ``user``. Raises ``Refused``."""
    granted = _checked_roles(roles, user.member_id is not None)
    with transaction.atomic():
        if Role.OPERATOR not in granted:
            _keep_an_operator(user)
        user.grants.exclude(role__in=granted).delete()
        rows = [RoleGrant(user=user, role=role) for role in granted]
        RoleGrant.objects.bulk_create(rows, ignore_conflicts=True)
    _forget_cached_grants(user)


def suspend_user(user: User) -> None:
    """Stop ``user`` at once: no sign-in, no session, no token. Raises ``Refused``."""
    with transaction.atomic():
        _keep_an_operator(user)
        User.objects.filter(pk=user.pk).update(
            is_active=False, session_epoch=F("session_epoch") + 1
        )
    user.refresh_from_db()


def resume_user(user: User) -> None:
    """Let ``user`` sign in again; tokens that have not ended work again, old sessions do not."""
    User.objects.filter(pk=user.pk).update(is_active=True)
    user.refresh_from_db()


def sign_out_everywhere(user: User) -> None:
    """End every session and every unused link of ``user``."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db()


def rename_user(user: User, name: str) -> None:
    """Change the shown name. Raises ``Refused``."""
    user.name = checked_name(name, longest=150, may_be_empty=True)
    user.save(update_fields=["name"])


def change_password(user: User, password: str) -> None:
    """Set a new password and end every session. Raises ``Refused``."""
    user.set_password(_checked_password(password, user))
    with transaction.atomic():
        user.save(update_fields=["password"])
        sign_out_everywhere(user)


def user_by_email(email: str) -> User | None:
    """The person who signs in with ``email``, if any."""
    return User.objects.filter(email=email.strip().lower()).select_related("member").first()


def may_manage(actor: User, user: User) -> bool:
    """Whether ``actor`` may change, suspend or invite ``user``.

    A member's admin never gets hold of an operator's account, not even in its own member:
    that would make it an operator.
    """
    if actor.may(May.MANAGE_ANY_USERS):
        return True
    same_member = actor.member_id is not None and actor.member_id == user.member_id
    return actor.may(May.MANAGE_OWN_USERS) and same_member and Role.OPERATOR not in user.roles


def grantable_roles(actor: User) -> frozenset[Role]:
    """The roles that ``actor`` may grant to those it manages."""
    if actor.may(May.MANAGE_ANY_USERS):
        return frozenset(Role)
    if actor.may(May.MANAGE_OWN_USERS):
        return frozenset(Role) - {Role.OPERATOR}
    return frozenset()


def _checked_roles(roles: Iterable[Role], has_member: bool) -> frozenset[Role]:
    granted = frozenset(roles)
    if not granted:
        raise Refused(Problem.ROLES_EMPTY, "roles")
    if not has_member and granted != {Role.OPERATOR}:
        raise Refused(Problem.MEMBER_NEEDED, "member")
    return granted


def _checked_email(written: str) -> str:
    email = written.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Refused(Problem.EMAIL_INVALID, "email") from None
    return email


def _checked_password(password: str, user: User) -> str:
    try:
        validate_password(password, user)
    except ValidationError:
        raise Refused(Problem.PASSWORD_WEAK, "password") from None
    return password


def _keep_an_operator(user: User) -> None:
    """Refuse when ``user`` is the last operator; the rows are locked against a second change."""
    operators = User.objects.filter(grants__role=Role.OPERATOR, is_active=True)
    others = operators.exclude(member__suspended_at__isnull=False).select_for_update(of=("self",))
    ids = {other.pk for other in others}
    if ids == {user.pk}:
        raise Refused(Problem.LAST_OPERATOR, "roles")


def _forget_cached_grants(user: User) -> None:
    cached: dict[str, object] = getattr(user, "_prefetched_objects_cache", {})
    cached.pop("grants", None)
