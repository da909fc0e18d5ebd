"""What a rule says about an event or an attribute."""

from enum import StrEnum
from typing import Final

import msgspec

MAX_EXAMPLE: Final = 200
"""Characters of an example."""


class Severity(StrEnum):
    """What a finding means for publishing."""

    ERROR = "error"
    """Useless or harmful to others: publishing refuses it, unless forced."""
    WARNING = "warning"
    """Less useful than it could be: published, and reported."""


class Subject(StrEnum):
    """What a rule looks at."""

    EVENT = "event"
    ATTRIBUTE = "attribute"


class RuleId(StrEnum):
    """Every rule; the texts are used in profiles and reports and stay as they are."""

    TITLE_BLANK = "title-blank"
    TITLE_TOO_LONG = "title-too-long"
    TITLE_WITHOUT_SOURCE = "title-without-source"
    TITLE_WITHOUT_DATE = "title-without-date"
    TITLE_DATE_DIFFERS = "title-date-differs"
    DATE_MISSING = "date-missing"
    DATE_IMPLAUSIBLE = "date-implausible"
    SOURCE_TAG_MISSING = "source-tag-missing"
    TLP_MISSING = "tlp-missing"
    TLP_UNCLEAR = "tlp-unclear"
    TAG_UNUSABLE = "tag-unusable"
    EVENT_EMPTY = "event-empty"
    EVENT_TOO_LARGE = "event-too-large"

    VALUE_BLANK = "value-blank"
    VALUE_TOO_LONG = "value-too-long"
    VALUE_UNCLEAN = "value-unclean"
    VALUE_DEFANGED = "value-defanged"
    TYPE_UNKNOWN = "type-unknown"
    CATEGORY_UNFIT = "category-unfit"
    TYPE_UNFIT = "type-unfit"
    COMPOSITE_BROKEN = "composite-broken"
    HASH_AS_TEXT = "hash-as-text"
    ADDRESS_AS_TEXT = "address-as-text"
    ADDRESS_IN_COMMENT = "address-in-comment"
    ADDRESS_PRIVATE = "address-private"
    ADDRESS_RESERVED = "address-reserved"
    ADDRESS_DOCUMENTATION = "address-documentation"
    NETWORK_TOO_WIDE = "network-too-wide"
    ON_WARNING_LIST = "on-warning-list"
    DOUBLE = "double"
    SEEN_ORDER = "seen-order"
    SEEN_IMPLAUSIBLE = "seen-implausible"
    CONTEXT_MISSING = "context-missing"
    COMMENT_TOO_LONG = "comment-too-long"


class Finding(msgspec.Struct, frozen=True, gc=False):
    """One rule that one event or attribute does not meet.

    ``event`` and ``attribute`` are UUIDs (``None``: it is about the event); ``example`` is what
    was found, up to 200 characters with control characters escaped.
    """

    rule: RuleId
    severity: Severity
    event: str
    attribute: str | None
    example: str


def shown(text: str) -> str:
    """``text`` as an example: cut, on one line, without anything that commands a terminal."""
    cut = text if len(text) <= MAX_EXAMPLE else text[: MAX_EXAMPLE - 1] + "…"
    if cut.isprintable():
        return cut
    return "".join(c if c.isprintable() else _escaped(c) for c in cut)[:MAX_EXAMPLE]


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")
