"""The form of a value: plainly written, as its type says, both halves of a composite whole."""

import re
from typing import Final

from securegrid.ingest.quality.findings import RuleId, Severity
from securegrid.ingest.quality.kinds import CLICKED, HOSTS, MANY_LINES
from securegrid.ingest.quality.rules.model import AttributeRule
from securegrid.ingest.quality.subjects import Item, Part
from securegrid.values.addresses import is_port
from securegrid.values.model import Kind
from securegrid.values.normalise import INVISIBLE
from securegrid.values.refang import refang

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_MANY_LINES_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def _unclean(item: Item) -> str | None:
    value = item.draft.value
    if value.isascii() and value.isprintable() and value == value.strip():
        return None
    free = item.draft.type in MANY_LINES
    control = _MANY_LINES_CONTROL if free else _CONTROL
    unseen = not free and INVISIBLE.search(value)
    around = not free and value.strip() and value != value.strip()
    return ascii(value) if control.search(value) or unseen or around else None


def _defanged(item: Item) -> str | None:
    return item.draft.value if any(map(_is_defanged, item.parts)) else None


def _is_defanged(part: Part) -> bool:
    if part.kinds is None or not part.kinds & CLICKED:
        return False
    text = part.text.strip()
    return refang(text) != text


def _unfit(item: Item) -> str | None:
    if "|" in item.draft.type or not item.draft.value.strip():
        return None  # a composite has its own rule
    bad = any(not _fits(part) for part in item.parts)
    return f"{item.draft.type}: {item.draft.value}" if bad else None


def _broken(item: Item) -> str | None:
    if "|" not in item.draft.type or not item.draft.value.strip():
        return None
    bad = len(item.parts) != 2 or not all(map(_fits_as_half, item.parts))
    return f"{item.draft.type}: {item.draft.value}" if bad else None


def _fits_as_half(part: Part) -> bool:
    if not part.text.strip():
        return part.type == "value"  # a registry key may hold an empty value
    if part.type == "port":
        return is_port(part.text.strip()) and int(part.text) > 0
    # A third half: only a file name or a registry value may hold the bar itself.
    return _fits(part) and (part.kinds is None or "|" not in part.text)


def _fits(part: Part) -> bool:
    if part.kinds is None:
        return _is_port(part) if part.type == "port" else True
    return part.fits and not _has_more(part)


def _is_port(part: Part) -> bool:
    return is_port(part.text.strip()) and int(part.text) > 0


def _has_more(part: Part) -> bool:
    """Whether something stands beside an address or a name: a port, a wildcard."""
    value = part.value
    if value is None or value.kind not in (Kind.IPV4, *HOSTS):
        return False
    plain = refang(part.text.strip()).lower().rstrip(".")
    return plain.isascii() and plain not in value.spellings


VALUE_UNCLEAN = AttributeRule(RuleId.VALUE_UNCLEAN, Severity.WARNING, _unclean)
VALUE_DEFANGED = AttributeRule(RuleId.VALUE_DEFANGED, Severity.ERROR, _defanged)
TYPE_UNFIT = AttributeRule(RuleId.TYPE_UNFIT, Severity.ERROR, _unfit)
COMPOSITE_BROKEN = AttributeRule(RuleId.COMPOSITE_BROKEN, Severity.ERROR, _broken)

RULES: Final = (VALUE_UNCLEAN, VALUE_DEFANGED, TYPE_UNFIT, COMPOSITE_BROKEN)
