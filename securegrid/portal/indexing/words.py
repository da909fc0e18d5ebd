"""The words of the indexing room's pages: why a sync failed."""

from securegrid.index.trouble import Trouble
from securegrid.misp.failures import Reason
from securegrid.words import advice, say


def why_failed(code: str, language: str) -> tuple[str, str]:
    """What a stored reason says, and what to do about it; nothing for none."""
    if not code:
        return "", ""
    known = Trouble(code) if code in set(Trouble) else Reason(code)
    return say(known, language), advice(known, language)
