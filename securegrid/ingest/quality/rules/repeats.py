"""The same thing twice in one event."""

from typing import Final

from securegrid.ingest.model import ObjectDraft
from securegrid.ingest.quality.findings import RuleId, Severity
from securegrid.ingest.quality.rules.model import AttributeRule
from securegrid.ingest.quality.subjects import Item
from securegrid.misp.offers import folded


def _double(item: Item) -> str | None:
    draft, around = item.draft, item.around
    if item.object is not None:
        return _double_object(item, item.object) if item.first_in_object else None
    if draft.relation:
        return None  # which object it is in, the MISP did not say
    # MISP compares without case, width and trailing blanks (trap 3).
    if around.remember(draft.type, folded(draft.value)):
        return f"{draft.type}: {draft.value}"
    return None


def _double_object(item: Item, found: ObjectDraft) -> str | None:
    """An object that says the same as another; of its attributes one may stand in many."""
    content = frozenset((one.relation, folded(one.value)) for one in found.attributes)
    if item.around.remember(found.template, content):
        return f"{found.template}: {', '.join(one.value for one in found.attributes)}"
    return None


DOUBLE = AttributeRule(RuleId.DOUBLE, Severity.ERROR, _double)

RULES: Final = (DOUBLE,)
