"""Publishing all drafts of a run to one MISP, so that no crash leaves doubles or gaps."""

import asyncio
import itertools
from collections.abc import Callable, Iterable, Iterator

from securegrid.ingest.model import Drafts, EventDraft
from securegrid.ingest.publishing.event_writing import Desk, EventWriting
from securegrid.ingest.publishing.journal import Import, Journal
from securegrid.ingest.publishing.outcomes import (
    EventState,
    FailedEvent,
    ImportState,
    Progress,
    Published,
    Stage,
)
from securegrid.ingest.publishing.patience import (
    LONGEST_S,
    OF_THE_EVENT,
    Clock,
    Patience,
    SystemClock,
)
from securegrid.ingest.publishing.pieces import Limits
from securegrid.misp.connection import Connection
from securegrid.misp.failures import MispFailure, NotSaved, Reason
from securegrid.misp.writer import MispWriter
from securegrid.misp.writing import Head

AT_ONCE = 2
"""Events written at once: two to four requests at a time are enough for a MISP."""
_LOOKED_UP = 100
_TRIES = 4
"""Of an event whose content seems to be what the MISP fails at."""
_PERHAPS_TOO_MUCH = frozenset(
    {
        Reason.TIMED_OUT,
        Reason.UNAVAILABLE,
        Reason.CONNECTION_LOST,
        Reason.SERVER_ERROR,
        Reason.TOO_LARGE,
        Reason.REQUEST_REFUSED,
    }
)
"""What a server says, or does not say, when a request was more than it can take."""
_SHOWN = 100


def nothing(_: object) -> None:
    """Tell nobody."""


def never() -> bool:
    """Nobody wishes to stop."""
    return False


def publish(
    drafts: Drafts,
    connection: Connection,
    journal: Journal,
    of: Import,
    *,
    acknowledged: Callable[[EventDraft], None] = nothing,
    tell: Callable[[Progress], None] = nothing,
    stop: Callable[[], bool] = never,
    clock: Clock | None = None,
    patience_s: float = LONGEST_S,
    at_once: int = AT_ONCE,
    limits: Limits | None = None,
    events: int = 0,
) -> Published:
    """Write ``drafts`` as the import ``of``, publish each event, and compare what is there.

    What the journal has as refused is left out. ``acknowledged`` is called for each event that
    the MISP has, whole or with what it dropped noted down. ``events``: how many there are, for
    the progress. An import of which something failed stays open.

    Raises ``MispFailure`` when the MISP cannot be written to, after waiting ``patience_s`` for
    what passes by itself, and ``Stopped``; what is not acknowledged then stays in the journal.
    """
    if of.misp != connection.url:
        raise ValueError("the import is into another MISP")
    keeper = clock or SystemClock()
    patience = Patience(keeper, tell, stop, longest_s=patience_s)

    async def run() -> Published:
        writer = MispWriter(connection)
        async with writer:
            desk = Desk(writer, journal, of, patience, limits or Limits())
            return await _Publishing(desk, acknowledged, tell, events).run(drafts, at_once)

    return asyncio.run(run())


class _Publishing:
    """All events of one import, one after another and some at once."""

    def __init__(
        self,
        desk: Desk,
        acknowledged: Callable[[EventDraft], None],
        tell: Callable[[Progress], None],
        events: int,
    ) -> None:
        self._desk = desk
        self._acknowledge = acknowledged
        self._tell = tell
        self._events = events
        self._done = 0
        self._failed: list[FailedEvent] = []

    async def run(self, drafts: Drafts, at_once: int) -> Published:
        await self._learn_what_is_allowed()
        for batch in _batches(drafts.events(), _LOOKED_UP):
            await self._write_batch(drafts, batch, at_once)
        return self._result()

    async def _learn_what_is_allowed(self) -> None:
        me = await self._desk.patience.keep(self._desk.writer.me)
        if not me.role.perm_add:
            raise MispFailure(Reason.NO_PERMISSION, permanent=True, detail="perm_add")
        self._desk.may_publish = me.role.perm_publish

    async def _write_batch(self, drafts: Drafts, batch: list[EventDraft], at_once: int) -> None:
        self._desk.patience.demand_going_on()
        heads = await self._heads([draft.uuid for draft in batch])
        waiting = iter(batch)

        async def work() -> None:
            for draft in waiting:
                await self._write(drafts, draft, heads.get(draft.uuid))

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(at_once, len(batch))):
                    group.create_task(work())
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None

    async def _write(self, drafts: Drafts, draft: EventDraft, head: Head | None) -> None:
        if self._is_refused(draft):
            return
        writing = EventWriting(self._desk, draft, lambda: drafts.contents(draft.uuid))
        tries, advances = 0, 0
        while True:
            try:
                await writing.write(head)
            except MispFailure as failed:
                if writing.advances > advances:
                    tries, advances = 0, writing.advances
                tries += failed.reason in OF_THE_EVENT
                if not await self._go_on(draft, failed, tries):
                    return
                head = (await self._heads([draft.uuid])).get(draft.uuid)
            else:
                self._written(draft)
                return

    async def _go_on(self, draft: EventDraft, failed: MispFailure, tries: int) -> bool:
        """Whether to try the event again; raises ``failed`` when nothing can be written at all."""
        is_final = isinstance(failed, NotSaved) or failed.reason is Reason.NO_PERMISSION
        if failed.reason in _PERHAPS_TOO_MUCH and not is_final:
            self._desk.limits.shrink()
        if failed.reason not in OF_THE_EVENT:
            await self._desk.patience.bear(failed)
            return True
        if is_final or tries >= _TRIES:
            self._note_failure(draft, failed)
            return False
        # A double UUID (404) answers an add that was received after all: what is there now tells.
        if not failed.permanent:
            await self._desk.patience.bear(failed)
        return True

    def _note_failure(self, draft: EventDraft, failed: MispFailure) -> None:
        told = failed.told if isinstance(failed, NotSaved) else ()
        page = self._desk.journal.page(self._desk.of, draft, made=False)
        page.end(EventState.FAILED, failed.reason, told)
        self._failed.append(
            FailedEvent(event=draft.uuid, info=draft.info, reason=failed.reason, told=told)
        )
        self._count()

    def _is_refused(self, draft: EventDraft) -> bool:
        if draft.uuid not in self._desk.journal.refused(self._desk.of, draft.uuid):
            return False
        page = self._desk.journal.page(self._desk.of, draft, made=False)
        page.end(EventState.REFUSED)
        self._count()
        return True

    def _written(self, draft: EventDraft) -> None:
        self._desk.patience.eased()
        self._acknowledge(draft)
        self._count()

    def _count(self) -> None:
        self._done += 1
        self._tell(Progress(stage=Stage.WRITING, done=self._done, of=self._events))

    async def _heads(self, uuids: list[str]) -> dict[str, Head]:
        writer = self._desk.writer
        return await self._desk.patience.keep(lambda: writer.heads_of(uuids))

    def _result(self) -> Published:
        desk = self._desk
        state = ImportState.OPEN if self._failed else ImportState.DONE
        ended = desk.journal.end(desk.of, state)
        return Published(
            name=ended.name,
            misp=ended.misp,
            counts=desk.journal.counts(ended),
            dropped=tuple(desk.dropped),
            altered=tuple(desk.altered),
            failed=tuple(self._failed[:_SHOWN]),
            tags_missing=tuple(desk.journal.tags_missing(ended)),
            forced=ended.forced,
        )


def _batches(events: Iterable[EventDraft], size: int) -> Iterator[list[EventDraft]]:
    waiting = iter(events)
    while batch := list(itertools.islice(waiting, size)):
        yield batch
