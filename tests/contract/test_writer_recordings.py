"""The writer against what a real MISP answered to writing: each is read as it is meant."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from securegrid.misp.failures import MispFailure, NotSaved, Reason
from securegrid.misp.writer import MispWriter
from securegrid.misp.writing import Changes, WrittenAttribute, WrittenEvent
from tests.contract.publishing import connection

RECORDINGS = Path(__file__).parent / "recordings"
UUID = "05d6698b-1afb-49d4-aaeb-2f93651891d9"
EVENT = WrittenEvent(UUID, "x", date(2026, 11, 1), 4, 0, 0)
ATTRIBUTE = WrittenAttribute(UUID, "ip-dst", "Network activity", "banana", True, "", None, None)
Replay = Callable[[str], Awaitable[MispWriter]]


@pytest.fixture
async def replaying() -> AsyncIterator[Replay]:
    """``await replaying(name)``: a writer to a server that gives the recorded answer."""
    runners: list[web.AppRunner] = []
    writers: list[MispWriter] = []

    async def start(name: str) -> MispWriter:
        recorded = json.loads((RECORDINGS / f"{name}.json").read_text())["response"]
        kinds = [value for key, value in recorded["headers"] if key.lower() == "content-type"]
        places = {key: value for key, value in recorded["headers"] if key.lower() == "location"}

        async def answer(_: web.Request) -> web.Response:
            headers = {"Content-Type": kinds[0], **places}
            body = recorded["text"].encode()
            return web.Response(status=recorded["status"], headers=headers, body=body)

        application = web.Application()
        application.router.add_route("*", "/{path:.*}", answer)
        runners.append(web.AppRunner(application, shutdown_timeout=0.1))
        await runners[-1].setup()
        site = web.TCPSite(runners[-1], "127.0.0.1", 0)
        await site.start()
        writers.append(MispWriter(connection(f"http://127.0.0.1:{runners[-1].addresses[0][1]}")))
        return writers[-1]

    yield start
    for writer in writers:
        await writer.close()
    for runner in runners:
        await runner.cleanup()


async def test_what_a_misp_kept_of_an_event_is_in_its_answer(replaying: Replay) -> None:
    """Of two attributes one was invalid, and nothing but its absence says so (trap 11)."""
    head = await (await replaying("events_add_bad_attr")).add_event(EVENT, whole_answer=True)
    assert (head.number, head.published) == (9, False)
    assert [one.value for one in head.everything()] == ["203.0.113.201"]


async def test_objects_and_their_attributes_are_in_it_too(replaying: Replay) -> None:
    head = await (await replaying("events_add_full_object")).add_event(EVENT, whole_answer=True)
    assert len(head.objects) == 1
    assert len(head.everything()) == len(head.attributes) + len(head.objects[0].attributes)


async def test_an_edited_event_is_no_longer_published(replaying: Replay) -> None:
    head = await (await replaying("events_edit_tag_only")).edit_event(7, Changes(UUID))
    assert (head.number, head.uuid, head.published) == (7, UUID, False)


@pytest.mark.parametrize("name", ["events_index_filtered", "variant_nostringify_events_index"])
async def test_the_index_tells_which_events_are_there(replaying: Replay, name: str) -> None:
    listed = json.loads((RECORDINGS / f"{name}.json").read_text())["response"]["json"]
    asked = [one["uuid"] for one in listed][:3]
    heads = await (await replaying(name)).heads_of(asked)
    assert {uuid: head.number for uuid, head in heads.items()} == {
        one["uuid"]: int(one["id"]) for one in listed if one["uuid"] in asked
    }
    assert all(head.tags == _tags(listed, uuid) for uuid, head in heads.items())


def _tags(listed: list[dict[str, Any]], uuid: str) -> set[str]:
    (one,) = (each for each in listed if each["uuid"] == uuid)
    return {each["Tag"]["name"] for each in one["EventTag"]}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("attributes_add_invalid_value", "value: IP address has an invalid format."),
        ("attributes_add_dup", "value: A similar attribute already exists for this event."),
        ("attributes_add_invalid_type", "type: "),
    ],
)
async def test_a_refused_attribute_comes_with_the_reason(
    replaying: Replay, name: str, told: str
) -> None:
    with pytest.raises(NotSaved) as caught:
        await (await replaying(name)).add_attribute(7, ATTRIBUTE)
    assert caught.value.told[0].startswith(told)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("events_add_dup_uuid", Reason.REQUEST_REFUSED),
        ("events_add_bad_date", Reason.REQUEST_REFUSED),
        ("events_add_emoji", Reason.SERVER_ERROR),
        ("err_readonly_event_add", Reason.NO_PERMISSION),
        ("maintenance_readonly", Reason.MAINTENANCE),
        ("infra_phpfpm_down", Reason.UNAVAILABLE),
        ("ratelimit_call4", Reason.RATE_LIMITED),
    ],
)
async def test_each_failure_is_told_apart(replaying: Replay, name: str, reason: Reason) -> None:
    with pytest.raises(MispFailure) as caught:
        await (await replaying(name)).add_event(EVENT, whole_answer=True)
    assert caught.value.reason is reason


async def test_publishing_and_deleting_are_read(replaying: Replay) -> None:
    await (await replaying("events_publish")).publish(6)
    await (await replaying("attributes_delete_hard")).delete_attribute(UUID)
    await (await replaying("attributes_delete_again")).delete_attribute(UUID)
    with pytest.raises(NotSaved) as caught:
        await (await replaying("events_delete_404")).delete_event(7)
    assert caught.value.told == ("Event was not deleted.",)


async def test_what_is_in_an_event_is_read(replaying: Replay) -> None:
    writer = await replaying("rs_eventid")
    path = RECORDINGS / "rs_eventid.json"
    rows = json.loads(path.read_text())["response"]["json"]["response"]["Attribute"]
    event = int(rows[0]["event_id"])
    (page,) = [page async for page in writer.contents_of(event)]
    assert [one.uuid for one in page] == [r["uuid"] for r in rows if int(r["event_id"]) == event]
