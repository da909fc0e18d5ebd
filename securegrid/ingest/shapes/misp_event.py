"""Events that others wrote for MISP: taken over as they are, under a UUID of the import's own."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby

import msgspec

from securegrid.ingest.identity import event_uuid
from securegrid.ingest.model import (
    AttributeDraft,
    Content,
    Counted,
    EventDraft,
    Key,
    ObjectDraft,
)
from securegrid.ingest.shapes.options import ShapeOptions

_ATTRIBUTE = msgspec.json.Decoder(AttributeDraft)
_OBJECT = msgspec.json.Decoder(ObjectDraft)
_UNTITLED = "STIX 2.1 Bundle ("
"""How misp-stix calls the event of a bundle without a report."""
_ABOUT = 2
"""Parts of an item's key that name it: attribute or object, and its UUID."""


class MispEventShape:
    """Attributes and objects keep the UUIDs of their source, so that the same knowledge in several
    MISPs is known to be the same. The event gets its own: an import never touches an event that
    the MISP has from elsewhere.
    """

    def __init__(self, options: ShapeOptions) -> None:
        self._options = options

    def head(self, event: Key) -> EventDraft:
        """The event with its own title, date, tags and levels."""
        day, _, info, threat_level, analysis, *tags = event
        is_marked = any(tag.lower().startswith("tlp:") for tag in tags)
        own = () if is_marked else self._options.tags
        return EventDraft(
            uuid=event_uuid(self._options.alliance, self._options.source, event),
            info=self._title(info, day),
            date=date.fromisoformat(day),
            tags=tuple(dict.fromkeys((self._options.source_tag, *tags, *own))),
            threat_level=int(threat_level),
            analysis=int(analysis),
            distribution=self._options.distribution,
        )

    def _title(self, info: str, day: str) -> str:
        """Its own; of a bundle without a report, which has none, the source and the day."""
        if info and not info.startswith(_UNTITLED):
            return info
        return f"[{self._options.shown}] {day}" + (" STIX 2.1 bundle" if info else "")

    def contents(self, event: Key, items: Iterable[tuple[Key, Counted]]) -> Iterator[Content]:
        """Each attribute and object once, in its latest version."""
        for (kind, _), same in groupby(items, key=lambda one: one[0][:_ABOUT]):
            item, _ = max(same, key=lambda one: (one[1].last, one[0]))
            yield _ATTRIBUTE.decode(item[2]) if kind == "attribute" else _OBJECT.decode(item[2])
