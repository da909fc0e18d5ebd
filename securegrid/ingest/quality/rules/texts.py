"""Values under a type that says nothing of them: nobody finds them as what they are."""

import re
from typing import Final

from securegrid.ingest.quality.findings import RuleId, Severity
from securegrid.ingest.quality.kinds import CLICKED, HASHES, WORDS
from securegrid.ingest.quality.rules.model import AttributeRule
from securegrid.ingest.quality.subjects import Item
from securegrid.values.model import Kind, Value
from securegrid.values.normalise import normalise

_LONGEST: Final = 2_048
_ONE_PIECE: Final = re.compile(r"\S{4,}")
_LONG_HASHES: Final = HASHES | {Kind.SSDEEP, Kind.TLSH}


def _hash(item: Item) -> str | None:
    return _shown(item) if _kind_of(item) in _LONG_HASHES else None


def _address(item: Item) -> str | None:
    return _shown(item) if _kind_of(item) in CLICKED else None


def _kind_of(item: Item) -> Kind | None:
    """What a loose value is that its type calls words; within an object the template says what
    a text is."""
    draft = item.draft
    if draft.type not in WORDS or item.is_in_object or len(draft.value) > _LONGEST:
        return None
    text = draft.value.strip()
    if not _ONE_PIECE.fullmatch(text):
        return None
    found = normalise(text)
    return found.kind if isinstance(found, Value) else None


def _shown(item: Item) -> str:
    return f"{item.draft.type}: {item.draft.value}"


HASH_AS_TEXT = AttributeRule(RuleId.HASH_AS_TEXT, Severity.ERROR, _hash)
ADDRESS_AS_TEXT = AttributeRule(RuleId.ADDRESS_AS_TEXT, Severity.ERROR, _address)

RULES: Final = (HASH_AS_TEXT, ADDRESS_AS_TEXT)
