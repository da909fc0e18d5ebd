"""People: made, granted roles, suspended; and who may do so to whom."""

from datetime import UTC, datetime

import pytest
from django.conf import LazySettings

from securegrid.portal import settings as portal_settings
from securegrid.portal.accounts import services
from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import May, Role
from securegrid.portal.alliance.members import resume_member, suspend_member
from securegrid.portal.alliance.models import Member
from securegrid.portal.refusals import Problem, Refused
from tests.conftest import PASSWORD, MakeUser

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


def reload(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_a_new_person_has_the_roles_and_nothing_more(member: Member) -> None:
    roles = (Role.ANALYST, Role.OWNER)
    user = services.create_user(" Aki@Example.ORG ", PASSWORD, "Aki", member, roles)
    assert user.email == "aki@example.org"
    assert user.roles == {Role.ANALYST, Role.OWNER}
    assert user.may(May.SEARCH)
    assert not user.may(May.MANAGE_OWN_USERS)
    assert not user.is_staff
    assert not user.is_superuser


def test_passwords_are_kept_as_argon2_and_nothing_weaker(
    settings: LazySettings, make_user: MakeUser, member: Member
) -> None:
    settings.PASSWORD_HASHERS = portal_settings.PASSWORD_HASHERS
    user = make_user(Role.ANALYST, member=member)
    assert user.password.startswith("argon2$argon2id$")
    assert user.check_password(PASSWORD)
    assert len(portal_settings.PASSWORD_HASHERS) == 1


@pytest.mark.parametrize(
    ("changes", "problem", "field"),
    [
        ({"email": "no-address"}, Problem.EMAIL_INVALID, "email"),
        ({"password": "short"}, Problem.PASSWORD_WEAK, "password"),
        ({"password": "password1234"}, Problem.PASSWORD_WEAK, "password"),
        ({"name": "x" * 151}, Problem.NAME_INVALID, "name"),
        ({"name": "line\nbreak"}, Problem.NAME_INVALID, "name"),
        ({"roles": ()}, Problem.ROLES_EMPTY, "roles"),
        ({"member": None}, Problem.MEMBER_NEEDED, "member"),
    ],
)
def test_what_cannot_be_is_refused(
    member: Member, changes: dict[str, object], problem: Problem, field: str
) -> None:
    words = {"email": "a@example.org", "password": PASSWORD, "name": "A", "member": member}
    given = words | {"roles": (Role.ANALYST,)} | changes
    with pytest.raises(Refused) as refused:
        services.create_user(**given)  # type: ignore[arg-type]
    assert (refused.value.problem, refused.value.field) == (problem, field)
    assert not User.objects.exists()


def test_an_address_signs_in_one_person_only(analyst: User, member: Member) -> None:
    with pytest.raises(Refused) as refused:
        services.create_user(analyst.email.upper(), PASSWORD, "", member, [Role.ANALYST])
    assert refused.value.problem is Problem.EMAIL_TAKEN


def test_an_operator_may_stand_outside_all_members() -> None:
    assert services.create_user("o@example.org", PASSWORD, "", None, [Role.OPERATOR]).member is None


def test_roles_are_replaced(analyst: User) -> None:
    services.set_roles(analyst, [Role.OWNER])
    assert analyst.roles == reload(analyst).roles == {Role.OWNER}
    services.set_roles(analyst, [Role.OWNER])
    assert reload(analyst).grants.count() == 1


def test_a_suspended_person_may_nothing_until_resumed(analyst: User) -> None:
    services.suspend_user(analyst)
    assert not reload(analyst).may(May.SEARCH)
    services.resume_user(analyst)
    assert reload(analyst).may(May.SEARCH)


def test_the_people_of_a_suspended_member_may_nothing(analyst: User, member: Member) -> None:
    suspend_member(member, NOW)
    assert not reload(analyst).may(May.SEARCH)
    resume_member(member)
    assert reload(analyst).may(May.SEARCH)


def test_the_last_operator_cannot_be_lost(operator: User, make_user: MakeUser) -> None:
    for lose in (services.suspend_user, lambda user: services.set_roles(user, [Role.ANALYST])):
        with pytest.raises(Refused):
            lose(operator)
    second = make_user(Role.OPERATOR)
    services.suspend_user(operator)
    with pytest.raises(Refused) as refused:
        services.suspend_user(second)
    assert refused.value.problem is Problem.LAST_OPERATOR


def test_an_operator_of_a_suspended_member_does_not_count(
    operator: User, make_user: MakeUser, member: Member
) -> None:
    make_user(Role.OPERATOR, member=member)
    suspend_member(member, NOW)
    with pytest.raises(Refused):
        services.suspend_user(operator)


def test_a_new_password_ends_every_session(analyst: User) -> None:
    before = analyst.get_session_auth_hash()
    services.change_password(analyst, "another long password")
    assert analyst.check_password("another long password")
    assert analyst.get_session_auth_hash() != before


def test_signing_out_everywhere_changes_the_session_hash_only(analyst: User) -> None:
    before = analyst.get_session_auth_hash()
    services.sign_out_everywhere(analyst)
    assert analyst.get_session_auth_hash() != before
    assert analyst.check_password(PASSWORD)


def test_who_may_manage_whom(
    operator: User,
    member_admin: User,
    analyst: User,
    stranger: User,
    make_user: MakeUser,
    member: Member,
) -> None:
    own_operator = make_user(Role.OPERATOR, Role.ANALYST, member=member)
    assert services.may_manage(operator, analyst)
    assert services.may_manage(operator, own_operator)
    assert services.may_manage(member_admin, analyst)
    assert not services.may_manage(member_admin, stranger)
    assert not services.may_manage(member_admin, operator)
    assert not services.may_manage(member_admin, own_operator)
    assert not services.may_manage(stranger, analyst)
    assert not services.may_manage(analyst, analyst)


def test_who_may_grant_what(operator: User, member_admin: User, analyst: User) -> None:
    assert services.grantable_roles(operator) == frozenset(Role)
    assert services.grantable_roles(member_admin) == frozenset(Role) - {Role.OPERATOR}
    assert services.grantable_roles(analyst) == frozenset()


def test_people_are_found_by_address(analyst: User) -> None:
    assert services.user_by_email(f" {analyst.email.upper()} ") == analyst
    assert services.user_by_email("nobody@example.org") is None


def test_a_name_can_be_changed(analyst: User) -> None:
    services.rename_user(analyst, " 青木 ")
    assert reload(analyst).name == "青木"
