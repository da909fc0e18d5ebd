"""Members and users over the API, for operators and member administrators."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Router, Status

from securegrid.portal.accounts import invitations
from securegrid.portal.accounts import services as accounts
from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import May, Role
from securegrid.portal.alliance import services as alliance
from securegrid.portal.alliance.models import Member
from securegrid.portal.alliance.scope import members_choosable_by, people_seen_by
from securegrid.portal.api.answers import answers
from securegrid.portal.api.auth import caller
from securegrid.portal.api.errors import ApiError, Code
from securegrid.portal.api.finding import by_id, by_id_or_name
from securegrid.portal.api.people_schemas import (
    MemberChange,
    MemberIn,
    MemberOut,
    MembersOut,
    UserChange,
    UserIn,
    UserMade,
    UserOut,
    UsersOut,
)
from securegrid.portal.api.wire import text
from securegrid.portal.refusals import Problem, Refused

router = Router(tags=["people"])
_USERS = (May.MANAGE_OWN_USERS, May.MANAGE_ANY_USERS)


@router.get("/members", response=answers({200: MembersOut}), summary="Members")
def members(request: HttpRequest) -> MembersOut:
    """Every member for an operator, the own one for its administrator."""
    user = caller(request, May.MANAGE_MEMBERS, May.MANAGE_OWN_USERS).user
    seen = members_choosable_by(user, May.MANAGE_MEMBERS)
    return MembersOut(members=[_member(member) for member in seen])


@router.post("/members", response=answers({201: MemberOut}), summary="Add a member")
def add_member(request: HttpRequest, given: MemberIn) -> Status[MemberOut]:
    """A new organisation in the alliance."""
    caller(request, May.MANAGE_MEMBERS)
    return Status(201, _member(alliance.add_member(text(given.name))))


@router.patch("/members/{member_id}", response=answers({200: MemberOut}), summary="Change a member")
def change_member(request: HttpRequest, member_id: UUID, given: MemberChange) -> MemberOut:
    """Rename, suspend or resume a member."""
    caller(request, May.MANAGE_MEMBERS)
    member = by_id(Member.objects.all(), member_id)
    with transaction.atomic():
        if given.name is not None:
            alliance.rename_member(member, text(given.name))
        if given.suspended is True:
            alliance.suspend_member(member, timezone.now())
        if given.suspended is False:
            alliance.resume_member(member)
    return _member(member)


def _member(member: Member) -> MemberOut:
    return MemberOut(
        id=str(member.public_id),
        name=member.name,
        suspended=member.suspended_at is not None,
        created_at=member.created_at,
    )


@router.get("/users", response=answers({200: UsersOut}), summary="Users")
def users(request: HttpRequest) -> UsersOut:
    """The people that the caller manages."""
    user = caller(request, *_USERS).user
    return UsersOut(users=[_user(one) for one in people_seen_by(user).order_by("email")])


@router.post("/users", response=answers({201: UserMade}), summary="Add a user")
def add_user(request: HttpRequest, given: UserIn) -> Status[UserMade]:
    """A new person, with a password or an invitation to set one."""
    user = caller(request, *_USERS).user
    member = _member_for(user, given.member)
    roles = _roles(user, given.roles)
    name, email = text(given.name), text(given.email)
    if given.password is not None:
        made = accounts.create_user(email, text(given.password), name, member, roles)
        return Status(201, UserMade(**_user(made).model_dump(), invitation=None))
    invited = invitations.invite(email, name, member, roles, timezone.now())
    # After "#": it never reaches a log on the way when somebody opens it.
    link = f"{reverse('accounts:set_password')}#{invited.token}"
    return Status(201, UserMade(**_user(invited.user).model_dump(), invitation=link))


@router.patch("/users/{user_id}", response=answers({200: UserOut}), summary="Change a user")
def change_user(request: HttpRequest, user_id: UUID, given: UserChange) -> UserOut:
    """Rename a person, replace the roles, suspend or resume; not one's own roles."""
    user = caller(request, *_USERS).user
    target = by_id(people_seen_by(user), user_id)
    if not accounts.may_manage(user, target):
        raise ApiError(Code.NOT_FOUND)
    if target == user and (given.roles is not None or given.suspended is not None):
        raise Refused(Problem.NOT_ALLOWED, "roles" if given.roles is not None else "suspended")
    with transaction.atomic():
        _change_user(user, target, given)
    target.refresh_from_db()
    return _user(target)


def _change_user(user: User, target: User, given: UserChange) -> None:
    if given.name is not None:
        accounts.rename_user(target, text(given.name))
    if given.roles is not None:
        accounts.set_roles(target, _roles(user, given.roles))
    if given.suspended is True:
        accounts.suspend_user(target)
    if given.suspended is False:
        accounts.resume_user(target)


def _member_for(user: User, named: str | None) -> Member | None:
    if named is None:
        return user.member
    return by_id_or_name(members_choosable_by(user, May.MANAGE_ANY_USERS), text(named), "member")


def _roles(user: User, named: Iterable[str]) -> frozenset[Role]:
    roles = frozenset(Role(name) for name in named)
    if not roles <= accounts.grantable_roles(user):
        raise Refused(Problem.NOT_ALLOWED, "roles")
    return roles


def _user(user: User) -> UserOut:
    return UserOut(
        id=str(user.public_id),
        email=user.email,
        name=user.name,
        member=None if user.member is None else user.member.name,
        roles=sorted(role.value for role in user.roles),
        suspended=not user.is_active,
    )
