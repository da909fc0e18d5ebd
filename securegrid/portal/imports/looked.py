"""From what the pipeline found in a file to its preview."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from securegrid.ingest.model import Bad, BadLine
from securegrid.ingest.pipeline import Imported
from securegrid.ingest.preview import SampleAttribute as Sampled
from securegrid.ingest.preview import SampleEvent
from securegrid.portal.imports.preview import (
    MOST_EXAMPLES,
    BadExample,
    BadPreview,
    EventPreview,
    FindingExample,
    Preview,
    RulePreview,
    SampleAttribute,
)

_LONGEST = 500
"""Characters of a value or comment that are shown."""
_MOST_BAD = 20_000
"""Bad lines among which examples are looked for."""


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
