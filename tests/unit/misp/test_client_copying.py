"""What a sync asks through the client, and what comes of it, however the bytes arrive."""

import json
import uuid
from typing import Any

import pytest
from aiohttp import web

from securegrid.misp import bodies
from securegrid.misp.copying import EventLine
from securegrid.misp.failures import MispFailure, Reason
from securegrid.misp.identities import ContentsQuery, CountsQuery
from tests.unit.misp.conftest import Serve, json_answer

LINES = [
    EventLine(id=number, uuid=uuid.UUID(int=number), timestamp=1_795_423_900 + number, published=p)
    for number, p in ((1, False), (2, True), (7, True))
]


def _written(lines: list[EventLine], indent: int | None = 4) -> str:
    """As MISP writes it: integers as strings, indented."""
    rows = [
        {
            "id": str(line.id),
            "timestamp": str(line.timestamp),
            "sighting_timestamp": "0",
            "published": line.published,
            "uuid": str(line.uuid),
            "orgc_uuid": str(line.uuid),
        }
        for line in lines
    ]
    return json.dumps(rows, indent=indent)


def _in_parts(text: str, size: int) -> Any:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        body = text.encode()
        for start in range(0, len(body), size):
            await response.write(body[start : start + size])
        return response

    return answer


@pytest.mark.parametrize("indent", [None, 4])
@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize("size", [1, 7, 100, 100_000])
async def test_the_list_of_events_is_read_in_whatever_parts(
    serve: Serve, client_of: Any, size: int, count: int, indent: int | None
) -> None:
    server = await serve(_in_parts(_written(LINES[:count], indent) + "\n", size))
    listing = await client_of(server.url).events()
    assert list(listing.events) == LINES[:count]
    assert listing.served_at is not None
    (seen,) = server.seen
    assert (seen.method, seen.target) == ("POST", "/events/index")
    assert json.loads(seen.body) == {"minimal": 1}


async def test_numbers_may_come_as_numbers(serve: Serve, client_of: Any) -> None:
    text = json.dumps([{"id": 3, "uuid": str(uuid.UUID(int=3)), "timestamp": 9, "published": "1"}])
    server = await serve(_in_parts(text, 1_000))
    (line,) = (await client_of(server.url).events()).events
    assert (line.id, line.timestamp, line.published) == (3, 9, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "null",
        "[",
        "]",
        "[]]",
        "[{}]",
        '{"response": []}',
        '{"errors": "no"}',
        _written(LINES)[:-1],
        _written(LINES)[:-30],
        _written(LINES) + "[]",
        _written(LINES).replace("},", "}", 1),
        _written(LINES).replace("timestamp", "other"),
        _written(LINES).replace(str(LINES[0].uuid), "no uuid"),
    ],
)
@pytest.mark.parametrize("size", [1, 100_000])
async def test_what_is_no_list_of_events_is_a_failure(
    serve: Serve, client_of: Any, text: str, size: int
) -> None:
    """A list that ends early must not make the rest look deleted."""
    server = await serve(_in_parts(text, size))
    with pytest.raises(MispFailure) as caught:
        await client_of(server.url).events()
    assert caught.value.reason is Reason.MALFORMED


async def test_a_list_without_end_is_not_held(
    serve: Serve, client_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "_LISTING_BYTES", 500)
    server = await serve(_in_parts(_written(LINES * 3), 100))
    with pytest.raises(MispFailure) as caught:
        await client_of(server.url).events()
    assert caught.value.reason is Reason.TOO_LARGE
    monkeypatch.undo()
    server = await serve(_in_parts("[" + " " * 200_000, 10_000))
    with pytest.raises(MispFailure) as caught:
        await client_of(server.url).events()
    assert caught.value.reason is Reason.MALFORMED


async def test_counts_and_tags_of_events(serve: Serve, client_of: Any) -> None:
    async def answer(_request: web.Request) -> web.StreamResponse:
        tags = [{"id": "20", "Tag": {"id": "34", "name": "tlp:red"}}]
        return json_answer(
            json.dumps(
                [
                    {"id": "3", "attribute_count": "40", "info": "x", "EventTag": tags},
                    {"id": 4, "attribute_count": 5},
                ]
            )
        )

    server = await serve(answer)
    first, second = await client_of(server.url).counts(CountsQuery((3, 4)))
    assert (first.id, first.attribute_count, list(first.tags())) == (3, 40, ["tlp:red"])
    assert (second.id, second.attribute_count, list(second.tags())) == (4, 5, [])
    assert json.loads(server.seen[0].body) == {"eventid": ["3", "4"], "limit": 2, "page": 1}
    assert server.seen[0].target == "/events/index"


async def test_contents_of_events(serve: Serve, client_of: Any) -> None:
    async def answer(_request: web.Request) -> web.StreamResponse:
        one = {"id": "1", "event_id": "3", "uuid": "u", "type": "domain", "value": "a.example"}
        tagged = one | {"event_id": 4, "deleted": "1", "Tag": [{"name": "tlp:red", "id": "1"}]}
        return json_answer(json.dumps({"response": {"Attribute": [one, tagged]}}))

    server = await serve(answer)
    query = ContentsQuery((3, 4), 20_000, 2, published_only=True)
    first, second = await client_of(server.url).contents(query)
    assert (first.event_id, first.value, first.deleted, list(first.tags())) == (
        3,
        "a.example",
        False,
        [],
    )
    assert (second.event_id, second.deleted, list(second.tags())) == (4, True, ["tlp:red"])
    assert json.loads(server.seen[0].body) == {
        "returnFormat": "json",
        "eventid": ["3", "4"],
        "limit": 20_000,
        "page": 2,
        "order": "Attribute.id ASC",
        "published": True,
    }
    assert server.seen[0].target == "/attributes/restSearch"


@pytest.mark.parametrize("ids", [(), (0,), (-1,), tuple(range(1, 192)), ("3",), ("!3",)])
def test_a_list_of_events_that_would_ask_for_everything_cannot_be_made(ids: Any) -> None:
    with pytest.raises(ValueError):
        ContentsQuery(ids, 10)
    with pytest.raises(ValueError):
        CountsQuery(ids)


@pytest.mark.parametrize(("limit", "page"), [(0, 1), (-1, 1), (100_001, 1), (1, 0)])
def test_a_page_has_bounds(limit: int, page: int) -> None:
    with pytest.raises(ValueError):
        ContentsQuery((1,), limit, page)
