"""What rules look at: an event, and an attribute with what is known around it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from securegrid.ingest.model import AttributeDraft, EventDraft, ObjectDraft
from securegrid.ingest.quality.kinds import KINDS, hint_of
from securegrid.ingest.quality.patterns import Patterns
from securegrid.ingest.quality.profile import Profile
from securegrid.ingest.quality.tags import SourceNames, gives_context
from securegrid.ingest.quality.warning_lists import Chosen, WarningLists
from securegrid.values.model import Kind, Value
from securegrid.values.normalise import normalise

MAX_REMEMBERED: Final = 500_000
"""Hashes kept of one event, two of most attributes, in some 40 MB; an event with more than a
quarter of a million attributes is not searched for doubles to its end, and is found too large."""
_COMPOSITES_WITHOUT_BAR: Final = {"malware-sample": "filename|md5"}


@dataclass(frozen=True, slots=True)
class Setting:
    """What stays the same for everything that is looked over in one go."""

    profile: Profile
    lists: Chosen
    now: datetime
    sources: SourceNames
    tlp: Patterns
    no_context: Patterns
    earliest_s: float
    latest_s: float
    """Unix seconds between which a time is plausible."""

    @staticmethod
    def of(profile: Profile, lists: WarningLists, now: datetime) -> "Setting":
        """For one profile at one moment (aware)."""
        earliest = datetime.combine(profile.dates.earliest, datetime.min.time(), now.tzinfo)
        latest = now + timedelta(days=profile.dates.days_ahead)
        return Setting(
            profile=profile,
            lists=lists.chosen(profile.warning_lists),
            now=now,
            sources=SourceNames(profile),
            tlp=Patterns(profile.tags.tlp),
            no_context=Patterns(profile.tags.no_context),
            earliest_s=earliest.timestamp(),
            latest_s=latest.timestamp(),
        )


@dataclass(slots=True)
class Around:
    """One event while its contents pass by."""

    draft: EventDraft
    setting: Setting
    attributes: int = 0
    has_context: bool = False
    """Whether the event's tags say something about every value in it."""
    _remembered: set[int] = field(default_factory=set)
    """Hashes: one set for all that is remembered, for it is most of what a look holds."""

    @staticmethod
    def of(draft: EventDraft, setting: Setting) -> "Around":
        """At its beginning."""
        has_context = setting.profile.context.event_tags and any(
            gives_context(tag, setting.sources, setting.no_context) for tag in draft.tags
        )
        return Around(draft, setting, has_context=has_context)

    def remember(self, *what: object) -> bool:
        """Keep ``what``; whether it was there already."""
        number = hash(what)
        if number in self._remembered:
            return True
        if len(self._remembered) < MAX_REMEMBERED:
            self._remembered.add(number)
        return False

    def has(self, *what: object) -> bool:
        """Whether ``what`` is remembered."""
        return hash(what) in self._remembered


@dataclass(slots=True)
class Part:
    """A value, or one half of a composite one, with what it is understood as."""

    type: str
    text: str
    kinds: frozenset[Kind] | None
    """What its type may hold; ``None`` when its type says nothing of its form."""
    value: Value | None
    """``None`` when it is not understood, or its type says nothing of its form."""

    @staticmethod
    def of(type_: str, text: str) -> "Part":
        """Understood as its type says."""
        kinds = KINDS.get(type_)
        if kinds is None:
            return Part(type_, text, None, None)
        found = normalise(text, hint=hint_of(type_))
        return Part(type_, text, kinds, found if isinstance(found, Value) else None)

    @property
    def fits(self) -> bool:
        """Whether the value has its type's form."""
        if self.kinds is None:
            return True
        return self.value is not None and self.value.kind in self.kinds


@dataclass(slots=True)
class Item:
    """One attribute as a rule sees it."""

    draft: AttributeDraft
    around: Around
    object: ObjectDraft | None
    """That it is in; ``None`` also where a MISP told of the object only by the relation."""
    first_in_object: bool
    parts: tuple["Part", ...]
    """Itself; of a composite, each half."""

    @staticmethod
    def of(
        draft: AttributeDraft,
        around: Around,
        in_object: ObjectDraft | None = None,
        *,
        first_in_object: bool = False,
    ) -> "Item":
        """With its halves."""
        parts = tuple(Part.of(*each) for each in parts_of(draft.type, draft.value))
        return Item(draft, around, in_object, first_in_object, parts)

    @property
    def is_in_object(self) -> bool:
        """Whether an object gives it its meaning."""
        return self.object is not None or bool(self.draft.relation)


def parts_of(type_: str, value: str) -> tuple[tuple[str, str], ...]:
    """Type and value of an attribute, or of both halves of a composite."""
    composite = _COMPOSITES_WITHOUT_BAR.get(type_, type_)
    if "|" not in composite or "|" not in value:
        return ((composite, value),)
    first_type, _, second_type = composite.partition("|")
    first, _, second = value.partition("|")
    return ((first_type, first), (second_type, second))
