"""What a person looks at before publishing: events, samples, findings by rule, bad lines."""

from datetime import date

import msgspec

MOST_EVENTS = 400
"""Events that are listed; the counts are of all."""
MOST_EXAMPLES = 5
"""Of each rule, and of each reason of a bad line."""


class SampleAttribute(msgspec.Struct, frozen=True, array_like=True):
    """One attribute as it would be written."""

    type: str
    value: str
    to_ids: bool
    comment: str
    where: str
    """The object's template and the relation in it; empty outside an object."""


class EventPreview(msgspec.Struct, frozen=True, array_like=True):
    """One event as it would be written; ``attributes`` with those inside its objects."""

    uuid: str
    info: str
    day: date
    tags: tuple[str, ...]
    attributes: int
    objects: int
    samples: tuple[SampleAttribute, ...]


class FindingExample(msgspec.Struct, frozen=True, array_like=True):
    """Where a rule was broken: the event's title and what was found."""

    event: str
    text: str


class RulePreview(msgspec.Struct, frozen=True, array_like=True):
    """The findings of one rule."""

    rule: str
    severity: str
    count: int
    examples: tuple[FindingExample, ...]


class BadExample(msgspec.Struct, frozen=True, array_like=True):
    """A line that was not understood: its number, and its beginning."""

    number: int
    head: str


class BadPreview(msgspec.Struct, frozen=True, array_like=True):
    """The bad lines of one reason."""

    reason: str
    count: int
    examples: tuple[BadExample, ...]


class Preview(msgspec.Struct, frozen=True, array_like=True):
    """All of it."""

    events: tuple[EventPreview, ...]
    rules: tuple[RulePreview, ...]
    bad: tuple[BadPreview, ...]
