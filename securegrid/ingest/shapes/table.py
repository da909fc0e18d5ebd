"""Events of a table: one for each day and title, a value once in each."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby

from securegrid.ingest.identity import attribute_uuid, event_uuid
from securegrid.ingest.model import AttributeDraft, Content, Counted, EventDraft, Key
from securegrid.ingest.shapes.options import ShapeOptions

_ABOUT = 3
"""Parts of an item's key that make it one attribute: type, category and value (MISP's rule)."""


class TableShape:
    """How the events of a table look.

    An event's key is its day, its title and its tags: rows of one title and day that other files
    tag otherwise are another event.
    """

    def __init__(self, options: ShapeOptions) -> None:
        self._options = options

    def head(self, event: Key) -> EventDraft:
        """The event of this day and title."""
        day, title, *tags = event
        own = [] if any(tag.lower().startswith("tlp:") for tag in tags) else self._options.tags
        return EventDraft(
            uuid=self._uuid(event),
            info=title or f"[{self._options.shown}] {day}",
            date=date.fromisoformat(day),
            tags=tuple(dict.fromkeys((self._options.source_tag, *tags, *own))),
            distribution=self._options.distribution,
        )

    def contents(self, event: Key, items: Iterable[tuple[Key, Counted]]) -> Iterator[Content]:
        """One attribute for each type, category and value."""
        uuid = self._uuid(event)
        for about, same in groupby(items, key=lambda one: one[0][:_ABOUT]):
            yield _attribute(uuid, about, list(same))

    def _uuid(self, event: Key) -> str:
        return event_uuid(self._options.alliance, self._options.source, event)


def _attribute(uuid: str, about: Key, same: list[tuple[Key, Counted]]) -> AttributeDraft:
    type_, category, value = about
    comments = dict.fromkeys(comment for (*_, comment, _), _ in same if comment)
    tags = dict.fromkeys(tag for (*_, listed), _ in same for tag in listed.split(",") if tag)
    # A report's date says nothing of when its values were seen.
    seen = [counted for item, counted in same if item[4]]
    return AttributeDraft(
        uuid=attribute_uuid(uuid, type_, value, category),
        type=type_,
        category=category,
        value=value,
        to_ids=any(item[3] for item, _ in same),
        comment="; ".join(comments),
        first_seen=min((one.first for one in seen), default=None),
        last_seen=max((one.last for one in seen), default=None),
        tags=tuple(tags),
    )
