"""What a rule is."""

from collections.abc import Callable
from dataclasses import dataclass

from securegrid.ingest.model import EventDraft
from securegrid.ingest.quality.findings import RuleId, Severity, Subject
from securegrid.ingest.quality.subjects import Around, Item, Setting


@dataclass(frozen=True, slots=True)
class HeadRule:
    """Looks at an event without its contents. ``finds`` gives an example, or ``None``."""

    id: RuleId
    severity: Severity
    finds: Callable[[EventDraft, Setting], str | None]
    subject: Subject = Subject.EVENT


@dataclass(frozen=True, slots=True)
class EndRule:
    """Looks at an event after its contents."""

    id: RuleId
    severity: Severity
    finds: Callable[[Around], str | None]
    subject: Subject = Subject.EVENT


@dataclass(frozen=True, slots=True)
class AttributeRule:
    """Looks at one attribute."""

    id: RuleId
    severity: Severity
    finds: Callable[[Item], str | None]
    subject: Subject = Subject.ATTRIBUTE


@dataclass(frozen=True, slots=True)
class CommentRule:
    """Looks at what an attribute says in words; ``names`` gives what it names by the way, and
    it is found when no attribute of the event holds that."""

    id: RuleId
    severity: Severity
    names: Callable[[Item], tuple[str, ...]]
    subject: Subject = Subject.ATTRIBUTE


Rule = HeadRule | EndRule | AttributeRule | CommentRule
