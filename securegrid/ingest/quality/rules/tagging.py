"""What an event's tags must say: its source, and with whom it may be shared (TLP 2.0, FIRST)."""

from typing import Final

from securegrid.ingest.model import EventDraft
from securegrid.ingest.quality.findings import RuleId, Severity
from securegrid.ingest.quality.rules.model import HeadRule
from securegrid.ingest.quality.subjects import Setting
from securegrid.ingest.quality.tags import TLP

_SAME: Final = {"tlp:white": "tlp:clear"}
"""TLP 1.0's WHITE is 2.0's CLEAR."""


def _no_source_tag(event: EventDraft, setting: Setting) -> str | None:
    if any(setting.sources.is_tag(tag) for tag in event.tags):
        return None
    return _listed(event)


def _no_tlp(event: EventDraft, _: Setting) -> str | None:
    return None if any(map(_is_tlp, event.tags)) else _listed(event)


def _unclear_tlp(event: EventDraft, setting: Setting) -> str | None:
    levels = {tag.strip().casefold() for tag in event.tags if _is_tlp(tag)}
    unknown = [level for level in levels if not setting.tlp.mean(level)]
    differing = {_SAME.get(level, level) for level in levels}
    return ", ".join(sorted(levels)) if unknown or len(differing) > 1 else None


def _unusable(event: EventDraft, setting: Setting) -> str | None:
    most = setting.profile.sizes.tag
    bad = (tag for tag in event.tags if not tag.strip() or len(tag) > most)
    return next(bad, None)


def _is_tlp(tag: str) -> bool:
    return tag.strip().casefold().startswith(TLP)


def _listed(event: EventDraft) -> str:
    """The title, and the tags that there are."""
    return f"{event.info} [{', '.join(event.tags)}]"


SOURCE_TAG_MISSING = HeadRule(RuleId.SOURCE_TAG_MISSING, Severity.ERROR, _no_source_tag)
TLP_MISSING = HeadRule(RuleId.TLP_MISSING, Severity.ERROR, _no_tlp)
TLP_UNCLEAR = HeadRule(RuleId.TLP_UNCLEAR, Severity.ERROR, _unclear_tlp)
TAG_UNUSABLE = HeadRule(RuleId.TAG_UNUSABLE, Severity.ERROR, _unusable)

RULES: Final = (SOURCE_TAG_MISSING, TLP_MISSING, TLP_UNCLEAR, TAG_UNUSABLE)
