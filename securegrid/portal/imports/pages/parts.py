"""The parts of an import's page: its work, events with samples, findings by rule, bad lines."""

from dataclasses import dataclass
from datetime import date, datetime

from securegrid.ingest.model import BadLine
from securegrid.ingest.quality.findings import RuleId, Severity
from securegrid.portal.imports.preview import Preview
from securegrid.portal.imports.records import Running
from securegrid.portal.ui.spans import span
from securegrid.words import advice, say, why


@dataclass(frozen=True, slots=True)
class WorkPart:
    """The work that goes on."""

    step: str
    started_at: datetime
    done: int
    total: int
    rate_per_s: int
    remaining: str


@dataclass(frozen=True, slots=True)
class SamplePart:
    """One attribute as it would be written."""

    type: str
    value: str
    to_ids: bool
    comment: str
    where: str


@dataclass(frozen=True, slots=True)
class EventPart:
    """One event as it would be written."""

    info: str
    day: date
    tags: tuple[str, ...]
    attributes: int
    objects: int
    samples: tuple[SamplePart, ...]
    more: int
    """Attributes that are not among the samples."""


@dataclass(frozen=True, slots=True)
class ExamplePart:
    """Where a rule is broken."""

    event: str
    text: str


@dataclass(frozen=True, slots=True)
class RulePart:
    """The findings of one rule, with its reason and how it is mended."""

    rule: str
    name: str
    is_error: bool
    reason: str
    mend: str
    count: int
    examples: tuple[ExamplePart, ...]


@dataclass(frozen=True, slots=True)
class LinePart:
    """A line that was not understood."""

    number: int
    head: str


@dataclass(frozen=True, slots=True)
class BadPart:
    """The bad lines of one reason."""

    reason: str
    count: int
    examples: tuple[LinePart, ...]


def work_part(running: Running) -> WorkPart:
    """How far the work is."""
    return WorkPart(
        step=running.step.value,
        started_at=running.started_at,
        done=running.progress.done,
        total=running.progress.total,
        rate_per_s=round(running.rate_per_s),
        remaining=span(running.remaining_s),
    )


def event_parts(preview: Preview | None) -> tuple[EventPart, ...]:
    """The events of a preview."""
    return tuple(
        EventPart(
            info=event.info,
            day=event.day,
            tags=event.tags,
            attributes=event.attributes,
            objects=event.objects,
            samples=tuple(
                SamplePart(one.type, one.value, one.to_ids, one.comment, one.where)
                for one in event.samples
            ),
            more=max(0, event.attributes - len(event.samples)),
        )
        for event in (preview.events if preview else ())
    )


def rule_parts(preview: Preview | None, language: str) -> tuple[RulePart, ...]:
    """The findings of a preview, errors first."""
    found = sorted(
        preview.rules if preview else (), key=lambda one: (one.severity != "error", -one.count)
    )
    return tuple(
        RulePart(
            rule=line.rule,
            name=say(RuleId(line.rule), language),
            is_error=line.severity == Severity.ERROR,
            reason=why(RuleId(line.rule), language),
            mend=advice(RuleId(line.rule), language),
            count=line.count,
            examples=tuple(ExamplePart(one.event, one.text) for one in line.examples),
        )
        for line in found
    )


def bad_parts(preview: Preview | None, language: str) -> tuple[BadPart, ...]:
    """The bad lines of a preview."""
    return tuple(
        BadPart(
            reason=say(BadLine(line.reason), language),
            count=line.count,
            examples=tuple(LinePart(one.number, one.head) for one in line.examples),
        )
        for line in (preview.bad if preview else ())
    )
