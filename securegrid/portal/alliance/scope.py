"""Which rows of the alliance a person may reach; everything else is not found."""

from django.db.models import QuerySet

from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import May
from securegrid.portal.alliance.models import Member, Misp

MISP_MANAGERS = (May.MANAGE_OWN_MISPS, May.MANAGE_ANY_MISPS)
"""Whoever has one of these manages some MISP."""


def misps_managed_by(user: User) -> QuerySet[Misp]:
    """The MISPs that ``user`` may connect, change and test."""
    return _misps(user, own=May.MANAGE_OWN_MISPS, every=May.MANAGE_ANY_MISPS)


def misps_watched_by(user: User) -> QuerySet[Misp]:
    """The MISPs whose health ``user`` may see."""
    return _misps(user, own=May.SEE_OWN_HEALTH, every=May.SEE_ANY_HEALTH)


def people_seen_by(user: User) -> QuerySet[User]:
    """The people whom ``user`` sees in the list (``services.may_manage`` says who may change)."""
    people = User.objects.select_related("member").prefetch_related("grants")
    if user.may(May.MANAGE_ANY_USERS):
        return people
    if user.may(May.MANAGE_OWN_USERS) and user.member_id is not None:
        return people.filter(member_id=user.member_id)
    return people.none()


def members_choosable_by(user: User, permission: May) -> QuerySet[Member]:
    """The members for whom ``user`` may make something: all with ``permission``, else the own."""
    members = Member.objects.order_by("name")
    return members if user.may(permission) else members.filter(users=user)


def _misps(user: User, *, own: May, every: May) -> QuerySet[Misp]:
    misps = Misp.objects.select_related("member").order_by("member__name", "name")
    if user.may(every):
        return misps
    if user.may(own) and user.member_id is not None:
        return misps.filter(member_id=user.member_id)
    return misps.none()
