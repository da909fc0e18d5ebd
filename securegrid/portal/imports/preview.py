"""What a person looks at before publishing: events, samples, findings by rule, bad lines."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

import msgspec

from securegrid.ingest.model import Bad, BadLine
from securegrid.ingest.pipeline import Imported
from securegrid.ingest.preview import SampleAttribute as Sampled
from securegrid.ingest.preview import SampleEvent

MOST_EVENTS = 400
"""Events that are listed; the counts are of all."""
MOST_EXAMPLES = 5
"""Of each rule, and of each reason of a bad line."""
_LONGEST = 500
"""Characters of a value or comment that are shown."""
_MOST_BAD = 20_000
"""Bad lines among which examples are looked for."""


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


@dataclass
class Badly:
    """The first bad lines of each reason."""

    found: dict[BadLine, list[Bad]] = field(default_factory=dict)

    def keep(self, lines: Iterable[Bad]) -> None:
        """Keep the first few of each."""
        for bad in islice(lines, _MOST_BAD):
            examples = self.found.setdefault(bad.reason, [])
            if len(examples) < MOST_EXAMPLES:
                examples.append(bad)


def preview_of_look(looked: Imported, bad: Badly) -> Preview:
    """What a look at a file found."""
    events = tuple(_event(one) for one in looked.preview.samples)
    titles = {event.uuid: event.info for event in events}
    rules = tuple(
        RulePreview(
            one.rule.value,
            one.severity.value,
            one.found,
            tuple(
                FindingExample(titles.get(found.event, ""), found.example)
                for found in one.examples[:MOST_EXAMPLES]
            ),
        )
        for one in looked.score.deductions
    )
    lines = sorted(looked.read.bad.items(), key=lambda pair: -pair[1])
    return Preview(events, rules, tuple(_bad(reason, n, bad) for reason, n in lines))


def _event(sample: SampleEvent) -> EventPreview:
    return EventPreview(
        sample.uuid,
        sample.info,
        sample.date,
        sample.tags,
        sample.attributes,
        sample.objects,
        tuple(_attribute(one) for one in sample.contents),
    )


def _attribute(one: Sampled) -> SampleAttribute:
    where = f"{one.object} / {one.relation}" if one.object else ""
    return SampleAttribute(
        one.type, one.value[:_LONGEST], one.to_ids, one.comment[:_LONGEST], where
    )


def _bad(reason: BadLine, count: int, bad: Badly) -> BadPreview:
    examples = (BadExample(one.number, one.head) for one in bad.found.get(reason, ()))
    return BadPreview(reason.value, count, tuple(examples))
