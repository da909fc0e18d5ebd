"""A search as server-sent events: ``misp``, ``hits`` and ``done``, from the start or resumed."""

from collections.abc import AsyncIterator, Iterable
from uuid import UUID

import msgspec
from asgiref.sync import sync_to_async
from django.http import HttpRequest, StreamingHttpResponse
from ninja import Router

from securegrid.portal.accounts.roles import May
from securegrid.portal.api.answers import answers
from securegrid.portal.api.auth import AsyncToken, caller
from securegrid.portal.api.errors import ApiError, Code
from securegrid.portal.searches import services
from securegrid.portal.searches.changes import watch
from securegrid.portal.searches.columns import columns, misp_shape, total
from securegrid.portal.searches.document import hit_documents
from securegrid.portal.searches.models import Search
from securegrid.portal.searches.origins import origins_of
from securegrid.portal.searches.question import unseal_question
from securegrid.portal.searches.rows import read_hits
from securegrid.portal.searches.shapes import CellCounts, HitDocument

router = Router(tags=["searches"])
_HITS_PER_EVENT = 500


class _Done(msgspec.Struct):
    id: str
    state: str
    elapsed_ms: float | None
    cells: CellCounts


_EVENT = {
    "type": "object",
    "properties": {
        "event": {"enum": ["misp", "hits", "done"]},
        "data": {"type": "string", "description": "JSON"},
        "id": {"type": "string", "description": "for `Last-Event-ID`"},
    },
    "required": ["data"],
}
_STREAM = {
    200: {
        "description": "Events `misp` (one MISP's part), `hits` (a list of hits) and `done`.",
        "content": {"text/event-stream": {"schema": _EVENT}},
    }
}


@router.get(
    "/searches/{search_id}/stream",
    auth=AsyncToken(),
    response=answers({}),
    openapi_extra={"responses": _STREAM},
    summary="Follow a search",
)
async def stream(request: HttpRequest, search_id: UUID) -> StreamingHttpResponse:
    """Everything there is of a search as it comes; ``Last-Event-ID`` resumes after an event."""
    await sync_to_async(_search)(request, search_id)
    after = _last_seen(request.headers.get("Last-Event-ID", ""))
    response = StreamingHttpResponse(_events(search_id, after), content_type="text/event-stream")
    response["X-Accel-Buffering"] = "no"
    return response


def _search(request: HttpRequest, search_id: UUID) -> Search:
    token = caller(request, May.SEE_OWN_SEARCHES)
    search = services.search_for(token.user, search_id)
    if search is None:
        raise ApiError(Code.NOT_FOUND)
    return search


def _last_seen(header: str) -> int:
    """The revision that the client saw last; 0 for none and for what is no revision."""
    return int(header) if header.isascii() and header.isdigit() and len(header) < 10 else 0


async def _events(search_id: UUID, after: int) -> AsyncIterator[bytes]:
    yield b": begin\n\n"
    async for news in watch(search_id, after=after):
        if news.heartbeat:
            yield b": still here\n\n"
            continue
        events, after = await sync_to_async(_told)(search_id, after, news.complete)
        for event in events:
            yield event


def _told(search_id: UUID, after: int, complete: bool) -> tuple[list[bytes], int]:
    """The events of all revisions later than ``after``, and the last of these revisions.

    Only the last event carries it, so that a client that lost its line in between gets all of
    them again.
    """
    search = Search.objects.filter(public_id=search_id).first()
    if search is None:
        return [], after
    read = columns(search)
    changed = [column for column in read if column.answer.revision > after]
    events = [_event("misp", misp_shape(column)) for column in changed]
    asked = unseal_question(search.public_id, search.sealed_question)
    stored = read_hits(search.pk, after=after, until=search.revision)
    hits = hit_documents(asked, read, stored, origins_of(asked.entries))
    events += [_event("hits", part) for part in _parts(hits)]
    if complete:
        counted = total([column.counts for column in read])
        done = _Done(str(search_id), "complete", search.elapsed_ms, counted)
        events.append(_event("done", done))
    if events:
        events[-1] = b"id: %d\n" % search.revision + events[-1]
    return events, max(after, search.revision)


def _parts(hits: list[HitDocument]) -> Iterable[list[HitDocument]]:
    for start in range(0, len(hits), _HITS_PER_EVENT):
        yield hits[start : start + _HITS_PER_EVENT]


def _event(name: str, data: object) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode(data))
