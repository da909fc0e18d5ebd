"""The disclosure room's part of the navigation."""

from django.utils.translation import gettext_lazy as _

from securegrid.portal.accounts.roles import May
from securegrid.portal.ui.shell import NavEntry, add_entry

add_entry(
    NavEntry(
        label=_("Hits on our data"),
        url_name="disclosure:owner",
        icon="eye",
        order=40,
        shown=lambda user: user.may(May.SEE_OWN_LEDGER),
    )
)
