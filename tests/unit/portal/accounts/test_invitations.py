"""Invitations: one link, one use, one week, for one person."""

from datetime import UTC, datetime, timedelta

import pytest

from securegrid.portal.accounts import invitations, services
from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import Role
from securegrid.portal.alliance.members import suspend_member
from securegrid.portal.alliance.models import Member
from securegrid.portal.refusals import Problem, Refused
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.fixture
def invitation(member: Member) -> invitations.Invitation:
    return invitations.invite("new@example.org", "New", member, [Role.ANALYST], NOW)


def test_the_link_opens_the_account_once(invitation: invitations.Invitation) -> None:
    assert not invitation.user.has_usable_password()
    assert invitations.invited(invitation.token, NOW) == invitation.user
    user = invitations.accept(invitation.token, PASSWORD, NOW)
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
    assert invitations.invited(invitation.token, NOW) is None
    with pytest.raises(Refused) as refused:
        invitations.accept(invitation.token, "a second long password", NOW)
    assert refused.value.problem is Problem.LINK_DEAD


def test_the_link_ends_after_a_week(invitation: invitations.Invitation) -> None:
    last = NOW + timedelta(days=7) - timedelta(seconds=1)
    assert invitations.invited(invitation.token, last) is not None
    assert invitations.invited(invitation.token, invitation.expires_at) is None


def test_a_weak_password_leaves_the_link_alive(invitation: invitations.Invitation) -> None:
    with pytest.raises(Refused) as refused:
        invitations.accept(invitation.token, "short", NOW)
    assert refused.value.problem is Problem.PASSWORD_WEAK
    assert invitations.invited(invitation.token, NOW) is not None


def test_a_changed_link_opens_nothing(invitation: invitations.Invitation) -> None:
    for changed in ("", "x", invitation.token[:-1], "x" + invitation.token, invitation.token * 2):
        assert invitations.invited(changed, NOW) is None


def test_a_second_invitation_kills_the_first(invitation: invitations.Invitation) -> None:
    again = invitations.invite_again(invitation.user, NOW)
    assert invitations.invited(invitation.token, NOW) is None
    assert invitations.invited(again.token, NOW) == invitation.user


def test_a_lost_password_is_replaced_and_sessions_end(analyst: User) -> None:
    before = analyst.get_session_auth_hash()
    link = invitations.invite_again(analyst, NOW)
    assert analyst.check_password(PASSWORD)
    assert analyst.get_session_auth_hash() != before
    user = invitations.accept(link.token, "my new long password", NOW)
    assert user.check_password("my new long password")


def test_the_suspended_cannot_use_a_link(
    invitation: invitations.Invitation, member: Member
) -> None:
    suspend_member(member, NOW)
    assert invitations.invited(invitation.token, NOW) is None


def test_suspending_a_person_kills_the_link_for_good(
    invitation: invitations.Invitation,
) -> None:
    services.suspend_user(invitation.user)
    services.resume_user(invitation.user)
    assert invitations.invited(invitation.token, NOW) is None


def test_the_token_is_not_in_the_repr(invitation: invitations.Invitation) -> None:
    assert invitation.token not in repr(invitation)
