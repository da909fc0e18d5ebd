"""What is marked for detection must not be on a warning list: it would raise alarms everywhere."""

from typing import Final

from securegrid.ingest.quality.findings import RuleId, Severity
from securegrid.ingest.quality.rules.model import AttributeRule
from securegrid.ingest.quality.subjects import Item, Part
from securegrid.ingest.quality.warning_lists import Chosen
from securegrid.values.model import Kind


def _listed(item: Item) -> str | None:
    if not item.draft.to_ids:
        return None
    lists = item.around.setting.lists
    for part in item.parts:
        if names := _names(part, item.draft.type, lists):
            return f"{part.text}: {', '.join(names)}"
    return None


def _names(part: Part, type_: str, lists: Chosen) -> tuple[str, ...]:
    if part.value is None:
        return ()
    kind, text = part.value.kind, part.value.text
    if kind is Kind.CIDR:
        text = text.partition("/")[0]
        kind = Kind.IPV6 if ":" in text else Kind.IPV4
    types = (part.type,) if type_ == part.type else (part.type, type_)
    found = {head.folder: head.name for each in types for head in lists.of_value(each, kind, text)}
    return tuple(found.values())


ON_WARNING_LIST = AttributeRule(RuleId.ON_WARNING_LIST, Severity.ERROR, _listed)

RULES: Final = (ON_WARNING_LIST,)
