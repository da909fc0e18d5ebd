"""Writing one event: look what is there, send what is missing, compare, publish."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import msgspec

from securegrid.ingest.model import AttributeDraft, Content, EventDraft
from securegrid.ingest.publishing.composing import (
    attributes_of,
    compose_attribute,
    compose_event,
    compose_tags,
)
from securegrid.ingest.publishing.differences import Known
from securegrid.ingest.publishing.journal import Import, Journal
from securegrid.ingest.publishing.outcomes import Altered, Dropped, EventState
from securegrid.ingest.publishing.page import Kind, Page, State
from securegrid.ingest.publishing.patience import Patience
from securegrid.ingest.publishing.pieces import Cutter, Limits, Piece
from securegrid.ingest.publishing.texts import storable
from securegrid.misp.failures import NotSaved
from securegrid.misp.records import whole
from securegrid.misp.writer import MispWriter
from securegrid.misp.writing import Changes, Head, Stored, StoredObject

WHOLE_UP_TO = 5_000
"""Attributes of an event that is read as a whole; larger ones are read in pages."""
_ASKED_WHY = 20
"""Dropped attributes that are sent alone once more, to learn why."""
_SHOWN = 100


@dataclass(slots=True)
class Desk:
    """What is needed to write, and what was noticed so far."""

    writer: MispWriter
    journal: Journal
    of: Import
    patience: Patience
    limits: Limits = field(default_factory=Limits)
    may_publish: bool = True
    dropped: list[Dropped] = field(default_factory=list)
    altered: list[Altered] = field(default_factory=list)
    asked_why: int = 0


class EventWriting:
    """One event on its way. ``contents`` gives the draft's contents, as often as wished."""

    def __init__(
        self, desk: Desk, draft: EventDraft, contents: Callable[[], Iterator[Content]]
    ) -> None:
        self._desk = desk
        self._draft = draft
        self._contents = contents
        self._sent = False
        self._tags_missing: frozenset[str] = frozenset()
        self._most_seen = 0
        self.advances = 0
        """How often more of the event was known to be there, in all tries."""

    async def write(self, head: Head | None) -> None:
        """Bring the event to the MISP as it is to be; ``head`` is what is there of it.

        May be called again after any failure, with what is there then. Raises ``MispFailure``
        and ``Stopped``.
        """
        desk = self._desk
        self._sent = False
        page = desk.journal.page(desk.of, self._draft, made=head is None)
        page.look_away()
        objects = await self._look(page, head) if head else {}
        refused = desk.journal.refused(desk.of, self._draft.uuid)
        cutter = Cutter(page, refused, objects, desk.limits)
        head = await self._send(page, head, cutter)
        if head is None or not page.is_touched():
            page.drop()
            desk.journal.noted(desk.of, unchanged=head is not None)
            return
        await self._settle(page, head)
        desk.journal.noted(
            desk.of, rewritten=cutter.tally.rewritten, deleted=cutter.tally.deleted_there
        )

    async def _look(self, page: Page, head: Head) -> dict[str, StoredObject]:
        """Remember what the MISP has; its objects too, where the event is read as a whole."""
        if (whole(head.attribute_count) or 0) <= WHOLE_UP_TO:
            found = await self._desk.writer.whole(head.number)
            self._saw(page, found.everything())
            return {one.uuid.lower(): one for one in found.objects}
        async for rows in self._desk.writer.contents_of(head.number):
            self._saw(page, rows)
        return {}

    def _saw(self, page: Page, rows: tuple[Stored, ...]) -> None:
        page.look(map(Known.of, rows))
        if len(rows) > self._most_seen:
            self._most_seen, self.advances = len(rows), self.advances + 1

    async def _send(self, page: Page, head: Head | None, cutter: Cutter) -> Head | None:
        seen_whole = False
        if head is not None:
            self._note_tags(head)
        for piece, is_last in cutter.pieces(self._contents()):
            self._desk.patience.demand_going_on()
            if head is None:
                head = await self._add(page, piece, is_last)
                # Fewer than were sent: before that is believed, it is looked up.
                seen_whole = is_last and len(head.everything()) >= piece.count
            else:
                await self._edit(page, head, piece)
        if head is not None and self._tags_missing and not self._sent:
            await self._edit(page, head, Piece())
        if head is not None and self._sent and not seen_whole:
            page.look_away()
            await self._look(page, await self._fresh(head))
        return head

    async def _add(self, page: Page, piece: Piece, is_whole: bool) -> Head:
        page.intend(piece.entries)
        new = msgspec.structs.replace(
            compose_event(self._draft),
            attributes=tuple(piece.attributes),
            objects=tuple(piece.objects),
        )
        head = await self._desk.writer.add_event(new, whole_answer=is_whole)
        self._acknowledged()
        self._note_tags(head)
        page.look(map(Known.of, head.everything()))
        return head

    async def _edit(self, page: Page, head: Head, piece: Piece) -> None:
        tags = () if self._sent else tuple(sorted(self._tags_missing))
        page.intend(piece.entries, tags)
        changes = Changes(
            uuid=self._draft.uuid,
            tags=compose_tags(tags),
            attributes=tuple(piece.attributes),
            objects=tuple(piece.objects),
        )
        after = await self._desk.writer.edit_event(head.number, changes)
        self._acknowledged()
        self._note_tags(after)

    async def _fresh(self, head: Head) -> Head:
        """The head again: what was sent may have made a small event a large one."""
        found = await self._desk.writer.heads_of([self._draft.uuid])
        return found.get(self._draft.uuid, head)

    async def _settle(self, page: Page, head: Head) -> None:
        """Compare, report what is missing, publish."""
        page.acknowledge()
        if page.uuids(State.DROPPED, kinds=(Kind.ATTRIBUTE, Kind.IN_OBJECT)):
            await self._ask_why(page, head)
        self._note_altered(page)
        page.look_away()
        if self._desk.may_publish:
            await self._desk.writer.publish(head.number)
        published = EventState.PUBLISHED if self._desk.may_publish else EventState.UNPUBLISHED
        page.end(published, tags_missing=self._tags_missing)

    async def _ask_why(self, page: Page, head: Head) -> None:
        """Tell what was dropped, with the MISP's reason where it gives one."""
        alone = frozenset(page.uuids(State.DROPPED, kinds=(Kind.ATTRIBUTE,)))
        within = frozenset(page.uuids(State.DROPPED, kinds=(Kind.IN_OBJECT,)))
        for draft in (a for content in self._contents() for a in attributes_of(content)):
            if draft.uuid in within:
                self._note_dropped(page, draft, ())
            elif draft.uuid in alone:
                told = await self._reason(head, draft)
                if told is None:
                    page.told(draft.uuid, (), State.ACKNOWLEDGED)
                else:
                    self._note_dropped(page, draft, told)

    async def _reason(self, head: Head, draft: AttributeDraft) -> tuple[str, ...] | None:
        """Send a dropped attribute alone once more: only then does a MISP say why (trap 11).
        ``None`` when it took it this time; no words when too many were asked about already."""
        if self._desk.asked_why >= _ASKED_WHY:
            return ()
        self._desk.asked_why += 1
        try:
            await self._desk.writer.add_attribute(head.number, compose_attribute(draft))
        except NotSaved as refused:
            return refused.told
        return None

    def _note_dropped(self, page: Page, draft: AttributeDraft, told: tuple[str, ...]) -> None:
        if told:
            page.told(draft.uuid, told)
        if len(self._desk.dropped) < _SHOWN:
            event, uuid = self._draft.uuid, draft.uuid
            self._desk.dropped.append(
                Dropped(event=event, uuid=uuid, type=draft.type, value=draft.value, told=told)
            )

    def _note_altered(self, page: Page) -> None:
        for uuid in page.uuids(State.ALTERED):
            known = page.known(uuid)
            if known is not None and len(self._desk.altered) < _SHOWN:
                self._desk.altered.append(
                    Altered(event=self._draft.uuid, uuid=uuid, value=known.value)
                )

    def _note_tags(self, head: Head) -> None:
        there = {name.casefold() for name in head.tags}
        self._tags_missing = frozenset(
            name for name in self._draft.tags if storable(name).casefold() not in there
        )

    def _acknowledged(self) -> None:
        self._sent = True
        self.advances += 1
        self._desk.patience.eased()
