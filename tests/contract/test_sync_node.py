"""A sync over HTTP against the embedded node into SQLite, and against recorded answers."""

import asyncio
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest

from securegrid.federation.clock import SystemClock
from securegrid.index.port import Row
from securegrid.index.rules import Rules
from securegrid.index.sqlite import SqliteStore
from securegrid.index.sync import SyncReport, sync
from securegrid.misp.client import MispClient
from securegrid.misp.connection import AddressPolicy, Connection
from securegrid.misp.identities import ContentsQuery, CountsQuery, UuidQuery
from securegrid.node.accounts import Role
from securegrid.node.app import app_of
from securegrid.node.store import Store
from securegrid.values.fingerprints import fingerprints
from securegrid.values.relations import stored
from tests.contract.serving import ask, served

READER, OWNER = "r" * 40, "o" * 40
KEY = bytes(range(32))
GENERATION = UUID(int=1)
TYPES = (
    ("ip-dst", "198.51.100.{}"),
    ("domain", "host{}.evil.example"),
    ("url", "http://host{}.evil.example/a"),
    ("domain|ip", "pair{}.example|203.0.113.9"),
    ("comment", "words {}"),
)


class Clock:
    """The node's clock."""

    def __init__(self) -> None:
        self.now = 1_795_424_040.0

    def __call__(self) -> float:
        return self.now


class Misp:
    """A node with one who edits it, and what its index must hold by its own answers."""

    def __init__(self, url: str, clock: Clock) -> None:
        self.url = url
        self.clock = clock

    def post(self, path: str, body: object = None) -> Any:
        headers = {"Authorization": OWNER, "Accept": "application/json"}
        headers["Content-Type"] = "application/json"
        answered = ask(
            self.url, "POST", path, headers=headers, body=json.dumps(body or {}).encode()
        )
        assert answered.status == 200, answered.content
        return answered.json()

    def add(self, first: int, count: int, *, published: bool = True, tag: str = "") -> str:
        attributes = [
            {"type": type_, "value": pattern.format(number)}
            for number in range(first, first + count)
            for type_, pattern in (TYPES[number % len(TYPES)],)
        ]
        event = {"info": "An event", "published": published, "Attribute": attributes}
        if tag:
            event["Tag"] = [{"name": tag}]
        return str(self.post("/events/add", {"Event": event})["Event"]["id"])

    def rows(self, rules: Rules) -> set[Row]:
        """Of everything that a plain search gives, event by event."""
        found = self.post("/attributes/restSearch", {"limit": 100_000, "includeContext": True})
        kept = [
            one
            for one in found["response"]["Attribute"]
            if one["Event"]["published"] or not rules.published_only
            if one["type"] not in rules.left_out_types
            for tags in [[t["name"] for t in [*one.get("Tag", []), *one["Event"].get("Tag", [])]]]
            if not rules.leaves_out(tags)
        ]
        return {
            Row(fingerprints(KEY, [form])[0], UUID(one["uuid"]).bytes, mark)
            for one in kept
            for form, mark in stored(one["type"], one["value"])
        }


@pytest.fixture
def misp(tmp_path: Path) -> Iterator[Misp]:
    clock = Clock()
    store = Store(tmp_path / "node.sqlite3", clock=clock, host_org="Owner")
    store.add_key(Role.ADMIN, "Owner", raw=OWNER)
    store.add_key(Role.READ_ONLY, "Owner", raw=READER)
    with served(app_of(store)) as url:
        yield Misp(url, clock)
    store.close()


@pytest.fixture
async def client(misp: Misp) -> AsyncIterator[MispClient]:
    policy = AddressPolicy(allow_loopback=True)
    async with MispClient(Connection(misp.url, READER, policy=policy)) as made:
        yield made


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "index")
    store.create(GENERATION)
    yield store
    store.close()


async def _sync(client: MispClient, index: SqliteStore, rules: Rules = Rules()) -> SyncReport:  # noqa: B008
    return await sync(client, index, GENERATION, KEY, rules, clock=SystemClock())


def _held(index: SqliteStore, wanted: set[Row]) -> set[Row]:
    """What can be found of ``wanted``, if that is all there is."""
    assert index.size(GENERATION).rows == len(wanted)
    return set(index.look_up({GENERATION: [row.fingerprint for row in wanted]})[GENERATION])


