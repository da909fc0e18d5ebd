"""A program's story over a real server: from an empty alliance to a stream that fills live."""

import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
import uvicorn
from asgiref.sync import sync_to_async
from django.utils import timezone

from securegrid.portal.accounts import services as accounts
from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import Scope
from tests.conftest import KEY, PASSWORD
from tests.fake_misp import FakeMisp, attribute, event, hang, serving

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def served() -> Iterator[str]:
    """The portal under uvicorn in a thread; gives its address."""
    from securegrid.portal.asgi import application

    server = uvicorn.Server(uvicorn.Config(application, port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    (socket,) = server.servers[0].sockets
    try:
        yield f"http://127.0.0.1:{socket.getsockname()[1]}/api/v1"
    finally:
        server.should_exit = True
        thread.join(10)


@dataclass
class Program:
    """An API client with one token."""

    session: aiohttp.ClientSession
    url: str
    token: str

    async def call(self, method: str, path: str, body: object = None) -> Any:
        async with self.session.request(
            method, self.url + path, json=body, headers=self._headers()
        ) as response:
            assert response.status < 300, await response.text()
            return await response.json() if response.status != 204 else None

    async def stream(self, search: str, last: str = "") -> AsyncIterator[tuple[str, Any, str]]:
        """Name, data and id of each event as it comes."""
        headers = self._headers() | ({"Last-Event-ID": last} if last else {})
        async with self.session.get(f"{self.url}/searches/{search}/stream", headers=headers) as got:
            told: dict[str, str] = {}
            async for raw in got.content:
                line = raw.decode().rstrip("\n")
                if not line and "event" in told:
                    yield told["event"], json.loads(told["data"]), told.get("id", "")
                if not line:
                    told = {}
                elif not line.startswith(":"):
                    name, _, value = line.partition(": ")
                    told[name] = value

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def other(self, email: str) -> "Program":
        """A program of another person."""
        return Program(self.session, self.url, await sync_to_async(token_of)(email))


def token_of(email: str) -> str:
    user = User.objects.get(email=email)
    day = timedelta(days=1)
    return accounts.issue_token(user, "journey", list(Scope), day, timezone.now())[0]


async def found_alliance(operator: Program, misps: dict[str, FakeMisp]) -> None:
    """Two members: one that searches, one that owns the MISPs."""
    for member in ("Searching", "Owning"):
        await operator.call("POST", "/members", {"name": member})
    for email, member, roles in (
        ("analyst@example.org", "Searching", ["analyst"]),
        ("owner@example.org", "Owning", ["owner"]),
    ):
        person = {"email": email, "password": PASSWORD, "member": member, "roles": roles}
        await operator.call("POST", "/users", person)
    owner = await operator.other("owner@example.org")
    for name, misp in misps.items():
        await owner.call("POST", "/misps", {"name": name, "url": misp.url, "key": KEY})


async def test_from_an_empty_alliance_to_the_owners_ledger(operator: User) -> None:
    with serving() as start, served() as url:
        misps = {
            "Quick": start([attribute("bad.example", event(1, "Campaign"))]),
            "Slow": start([attribute("bad.example", event(2))], delay_s=0.6),
            "Dead": start(behaviour=hang),
        }
        async with aiohttp.ClientSession() as session:
            token = await sync_to_async(token_of)(operator.email)
            running = Program(session, url, token)
            await found_alliance(running, misps)
            analyst = await running.other("analyst@example.org")
            owner = await running.other("owner@example.org")
            tested = (await owner.call("GET", "/misps"))["misps"][1]
            assert (await owner.call("POST", f"/misps/{tested['id']}/test"))["ok"]

            began = time.monotonic()
            asked = {"text": "bad[.]example\ngood.example", "deadline_s": 2, "label": "Ticket 7"}
            search = (await analyst.call("POST", "/searches", asked))["id"]
            seen = [(*told, time.monotonic() - began) async for told in analyst.stream(search)]

            first_hit_s = next(at for name, _, _, at in seen if name == "hits")
            assert first_hit_s < 0.5
            assert seen[-1][0] == "done"
            assert 2.0 <= seen[-1][3] < 2.8
            states = {data["name"]: data["state"] for name, data, _, _ in seen if name == "misp"}
            assert states == {"Quick": "answered", "Slow": "answered", "Dead": "not_answered"}

            # The line broke after the first news: the rest comes, nothing twice.
            first_id = next(number for _, _, number, _ in seen if number)
            again = [told async for told in analyst.stream(search, last=first_id)]
            hits = [hit["misp"] for name, data, _ in again if name == "hits" for hit in data]
            assert hits == ["Quick", "Slow"] or hits == ["Slow"]

            misps["Dead"].behaviour = None
            healed = await analyst.call("POST", f"/searches/{search}/retry?wait=true")
            assert healed["cells"] == {"hit": 2, "miss": 4, "not_answered": 0, "not_asked": 0}
            assert len(misps["Quick"].asked) == 1

            told = await owner.call("GET", "/owner/hits")
            assert [(hit["value"], hit["member"]) for hit in told["hits"]] == [
                ("bad.example", "Searching"),
                ("bad.example", "Searching"),
            ]
            assert "good.example" not in json.dumps(told)
            await analyst.call("DELETE", f"/searches/{search}")
            assert (await owner.call("GET", "/owner/hits"))["total"] == 2
