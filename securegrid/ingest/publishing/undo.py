"""Taking an import back: exactly what it wrote is deleted, and what it changed is as before."""

import asyncio
from collections.abc import Callable, Iterable

import msgspec

from securegrid.ingest.publishing.differences import Known
from securegrid.ingest.publishing.event_writing import WHOLE_UP_TO
from securegrid.ingest.publishing.journal import Import, Journal
from securegrid.ingest.publishing.outcomes import (
    EventState,
    ImportState,
    Progress,
    Stage,
    TakenBack,
)
from securegrid.ingest.publishing.page import Before, Kind, Page, Work
from securegrid.ingest.publishing.patience import LONGEST_S, Clock, Patience, SystemClock
from securegrid.ingest.publishing.publish import never, nothing
from securegrid.ingest.publishing.templates import template
from securegrid.misp.connection import Connection
from securegrid.misp.records import whole
from securegrid.misp.writer import MispWriter
from securegrid.misp.writing import (
    Changes,
    Head,
    WithinObject,
    WrittenAttribute,
    WrittenObject,
    moment,
)

_LOOKED_UP = 100
_RESTORED_AT_ONCE = 200


def undo(
    journal: Journal,
    name: str,
    connection: Connection,
    *,
    tell: Callable[[Progress], None] = nothing,
    stop: Callable[[], bool] = never,
    clock: Clock | None = None,
    patience_s: float = LONGEST_S,
) -> TakenBack:
    """Delete what the import of this name wrote, and nothing else.

    An event that it made is deleted when nothing of anybody else is in it. Otherwise only its own
    attributes and objects go, those that it changed become what they were, and the rest stays. An
    attribute that a later import counted too stays, as that one's. May be stopped, or die, and be
    called again.

    Raises ``UnknownImport``, ``MispFailure``, ``Stopped``; ``ValueError`` for another MISP.
    """
    of = journal.find(name)
    if of.misp != connection.url:
        raise ValueError("the import was into another MISP")
    patience = Patience(clock or SystemClock(), tell, stop, longest_s=patience_s)

    async def run() -> TakenBack:
        writer = MispWriter(connection)
        async with writer:
            return await _Undoing(journal, of, writer, patience, tell).run()

    return asyncio.run(run())