@pytest.mark.parametrize(
    "rules",
    [
        Rules(),
        Rules(published_only=True),
        Rules(left_out_tags=("tlp:red",), left_out_types=("url",)),
    ],
    ids=("everything", "published", "left out"),
)
async def test_an_index_follows_a_node(
    misp: Misp, client: MispClient, index: SqliteStore, rules: Rules
) -> None:
    random = Random(7)
    events = [misp.add(100 * n, random.randrange(1, 30)) for n in range(20)]
    events.append(misp.add(5_000, 5, published=False))
    events.append(misp.add(6_000, 5, tag="tlp:red"))
    report = await _sync(client, index, rules)
    assert report.complete
    assert report.written.unequal == report.unreadable == 0
    assert _held(index, misp.rows(rules)) == misp.rows(rules)
    misp.clock.now += 60
    misp.post(f"/events/delete/{events[3]}")
    misp.post(f"/attributes/add/{events[4]}", {"type": "ip-dst", "value": "203.0.113.77"})
    misp.post(f"/events/unpublish/{events[5]}")
    first = misp.post("/attributes/restSearch", {"eventid": events[6], "limit": 1})
    misp.post(f"/attributes/delete/{first['response']['Attribute'][0]['id']}")
    report = await _sync(client, index, rules)
    assert report.complete
    assert report.written.events <= 3
    assert _held(index, misp.rows(rules)) == misp.rows(rules)
    assert (await _sync(client, index, rules)).requests == 1


async def test_killed_at_every_step_it_goes_on(
    misp: Misp, client: MispClient, tmp_path: Path
) -> None:
    """A first sync and one of changes, each killed with -9 at one step after the other."""
    events = [misp.add(100 * n, 4) for n in range(4)]
    killed = [await _kill_at(step, misp, client, tmp_path) for step in range(13)]
    assert killed[:9] == [True] * 9
    assert killed[-1] is False
    misp.clock.now += 60
    misp.post(f"/events/delete/{events[0]}")
    misp.post(f"/attributes/add/{events[1]}", {"type": "ip-dst", "value": "203.0.113.78"})
    misp.add(900, 3)
    shutil.copytree(tmp_path / "0", tmp_path / "synced")
    killed = [
        await _kill_at(step, misp, client, tmp_path, tmp_path / "synced")
        for step in range(1, 20, 2)
    ]
    assert killed[:6] == [True] * 6
    assert killed[-1] is False


async def _kill_at(
    step: int, misp: Misp, client: MispClient, folder: Path, begun: Path | None = None
) -> bool:
    """Whether the process was killed; what it left is then synced, and must hold everything."""
    place = folder / str(step)
    shutil.rmtree(place, ignore_errors=True)
    if begun is not None:
        shutil.copytree(begun, place)
    store = SqliteStore(place)
    store.create(GENERATION)
    command = [sys.executable, "-m", "tests.contract.sync_child", misp.url, READER]
    ended = await asyncio.to_thread(subprocess.run, [*command, str(place), str(step)])
    assert ended.returncode in (0, -signal.SIGKILL)
    wanted = misp.rows(Rules())
    if ended.returncode == 0:
        assert _held(store, wanted) == wanted
    report = await _sync(client, store)
    assert report.complete
    assert _held(store, wanted) == wanted
    store.close()
    return ended.returncode != 0


async def test_counts_of_some_events(misp: Misp, client: MispClient) -> None:
    events = [int(misp.add(0, 3, tag="tlp:green")), int(misp.add(10, 7)), int(misp.add(20, 1))]
    counts = await client.counts(CountsQuery((events[0], events[2], 999_999)))
    assert [(c.id, c.attribute_count, list(c.tags())) for c in counts] == [
        (events[0], 3, ["tlp:green"]),
        (events[2], 1, []),
    ]


async def test_contents_of_some_events_in_pages(misp: Misp, client: MispClient) -> None:
    events = [int(misp.add(0, 3)), int(misp.add(10, 7)), int(misp.add(20, 4))]
    wanted = (events[0], events[2])
    pages = [await client.contents(ContentsQuery(wanted, 3, page)) for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert {content.event_id for page in pages for content in page} == set(wanted)


async def test_attributes_by_uuid_with_their_context(misp: Misp, client: MispClient) -> None:
    misp.add(0, 5, tag="tlp:green")
    found = misp.post("/attributes/restSearch", {"limit": 10})["response"]["Attribute"]
    asked = UuidQuery([found[0]["uuid"], found[3]["uuid"].upper(), str(UUID(int=5))])
    came = await client.search(asked)
    assert [one.uuid for one in came] == [found[0]["uuid"], found[3]["uuid"]]
    assert all(asked.admits(one) for one in came)
    assert all(one.event and [t.name for t in one.event.tags] == ["tlp:green"] for one in came)
    deleted = found[0]
    misp.post(f"/attributes/delete/{deleted['id']}")
    assert [one.uuid for one in await client.search(asked)] == [found[3]["uuid"]]
