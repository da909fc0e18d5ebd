"""Bounds: neither nothing nor more than anybody can use."""

from typing import Final

from securegrid.ingest.quality.findings import RuleId, Severity
from securegrid.ingest.quality.kinds import LONGEST, MANY_LINES
from securegrid.ingest.quality.rules.model import AttributeRule, EndRule
from securegrid.ingest.quality.subjects import Around, Item


def _empty(around: Around) -> str | None:
    return None if around.attributes else around.draft.info


def _too_large(around: Around) -> str | None:
    if around.attributes <= around.setting.profile.sizes.event:
        return None
    return f"{around.attributes}: {around.draft.info}"


def _blank(item: Item) -> str | None:
    return None if item.draft.value.strip() else f"{item.draft.type}: {item.draft.value!r}"


def _long_value(item: Item) -> str | None:
    value, type_ = item.draft.value, item.draft.type
    most = LONGEST if type_ in MANY_LINES else item.around.setting.profile.sizes.value
    if len(value) <= most:
        return None
    return f"{len(value)}: {value[:100]}"


def _long_comment(item: Item) -> str | None:
    comment = item.draft.comment
    if len(comment) <= item.around.setting.profile.sizes.comment:
        return None
    return f"{len(comment)}: {comment[:100]}"


EVENT_EMPTY = EndRule(RuleId.EVENT_EMPTY, Severity.WARNING, _empty)
EVENT_TOO_LARGE = EndRule(RuleId.EVENT_TOO_LARGE, Severity.WARNING, _too_large)
VALUE_BLANK = AttributeRule(RuleId.VALUE_BLANK, Severity.ERROR, _blank)
VALUE_TOO_LONG = AttributeRule(RuleId.VALUE_TOO_LONG, Severity.ERROR, _long_value)
COMMENT_TOO_LONG = AttributeRule(RuleId.COMMENT_TOO_LONG, Severity.WARNING, _long_comment)

EVENT_RULES: Final = (EVENT_EMPTY, EVENT_TOO_LARGE)
RULES: Final = (VALUE_BLANK, VALUE_TOO_LONG, COMMENT_TOO_LONG)