class _Undoing:
    """All pages of an import, one after another, the last one first."""

    def __init__(
        self,
        journal: Journal,
        of: Import,
        writer: MispWriter,
        patience: Patience,
        tell: Callable[[Progress], None],
    ) -> None:
        self._journal = journal
        self._of = of
        self._writer = writer
        self._patience = patience
        self._tell = tell
        self._did = TakenBack(name=of.name, misp=of.misp)
        self._heads: dict[str, Head] = {}

    async def run(self) -> TakenBack:
        if self._of.state is not ImportState.UNDONE:
            self._journal.end(self._of, ImportState.UNDOING)
        pages = [
            page
            for page in reversed(self._journal.pages(self._of))
            if page.row.state is not EventState.TAKEN_BACK
        ]
        for number, page in enumerate(pages):
            self._patience.demand_going_on()
            if number % _LOOKED_UP == 0:
                await self._look_up(pages[number : number + _LOOKED_UP])
            await self._patience.keep(lambda page=page: self._take_back(page))  # type: ignore[misc]
            self._tell(Progress(stage=Stage.TAKING_BACK, done=number + 1, of=len(pages)))
        self._journal.end(self._of, ImportState.UNDONE)
        return self._did

    async def _look_up(self, pages: list[Page]) -> None:
        uuids = [page.row.uuid for page in pages]
        self._heads = await self._patience.keep(lambda: self._writer.heads_of(uuids))

    async def _take_back(self, page: Page) -> None:
        """Take one event back; may be called again after any failure, and then looks anew."""
        uuid = page.row.uuid
        head = self._heads.pop(uuid, None) or (await self._writer.heads_of([uuid])).get(uuid)
        if head is not None:
            page.look_away()
            holds_more = await self._look(page, head)
            if self._is_ours_alone(page) and not holds_more:
                await self._writer.delete_event(head.number)
                self._add(events_deleted=1)
            else:
                await self._take_out(page, head)
                page.hand_over_event()
                self._add(events_kept=1)
            page.look_away()
        page.end(EventState.TAKEN_BACK)
        self._patience.eased()

    async def _look(self, page: Page, head: Head) -> bool:
        if (whole(head.attribute_count) or 0) <= WHOLE_UP_TO:
            found = await self._writer.whole(head.number)
            page.look(map(Known.of, found.everything()))
            return found.holds_more
        async for rows in self._writer.contents_of(head.number):
            page.look(map(Known.of, rows))
        return False

    def _is_ours_alone(self, page: Page) -> bool:
        return page.row.made and not page.is_others_too() and page.is_ours_alone()

    async def _take_out(self, page: Page, head: Head) -> None:
        changed: list[tuple[str, Before]] = []
        for uuid, kind, work, before in page.rows():
            self._patience.demand_going_on()
            if work is Work.ADDED:
                await self._delete(page, uuid, kind)
            elif before is not None and self._is_there(page, uuid, before):
                changed.append((uuid, before))
            if len(changed) >= _RESTORED_AT_ONCE:
                await self._restore(page, head, changed)
        await self._restore(page, head, changed)
        for tag in page.tags():
            await self._writer.remove_tag(page.row.uuid, tag)
        if head.published:
            await self._writer.publish(head.number)

    async def _delete(self, page: Page, uuid: str, kind: Kind) -> None:
        """Delete what was added; attributes of an object go with it."""
        if kind is Kind.IN_OBJECT or (kind is Kind.ATTRIBUTE and page.known(uuid) is None):
            return
        if page.hand_over(uuid):
            self._add(left_to_later=1)
        elif kind is Kind.OBJECT:
            await self._writer.delete_object(uuid)
            self._add(objects_deleted=1)
        else:
            await self._writer.delete_attribute(uuid)
            self._add(attributes_deleted=1)

    async def _restore(self, page: Page, head: Head, changed: list[tuple[str, Before]]) -> None:
        """Make what was changed as it was before."""
        if changed:
            await self._writer.edit_event(head.number, _changes(page.row.uuid, changed))
            self._add(attributes_restored=sum(bool(before.type) for _, before in changed))
            changed.clear()

    def _is_there(self, page: Page, uuid: str, before: Before) -> bool:
        known = page.known(uuid)
        return not before.type or (known is not None and not known.deleted)

    def _add(self, **more: int) -> None:
        self._did = msgspec.structs.replace(
            self._did, **{name: getattr(self._did, name) + n for name, n in more.items()}
        )


def _changes(event: str, pairs: Iterable[tuple[str, Before]]) -> Changes:
    alone: list[WrittenAttribute] = []
    holders: dict[str, Before] = {}
    within: dict[str, list[WrittenAttribute]] = {}
    for uuid, before in pairs:
        if before.object:
            own = before if not before.type else holders.get(before.object, before)
            holders[before.object] = own
            within.setdefault(before.object, [])
        if before.type:
            target = within[before.object] if before.object else alone
            target.append(_attribute(uuid, before))
    objects = tuple(_object(uuid, holders[uuid], tuple(inner)) for uuid, inner in within.items())
    return Changes(uuid=event, attributes=tuple(alone), objects=objects)


def _attribute(uuid: str, before: Before) -> WrittenAttribute:
    return WrittenAttribute(
        uuid=uuid,
        type=before.type,
        category=before.category,
        value=before.value,
        to_ids=before.to_ids,
        comment=before.comment,
        first_seen=moment(before.first_seen),
        last_seen=moment(before.last_seen),
        object_relation=before.relation or None,
    )


def _object(
    uuid: str, own: Before, attributes: tuple[WrittenAttribute, ...]
) -> WrittenObject | WithinObject:
    known = template(own.template)
    within = WithinObject(
        uuid=uuid,
        name=known.name,
        meta_category=known.meta_category,
        template_uuid=known.uuid,
        template_version=str(known.version),
        description=known.description,
        attributes=attributes,
    )
    if own.type:
        return within  # only attributes of it were changed
    return WrittenObject(
        **msgspec.structs.asdict(within),
        comment=own.comment,
        first_seen=moment(own.first_seen),
        last_seen=moment(own.last_seen),
    )
