"""The searches room's part of the navigation."""

from django.utils.translation import gettext_lazy as _

from securegrid.portal.accounts.roles import May
from securegrid.portal.ui.shell import NavEntry, add_entry

add_entry(
    NavEntry(
        label=_("Search"),
        url_name="searches:search",
        icon="search",
        order=10,
        shown=lambda user: user.may(May.SEARCH),
    )
)
add_entry(
    NavEntry(
        label=_("History"),
        url_name="searches:history",
        icon="history",
        order=20,
        shown=lambda user: user.may(May.SEE_OWN_SEARCHES),
    )
)
