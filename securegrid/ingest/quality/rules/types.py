"""Type and category: ones that MISP knows, for it drops an attribute of others without a word."""

from typing import Final

from securegrid.ingest.quality.findings import RuleId, Severity
from securegrid.ingest.quality.rules.model import AttributeRule
from securegrid.ingest.quality.subjects import Item
from securegrid.misp.typetable import type_table


def _unknown(item: Item) -> str | None:
    type_ = item.draft.type
    return None if type_ in type_table().types else f"{type_}: {item.draft.value}"


def _unfit(item: Item) -> str | None:
    draft, table = item.draft, type_table()
    if not draft.category or draft.type not in table.types:
        return None  # MISP takes the type's own category; an unknown type has its own rule
    if table.allows(draft.category, draft.type):
        return None
    return f"{draft.category} / {draft.type}: {draft.value}"


TYPE_UNKNOWN = AttributeRule(RuleId.TYPE_UNKNOWN, Severity.ERROR, _unknown)
CATEGORY_UNFIT = AttributeRule(RuleId.CATEGORY_UNFIT, Severity.ERROR, _unfit)

RULES: Final = (TYPE_UNKNOWN, CATEGORY_UNFIT)
