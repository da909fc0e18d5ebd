"""Members and the alliance's own settings."""

from datetime import UTC, datetime

import pytest

from securegrid.portal.alliance import services
from securegrid.portal.alliance.models import Alliance, Member, Misp
from securegrid.portal.refusals import Problem, Refused
from tests.conftest import MakeMember

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_there_is_one_alliance() -> None:
    assert services.the_alliance() == services.the_alliance()
    assert Alliance.objects.count() == 1
    assert services.the_alliance().show_searching_member


def test_its_settings_change_one_by_one() -> None:
    services.change_alliance(name="  GRID  ")
    services.change_alliance(show_searching_member=False)
    services.change_alliance(notice="All data is composed.")
    alliance = services.the_alliance()
    assert (alliance.name, alliance.show_searching_member) == ("GRID", False)
    assert alliance.notice == "All data is composed."


@pytest.mark.parametrize("change", [{"name": ""}, {"name": "x" * 201}, {"notice": "x" * 2001}])
def test_unusable_settings_are_refused(change: dict[str, str]) -> None:
    with pytest.raises(Refused):
        services.change_alliance(**change)  # type: ignore[arg-type]


def test_a_name_belongs_to_one_member(make_member: MakeMember) -> None:
    make_member("LAC")
    other = make_member("IPA")
    with pytest.raises(Refused) as refused:
        services.add_member(" LAC ")
    assert refused.value.problem is Problem.NAME_TAKEN
    with pytest.raises(Refused):
        services.rename_member(other, "LAC")
    assert Member.objects.count() == 2


def test_a_member_can_be_renamed_and_found(make_member: MakeMember) -> None:
    member = make_member("Old")
    services.rename_member(member, "New")
    assert services.member_by_name("New") == member
    assert services.member_by_name("Old") is None


def test_a_suspended_member_keeps_its_first_moment_and_offers_no_misp(
    member: Member, misp: Misp
) -> None:
    assert misp.is_offered
    services.suspend_member(member, NOW)
    services.suspend_member(member, datetime(2027, 1, 1, tzinfo=UTC))
    assert member.suspended_at == NOW
    assert not Misp.objects.get(pk=misp.pk).is_offered
    services.resume_member(member)
    assert Misp.objects.get(pk=misp.pk).is_offered
