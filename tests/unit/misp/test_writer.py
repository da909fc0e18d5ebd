"""The client that writes: what it sends, and that nothing is sent twice."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date

import pytest
from aiohttp import web

from securegrid.misp.failures import MispFailure, NotSaved, Reason
from securegrid.misp.writer import MispWriter
from securegrid.misp.writing import (
    Changes,
    HeadsQuery,
    StoredQuery,
    WrittenAttribute,
    WrittenEvent,
    WrittenTag,
    moment,
    seconds_of,
)
from tests.unit.misp.conftest import Serve, Talk, connection, json_answer

Make = Callable[[str], MispWriter]
UUID = "c51d8dda-eccd-4642-8cd6-26863734a920"
OTHER = "a959dd78-0948-4be6-a095-e9dbdcc164de"
ATTRIBUTE = WrittenAttribute(
    UUID, "ip-src", "Network activity", "192.0.2.1", False, "", None, None, distribution=5
)
EVENT = WrittenEvent(UUID, "A title", date(2021, 5, 13), 4, 2, 1, tags=(WrittenTag("tlp:amber"),))


@pytest.fixture
async def writer_of() -> AsyncIterator[Callable[[str], MispWriter]]:
    made: list[MispWriter] = []

    def make(url: str) -> MispWriter:
        made.append(MispWriter(connection(url)))
        return made[-1]

    yield make
    for one in made:
        await one.close()


def row(number: int, event: str = "7") -> dict[str, object]:
    return {
        "id": str(number), "uuid": f"00000000-0000-4000-8000-{number:012d}", "event_id": event,
        "type": "ip-src", "category": "Network activity", "value": "192.0.2.1", "object_id": "0",
    }  # fmt: skip


async def test_an_event_is_sent_whole_and_unpublished(serve: Serve, writer_of: Make) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return json_answer(json.dumps({"Event": {"id": "7", "uuid": UUID, "Tag": [{"name": "a"}]}}))

    server = await serve(answer)
    head = await writer_of(server.url).add_event(EVENT, whole_answer=False)
    assert (head.number, head.tags, head.everything()) == (7, {"a"}, ())
    (seen,) = server.seen
    assert seen.target == "/events/add/metadata:1"
    assert json.loads(seen.body) == {
        "Event": {
            "uuid": UUID, "info": "A title", "date": "2021-05-13", "threat_level_id": 4,
            "analysis": 2, "distribution": 1, "Tag": [{"name": "tlp:amber"}],
        }
    }  # fmt: skip


def test_changes_hold_no_timestamps_and_nothing_that_is_not_meant() -> None:
    sent = json.loads(Changes(UUID, attributes=(ATTRIBUTE,)).body())
    assert sent == {
        "Event": {
            "uuid": UUID,
            "Attribute": [
                {
                    "uuid": UUID, "type": "ip-src", "category": "Network activity",
                    "value": "192.0.2.1", "to_ids": False, "distribution": 5, "comment": "",
                    "first_seen": None, "last_seen": None,
                }
            ],
        }
    }  # fmt: skip


async def test_the_words_of_a_refusal_come_along(serve: Serve, writer_of: Make) -> None:
    told = {"saved": False, "message": "no", "errors": {"value": ["Not an address.", "Empty."]}}
    server = await serve(lambda _: _answered(json_answer(json.dumps(told), status=403)))
    with pytest.raises(NotSaved) as caught:
        await writer_of(server.url).add_attribute(7, ATTRIBUTE)
    assert caught.value.told == ("value: Not an address.", "value: Empty.")
    assert (caught.value.reason, caught.value.permanent) == (Reason.REQUEST_REFUSED, True)
    assert "192.0.2.1" not in repr(caught.value) + caught.value.detail


async def _answered(answer: web.StreamResponse) -> web.StreamResponse:
    return answer


async def test_contents_come_page_by_page_and_only_of_the_event(
    serve: Serve, writer_of: Make
) -> None:
    pages = iter([[row(1), row(2)], [row(3), row(4, event="8")], [row(5)]])

    async def answer(_: web.Request) -> web.StreamResponse:
        return json_answer(json.dumps({"response": {"Attribute": next(pages)}}))

    server = await serve(answer)
    found = [page async for page in writer_of(server.url).contents_of(7, rows_a_page=2)]
    assert [[one.uuid[-1] for one in page] for page in found] == [["1", "2"], ["3"], ["5"]]
    asked = [json.loads(seen.body) for seen in server.seen]
    assert [one["page"] for one in asked] == [1, 2, 3]
    assert all(one["eventid"] == ["7"] and one["deleted"] == [0, 1] for one in asked)


async def test_events_that_were_not_asked_for_are_passed_over(
    serve: Serve, writer_of: Make
) -> None:
    listed = [{"id": 1, "uuid": OTHER}, {"id": 2, "uuid": UUID.upper(), "published": True}]
    server = await serve(lambda _: _answered(json_answer(json.dumps(listed))))
    heads = await writer_of(server.url).heads_of([UUID])
    assert {uuid: head.number for uuid, head in heads.items()} == {UUID: 2}


async def test_deleting_what_is_gone_is_no_failure_but_a_refusal_is(
    serve: Serve, writer_of: Make
) -> None:
    answers = iter(
        [
            json_answer('{"name":"Invalid attribute","message":"","url":""}', status=404),
            json_answer('{"saved":false,"message":"no","errors":"Locked."}', status=403),
            json_answer('{"message":"You do not have permission to do that."}', status=403),
        ]
    )
    server = await serve(lambda _: _answered(next(answers)))
    writer = writer_of(server.url)
    await writer.delete_attribute(UUID)
    assert server.seen[0].target == f"/attributes/delete/{UUID}/1"
    with pytest.raises(NotSaved, match="request_refused"):
        await writer.delete_object(UUID)
    with pytest.raises(MispFailure, match="no_permission"):
        await writer.delete_attribute(UUID)


async def test_what_changes_something_is_sent_once(
    serve_raw: Callable[[Talk], Awaitable[str]], writer_of: Make
) -> None:
    """Also on a kept connection that breaks, where a search would be sent again."""
    requests: list[bytes] = []
    good = b'{"message":"done"}'

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(2)
            requests.append(head.split(b"\r\n")[0])
            if len(requests) > 1:
                return
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(good), good)
            )
            await writer.drain()

    client = writer_of(await serve_raw(talk))
    await client.publish(7)
    with pytest.raises(MispFailure, match="connection_lost"):
        await client.delete_event(7)
    assert requests == [b"POST /events/publish/7 HTTP/1.1", b"POST /events/delete/7 HTTP/1.1"]


@pytest.mark.parametrize("uuids", [[], [UUID] * 191, ["7"], ["%"]])
def test_a_question_that_a_misp_would_answer_with_everything_cannot_be_asked(
    uuids: list[str],
) -> None:
    with pytest.raises(ValueError):
        HeadsQuery(uuids)


@pytest.mark.parametrize(("event", "limit", "page"), [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_a_page_is_of_one_event(event: int, limit: int, page: int) -> None:
    with pytest.raises(ValueError):
        StoredQuery(event, limit, page)


@pytest.mark.parametrize("seconds", [0, 1_620_907_200, 4_102_444_800])
def test_moments_come_back_as_they_went(seconds: int) -> None:
    assert seconds_of(moment(seconds)) == seconds


@pytest.mark.parametrize("written", [None, "", "yesterday"])
def test_no_moment_is_none(written: str | None) -> None:
    assert seconds_of(written) is None
