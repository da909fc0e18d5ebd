"""The running search as a stream of fragments, so that the page fills while MISPs answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from securegrid.portal.accounts.access import requires
from securegrid.portal.accounts.roles import May
from securegrid.portal.searches import reading
from securegrid.portal.searches.changes import watch
from securegrid.portal.searches.models import Search
from securegrid.portal.searches.pages.choosing import Chosen, chosen
from securegrid.portal.searches.pages.result import body_of, found_search

PAUSE_S = 0.25
"""Seconds between two fragments, so that a page is drawn at most four times a second."""
HEARTBEAT = b": still here\n\n"
PARTS = "searches/live.html"
"""The changing parts of ``ResultBody``, each for its own place."""
DONE = b"event: done\ndata: done\n\n"


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose stream it is: language and zone have to be set again outside the request."""

    search: UUID
    choice: Chosen
    language: str
    zone: str
    after: int


@require_safe
@requires(May.SEE_OWN_SEARCHES)
def live(request: HttpRequest, search: UUID) -> HttpResponse:
    """Follow a search: server-sent events that htmx swaps into the page."""
    found = found_search(request, search)
    reader = Reader(
        search=found.public_id,
        choice=chosen(request.GET),
        language=translation.get_language() or "en",
        zone=timezone.get_current_timezone_name(),
        after=_seen(request),
    )
    response = StreamingHttpResponse(stream(reader), content_type="text/event-stream")
    response["Cache-Control"] = "no-store, private"
    response["X-Accel-Buffering"] = "no"
    return response  # type: ignore[return-value]


def _seen(request: HttpRequest) -> int:
    """The revision that the page shows already."""
    told = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else 0


async def stream(reader: Reader, pause_s: float = PAUSE_S) -> AsyncIterator[bytes]:
    """Fragments of what the page shows, then ``done``; the search goes on if nobody reads."""
    yield b": begin\n\n"
    async with aclosing(watch(reader.search, after=reader.after)) as news:  # type: ignore[type-var]
        async for told in news:
            if told.heartbeat:
                yield HEARTBEAT
                continue
            part = await sync_to_async(_fragment)(reader)
            if part is not None:
                yield part
            if not told.complete:
                await asyncio.sleep(pause_s)
    yield DONE


def _fragment(reader: Reader) -> bytes | None:
    """The parts of the page that change, as one event; ``None`` when the search is gone."""
    search = Search.objects.select_related("user").filter(public_id=reader.search).first()
    if search is None:
        return None
    with translation.override(reader.language), timezone.override(reader.zone):
        choice = reader.choice
        view = reading.view(search, choice.shown, page=1 if choice.shows_hits else choice.page)
        body = body_of(search, view, choice)
        html = render_to_string(PARTS, {"body": body})
    lines = "".join(f"data: {line}\n" for line in html.splitlines() if line.strip())
    return f"id: {view.revision}\n{lines}\n".encode()
