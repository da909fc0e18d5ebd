"""The quality room's part of the navigation."""

from django.utils.translation import gettext_lazy as _

from securegrid.portal.accounts.roles import May
from securegrid.portal.ui.shell import NavEntry, add_entry

add_entry(
    NavEntry(
        label=_("Data quality"),
        url_name="quality:overview",
        icon="shield-check",
        order=65,
        shown=lambda user: user.may(May.SEE_OWN_QUALITY) or user.may(May.SEE_ANY_QUALITY),
    )
)
