"""Names of faults of looks for people, in their language."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from securegrid.portal.quality.services import Fault

FAULTS: dict[Fault, tuple[Promise, Promise]] = {
    Fault.KEY_GONE: (
        _("the portal has no usable auth key for this MISP"),
        _("Its owner should give the portal an auth key."),
    ),
    Fault.UNEXPECTED: (
        _("something went wrong in the portal; it has been noted"),
        _("Try again; if it repeats, tell the operator."),
    ),
}
"""What happened, and what to do."""
