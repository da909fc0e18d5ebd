"""A client that writes: events, attributes, objects; nothing is sent twice without a look."""

from collections.abc import AsyncIterator, Sequence

import msgspec

from securegrid.misp.bodies import decoded
from securegrid.misp.client import MIB, Body, MispClient
from securegrid.misp.connection import Connection
from securegrid.misp.failures import MispFailure, NotSaved, Reason
from securegrid.misp.writing import (
    NOTHING,
    WITH_DELETED,
    Changes,
    Head,
    HeadAnswer,
    HeadsQuery,
    OneAttribute,
    Stored,
    StoredAnswer,
    StoredQuery,
    TagOf,
    WrittenAttribute,
    WrittenEvent,
)

WRITE_TIMEOUT_S = 300.0
"""A MISP stores some hundred attributes a second."""
ROWS_A_PAGE = 10_000
_MAX_BYTES = 256 * MIB

_HEADS = decoded(msgspec.json.Decoder(tuple[Head, ...], strict=False))
_EVENT = decoded(msgspec.json.Decoder(HeadAnswer, strict=False))
_STORED = decoded(msgspec.json.Decoder(StoredAnswer, strict=False))
_ANYTHING = decoded(msgspec.json.Decoder(dict[str, msgspec.Raw]))


class MispWriter(MispClient):
    """Writes to one MISP. A request that changes something is sent once: whether one without an
    answer was received is for the caller to look up (``heads_of``, ``contents_of``) before it sends
    again. Methods raise only ``MispFailure``.
    """

    def __init__(
        self, connection: Connection, *, request_timeout_s: float = WRITE_TIMEOUT_S
    ) -> None:
        super().__init__(connection, request_timeout_s=request_timeout_s, max_bytes=_MAX_BYTES)

    async def heads_of(self, uuids: Sequence[str]) -> dict[str, Head]:
        """Which of 1 to 190 events are there, by UUID; others in the answer are passed over."""
        answer = await self._ask(_HEADS, "POST", self._at("/events/index"), HeadsQuery(uuids))
        if isinstance(answer, MispFailure):
            raise answer
        asked = frozenset(uuids)
        return {head.uuid.lower(): head for head in answer if head.uuid.lower() in asked}

    async def whole(self, event_id: int) -> Head:
        """An event with all that is in it, softly deleted attributes too."""
        address = self._at(f"/events/view/{event_id:d}")
        answer = await self._ask(_EVENT, "POST", address, WITH_DELETED)
        if isinstance(answer, MispFailure):
            raise answer
        return answer.event

    async def contents_of(
        self, event_id: int, *, rows_a_page: int = ROWS_A_PAGE
    ) -> AsyncIterator[tuple[Stored, ...]]:
        """Page after page of what is in an event, softly deleted attributes too."""
        page = 1
        while True:
            query = StoredQuery(event_id, rows_a_page, page)
            answer = await self._ask(_STORED, "POST", self._search_address, query)
            if isinstance(answer, MispFailure):
                raise answer
            rows = answer.response.attributes
            # A MISP that ignores the filter gives everything it has (trap 1).
            yield tuple(row for row in rows if str(row.event_id) == str(event_id))
            if len(rows) < rows_a_page:
                return
            page += 1

    async def add_event(self, event: WrittenEvent, *, whole_answer: bool) -> Head:
        """Add an event; with ``whole_answer`` the answer holds what the MISP kept of it."""
        path = "/events/add" if whole_answer else "/events/add/metadata:1"
        answer = await self._ask(_EVENT, "POST", self._at(path), event, once=True)
        if isinstance(answer, MispFailure):
            raise answer
        return answer.event

    async def edit_event(self, event_id: int, changes: Changes) -> Head:
        """Add to an event and change what it has; the answer is without contents.

        An edited event is no longer published."""
        path = f"/events/edit/{event_id:d}/metadata:1"
        answer = await self._ask(_EVENT, "POST", self._at(path), changes, once=True)
        if isinstance(answer, MispFailure):
            raise answer
        return answer.event

    async def add_attribute(self, event_id: int, attribute: WrittenAttribute) -> None:
        """Add one attribute; refused, ``NotSaved`` holds the MISP's own words."""
        await self._do(f"/attributes/add/{event_id:d}", OneAttribute(attribute))

    async def delete_attribute(self, uuid: str) -> None:
        """Delete an attribute for good; one that is not there is no failure."""
        await self._delete(f"/attributes/delete/{uuid}/1")

    async def delete_object(self, uuid: str) -> None:
        """Delete an object with its attributes for good; a missing one is no failure."""
        await self._delete(f"/objects/delete/{uuid}/1")

    async def delete_event(self, event_id: int) -> None:
        """Delete an event with all that is in it."""
        await self._do(f"/events/delete/{event_id:d}", NOTHING)

    async def publish(self, event_id: int) -> None:
        """Publish an event, without mail to anybody."""
        await self._do(f"/events/publish/{event_id:d}", NOTHING)

    async def remove_tag(self, uuid: str, tag: str) -> None:
        """Take a tag off the event or attribute of this UUID; a missing one is no failure."""
        try:
            await self._do("/tags/removeTagFromObject", TagOf(uuid, tag))
        except MispFailure as failed:
            if failed.reason is not Reason.REQUEST_REFUSED:
                raise

    async def _delete(self, path: str) -> None:
        try:
            await self._do(path, NOTHING)
        except NotSaved:
            raise
        except MispFailure as failed:
            if failed.reason is not Reason.REQUEST_REFUSED:
                raise

    async def _do(self, path: str, body: Body) -> None:
        answer = await self._ask(_ANYTHING, "POST", self._at(path), body, once=True)
        if isinstance(answer, MispFailure):
            raise answer
