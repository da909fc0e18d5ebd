"""The imports room's part of the navigation."""

from django.utils.translation import gettext_lazy as _

from securegrid.portal.accounts.roles import May
from securegrid.portal.ui.shell import NavEntry, add_entry

add_entry(
    NavEntry(
        label=_("Imports"),
        url_name="imports:imports",
        icon="upload",
        order=45,
        shown=lambda user: user.may(May.IMPORT_DATA) and user.member_id is not None,
    )
)
