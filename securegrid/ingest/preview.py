"""What would be written: counts and samples, taken while drafts are looked over."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date

import msgspec

from securegrid.ingest.model import AttributeDraft, Content, Drafts, EventDraft, ObjectDraft

SAMPLES, SAMPLE_CONTENTS = 5, 5


class SampleAttribute(msgspec.Struct, frozen=True, kw_only=True):
    """One attribute as it would be written; times are Unix seconds."""

    type: str
    category: str
    value: str
    to_ids: bool
    comment: str
    object: str = ""
    """The template of the object that it is in."""
    relation: str = ""
    first_seen: int | None = None
    last_seen: int | None = None
    tags: tuple[str, ...] = ()


class SampleEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event as it would be written, with the first of its attributes."""

    uuid: str
    info: str
    date: date
    tags: tuple[str, ...]
    attributes: int
    objects: int
    contents: tuple[SampleAttribute, ...]


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """All that would be written, counted; attributes within objects count as attributes."""

    events: int = 0
    attributes: int = 0
    objects: int = 0
    first_day: date | None = None
    last_day: date | None = None
    by_type: Mapping[str, int] = {}
    by_template: Mapping[str, int] = {}
    samples: tuple[SampleEvent, ...] = ()


class Watched:
    """Drafts that are counted while somebody else reads them once."""

    def __init__(
        self, drafts: Drafts, tell: Callable[[int, int], None], samples: int = SAMPLES
    ) -> None:
        """``tell`` is given the events and attributes so far, after each event; of the first
        ``samples`` events something is kept to be shown."""
        self._drafts = drafts
        self._tell = tell
        self._types: Counter[str] = Counter()
        self._templates: Counter[str] = Counter()
        self._days: tuple[date, date] | None = None
        self._events = 0
        self._most = samples
        self._samples: list[SampleEvent] = []
        self._current: EventDraft | None = None

    def events(self) -> Iterator[EventDraft]:
        """The events, each counted when it is over."""
        for draft in self._drafts.events():
            self._current = draft
            earliest, latest = self._days or (draft.date, draft.date)
            self._days = min(earliest, draft.date), max(latest, draft.date)
            yield draft
            self._events += 1
            self._tell(self._events, self._types.total())

    def contents(self, event_uuid: str) -> Iterator[Content]:
        """The contents of one event, counted as they are read."""
        draft = self._current
        wanted = draft is not None and draft.uuid == event_uuid and len(self._samples) < self._most
        sample: list[SampleAttribute] = []
        attributes = objects = 0
        for content in self._drafts.contents(event_uuid):
            inner = content.attributes if isinstance(content, ObjectDraft) else (content,)
            self._types.update(one.type for one in inner)
            attributes += len(inner)
            if isinstance(content, ObjectDraft):
                objects += 1
                self._templates[content.template] += 1
            if wanted and len(sample) < SAMPLE_CONTENTS:
                sample += [_sampled(one, content) for one in inner]
            yield content
        if wanted and draft is not None:
            self._samples.append(_sample(draft, attributes, objects, sample))

    def preview(self) -> Preview:
        """What was read so far."""
        first, last = self._days or (None, None)
        return Preview(
            events=self._events,
            attributes=self._types.total(),
            objects=self._templates.total(),
            first_day=first,
            last_day=last,
            by_type=dict(self._types.most_common()),
            by_template=dict(self._templates.most_common()),
            samples=tuple(self._samples),
        )


def _sample(
    draft: EventDraft, attributes: int, objects: int, contents: list[SampleAttribute]
) -> SampleEvent:
    return SampleEvent(
        uuid=draft.uuid,
        info=draft.info,
        date=draft.date,
        tags=draft.tags,
        attributes=attributes,
        objects=objects,
        contents=tuple(contents[:SAMPLE_CONTENTS]),
    )


def _sampled(draft: AttributeDraft, holder: Content) -> SampleAttribute:
    return SampleAttribute(
        type=draft.type,
        category=draft.category,
        value=draft.value,
        to_ids=draft.to_ids,
        comment=draft.comment,
        object=holder.template if isinstance(holder, ObjectDraft) else "",
        relation=draft.relation,
        first_seen=draft.first_seen,
        last_seen=draft.last_seen,
        tags=draft.tags,
    )
