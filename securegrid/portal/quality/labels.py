"""Names of faults of looks for people, in their language."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from securegrid.misp.failures import Reason
from securegrid.portal.quality.services import Fault
from securegrid.words import advice, say

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


def why_failed(code: str, language: str) -> tuple[str, str]:
    """What a stored reason says, and what to do about it; nothing for none."""
    if not code:
        return "", ""
    if code in set(Fault):
        happened, mend = FAULTS[Fault(code)]
        return str(happened), str(mend)
    reason = Reason(code)
    return say(reason, language), advice(reason, language)
