"""The rules: one small value each, with its id, its severity and how it finds what is wrong.

What a rule says to people (its name, the reason, the mend) stands in ``securegrid.words``.
"""

from collections.abc import Mapping
from typing import Final

from securegrid.ingest.quality.findings import RuleId
from securegrid.ingest.quality.rules import (
    addresses,
    comments,
    forms,
    listed,
    repeats,
    seen,
    sizes,
    tagging,
    texts,
    titles,
    types,
)
from securegrid.ingest.quality.rules.model import (
    AttributeRule,
    CommentRule,
    EndRule,
    HeadRule,
    Rule,
)

HEAD_RULES: Final[tuple[HeadRule, ...]] = (*titles.RULES, *seen.DATE_RULES, *tagging.RULES)
ATTRIBUTE_RULES: Final[tuple[AttributeRule, ...]] = (
    *sizes.RULES,
    *types.RULES,
    *forms.RULES,
    *texts.RULES,
    *addresses.RULES,
    *listed.RULES,
    *repeats.RULES,
    *seen.RULES,
    *comments.RULES,
)
COMMENT_RULES: Final[tuple[CommentRule, ...]] = (comments.ADDRESS_IN_COMMENT,)
END_RULES: Final[tuple[EndRule, ...]] = sizes.EVENT_RULES
_EVERY: Final[tuple[Rule, ...]] = (*HEAD_RULES, *ATTRIBUTE_RULES, *COMMENT_RULES, *END_RULES)
_BY_ID: Final = {rule.id: rule for rule in _EVERY}
RULES: Final[Mapping[RuleId, Rule]] = {id_: _BY_ID[id_] for id_ in RuleId}
"""Every rule by its id, in the order in which documents list them."""

__all__ = [
    "ATTRIBUTE_RULES",
    "COMMENT_RULES",
    "END_RULES",
    "HEAD_RULES",
    "RULES",
    "AttributeRule",
    "CommentRule",
    "EndRule",
    "HeadRule",
    "Rule",
]
