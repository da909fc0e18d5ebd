"""The words for why work failed: through a fault of the portal's own, or for a MISP's reason."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise

from securegrid.misp.failures import Reason
from securegrid.words import advice, say


def why_failed(
    code: str, language: str, faults: Mapping[Any, tuple[Promise, Promise]]
) -> tuple[str, str]:
    """What a stored code says, and what to do about it; nothing for none.

    ``faults``: what happened and what to do, by the room's own codes (a ``StrEnum``).
    """
    if not code:
        return "", ""
    if code in faults:
        happened, mend = faults[code]
        return str(happened), str(mend)
    reason = Reason(code)
    return say(reason, language), advice(reason, language)
