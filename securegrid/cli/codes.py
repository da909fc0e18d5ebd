"""The portal's codes in words; a code that this version does not know stays as it is."""

from enum import StrEnum

from securegrid.cli.words import Language
from securegrid.federation.outcomes import CellState, Why
from securegrid.misp.failures import Reason
from securegrid.values.model import Kind, Reject, Relation
from securegrid.words import say

_ENUMS: tuple[type[StrEnum], ...] = (Reason, Why, CellState, Kind, Reject, Relation)


def in_words(code: str | None, language: Language, *among: type[StrEnum]) -> str:
    """What ``code``, one of the enums ``among`` (default: of all), is called."""
    if code is None:
        return ""
    for known in among or _ENUMS:
        if code in known.__members__.values():
            return say(known(code), language.value)
    return code
