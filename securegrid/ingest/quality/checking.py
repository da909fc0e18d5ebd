"""Looking drafts over by every rule of a profile: findings, one after another."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final, TypeVar

from securegrid.ingest.model import AttributeDraft, Content, Drafts, EventDraft, ObjectDraft
from securegrid.ingest.quality.findings import Finding, RuleId, Severity, shown
from securegrid.ingest.quality.profile import Profile
from securegrid.ingest.quality.rules import (
    ATTRIBUTE_RULES,
    COMMENT_RULES,
    END_RULES,
    HEAD_RULES,
    RULES,
    Rule,
)
from securegrid.ingest.quality.rules.comments import is_held, remember_named
from securegrid.ingest.quality.subjects import Around, Item, Setting
from securegrid.ingest.quality.warning_lists import WarningLists

_Rule = TypeVar("_Rule", bound=Rule)

MAX_WAITING: Final = 20_000
"""Attributes of one event whose comments wait for its end; those beyond are not looked at."""


def check(
    drafts: Drafts, profile: Profile, lists: WarningLists, *, now: datetime | None = None
) -> Iterator[Finding]:
    """Everything that does not meet ``profile``, event by event, in bounded memory.

    A rule finds an event or an attribute at most once. ``now`` (aware) says which dates are
    still to come. Raises nothing for any content.
    """
    checks = Checks.of(profile, lists, now or datetime.now(UTC))
    for event in drafts.events():
        yield from checks.event(event).whole(drafts.contents(event.uuid))


class Checks:
    """The rules that are on, with their severities."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self._severities = _severities(setting.profile)
        self.heads = [(rule, self._severities[rule.id]) for rule in self._on(HEAD_RULES)]
        self.attributes = [(rule, self._severities[rule.id]) for rule in self._on(ATTRIBUTE_RULES)]
        self.comments = [(rule, self._severities[rule.id]) for rule in self._on(COMMENT_RULES)]
        self.ends = [(rule, self._severities[rule.id]) for rule in self._on(END_RULES)]

    @staticmethod
    def of(profile: Profile, lists: WarningLists, now: datetime) -> "Checks":
        """For one profile at one moment."""
        return Checks(Setting.of(profile, lists, now))

    def event(self, draft: EventDraft) -> "EventCheck":
        """Begin with one event."""
        return EventCheck(draft, self)

    def _on(self, rules: Iterable[_Rule]) -> Iterator[_Rule]:
        return (rule for rule in rules if rule.id in self._severities)


class EventCheck:
    """One event, looked over as its contents come: ``head``, each ``content``, ``end``."""

    def __init__(self, draft: EventDraft, checks: Checks) -> None:
        self._checks = checks
        self.around = Around.of(draft, checks.setting)
        self._waiting: list[tuple[int, tuple[str, ...], str]] = []

    def whole(self, contents: Iterable[Content]) -> Iterator[Finding]:
        """All of it."""
        yield from self.head()
        for content in contents:
            yield from self.content(content)
        yield from self.end()

    def head(self) -> Iterator[Finding]:
        """What is wrong with the event itself."""
        draft = self.around.draft
        for rule, severity in self._checks.heads:
            if (example := rule.finds(draft, self._checks.setting)) is not None:
                yield Finding(rule.id, severity, draft.uuid, None, shown(example))

    def content(self, content: Content) -> Iterator[Finding]:
        """What is wrong with one attribute, or one object and its attributes."""
        if isinstance(content, ObjectDraft):
            for number, attribute in enumerate(content.attributes):
                item = Item.of(attribute, self.around, content, first_in_object=number == 0)
                yield from self._item(item)
        else:
            yield from self._item(Item.of(content, self.around))

    def end(self) -> Iterator[Finding]:
        """What shows only when all of it was seen."""
        draft = self.around.draft
        for at, named, attribute in self._waiting:
            rule, severity = self._checks.comments[at]
            unknown = [each for each in named if not is_held(each, self.around)]
            if unknown:
                yield Finding(rule.id, severity, draft.uuid, attribute, shown(", ".join(unknown)))
        self._waiting.clear()
        for end_rule, severity in self._checks.ends:
            if (example := end_rule.finds(self.around)) is not None:
                yield Finding(end_rule.id, severity, draft.uuid, None, shown(example))

    def _item(self, item: Item) -> Iterator[Finding]:
        self.around.attributes += 1
        draft = item.draft
        remember_named(item)
        for rule, severity in self._checks.attributes:
            if (example := rule.finds(item)) is not None:
                event = self.around.draft.uuid
                yield Finding(rule.id, severity, event, draft.uuid, shown(example))
        self._note_comments(item)

    def _note_comments(self, item: Item) -> None:
        for at, (rule, _) in enumerate(self._checks.comments):
            if (named := rule.names(item)) and len(self._waiting) < MAX_WAITING:
                self._waiting.append((at, named, item.draft.uuid))


def attributes_in(content: Content) -> Iterator[AttributeDraft]:
    """The attributes of one piece of content."""
    if isinstance(content, ObjectDraft):
        yield from content.attributes
    else:
        yield content


def _severities(profile: Profile) -> dict[RuleId, Severity]:
    levels = {rule.id: profile.severity(rule.id, rule.severity) for rule in RULES.values()}
    return {rule: level for rule, level in levels.items() if level is not None}
