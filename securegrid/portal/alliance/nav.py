"""The alliance room's part of the navigation, and its name and notice on every page."""

from django.utils.translation import gettext_lazy as _

from securegrid.portal.accounts.roles import May
from securegrid.portal.alliance.services import the_alliance
from securegrid.portal.ui.shell import NavEntry, Surroundings, add_entry, surroundings_from


def _around() -> Surroundings:
    alliance = the_alliance()
    return Surroundings(alliance=alliance.name, notice=alliance.notice)


surroundings_from(_around)
add_entry(
    NavEntry(
        label=_("MISPs"),
        url_name="alliance:misps",
        icon="server-2",
        order=50,
        shown=lambda user: user.may(May.MANAGE_OWN_MISPS) or user.may(May.MANAGE_ANY_MISPS),
    )
)
add_entry(
    NavEntry(
        label=_("Health"),
        url_name="alliance:health",
        icon="activity-heartbeat",
        order=60,
        shown=lambda user: user.may(May.SEE_OWN_HEALTH) or user.may(May.SEE_ANY_HEALTH),
    )
)
add_entry(
    NavEntry(
        label=_("Members"),
        url_name="alliance:members",
        icon="building",
        order=70,
        shown=lambda user: user.may(May.MANAGE_MEMBERS),
    )
)
add_entry(
    NavEntry(
        label=_("Users"),
        url_name="alliance:people",
        icon="users",
        order=80,
        shown=lambda user: user.may(May.MANAGE_OWN_USERS) or user.may(May.MANAGE_ANY_USERS),
    )
)
add_entry(
    NavEntry(
        label=_("Alliance"),
        url_name="alliance:settings",
        icon="settings",
        order=90,
        shown=lambda user: user.may(May.MANAGE_MEMBERS),
    )
)
