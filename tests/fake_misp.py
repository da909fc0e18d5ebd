"""A small real MISP for the portal's tests: answers restSearch from a list, in its own thread."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from aiohttp import web

Behaviour = Callable[[web.Request], Awaitable[web.StreamResponse | None]]


def event(number: int, info: str = "", **more: Any) -> dict[str, Any]:
    """The ``Event`` part of an attribute, as includeContext gives it."""
    return {
        "id": str(number),
        "uuid": str(uuid5(NAMESPACE_URL, f"event {number}")),
        "info": info or f"Event {number}",
        "date": "2026-01-02",
        "published": True,
        "threat_level_id": "2",
        "Tag": [{"name": "tlp:green", "colour": "#339900"}],
        "Orgc": {"name": "Reporter", "uuid": str(uuid5(NAMESPACE_URL, "org"))},
    } | more


def attribute(value: str, of: dict[str, Any], type_: str = "domain", **more: Any) -> dict[str, Any]:
    """An attribute as attributes/restSearch gives it."""
    identity = more.pop("identity", f"{value} {of['id']} {type_}")
    return {
        "id": "1",
        "uuid": str(uuid5(NAMESPACE_URL, identity)),
        "event_id": of["id"],
        "type": type_,
        "category": "Network activity",
        "value": value,
        "to_ids": True,
        "timestamp": "1795423905",
        "comment": "",
        "deleted": False,
        "first_seen": None,
        "last_seen": None,
        "object_relation": None,
        "Event": of,
    } | more


@dataclass
class FakeMisp:
    """What it holds, how it misbehaves, and what it was asked."""

    attributes: list[dict[str, Any]] = field(default_factory=list)
    delay_s: float = 0.0
    behaviour: Behaviour | None = None
    """Called first; a response it gives is sent instead of the answer."""
    asked: list[list[str]] = field(default_factory=list)
    fetched: list[list[str]] = field(default_factory=list)
    """The lists of UUIDs it was asked for."""
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def asked_values(self) -> set[str]:
        return {value for values in self.asked for value in values}

    async def search(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        by_uuid = "uuid" in body
        (self.fetched if by_uuid else self.asked).append(body["uuid" if by_uuid else "value"])
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if self.behaviour is not None:
            told = await self.behaviour(request)
            if told is not None:
                return told
        if by_uuid:
            found = [one for one in self.attributes if one["uuid"] in body["uuid"]]
        else:
            wanted = {value.casefold() for value in body["value"]}
            found = [one for one in self.attributes if self._matches(one, wanted)]
        return web.json_response({"response": {"Attribute": found}})

    @staticmethod
    def _matches(one: dict[str, Any], wanted: set[str]) -> bool:
        whole = one["value"].casefold()
        return whole in wanted or not wanted.isdisjoint(whole.split("|"))

    async def version(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response({"version": "2.5.1", "perm_sync": False})

    async def me(self, _request: web.Request) -> web.StreamResponse:
        user = {"id": "1", "org_id": "1", "email": "sync@example.org"}
        role = {"name": "read only", "perm_auth": True}
        return web.json_response({"User": user, "Role": role, "Organisation": {"name": "Org"}})


def answer_status(status: int, body: object = None) -> Behaviour:
    """A MISP that answers every search with this status."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.json_response(body or {"name": "no", "message": "no", "url": "/"}, status=status)

    return answer


async def hang(_request: web.Request) -> web.StreamResponse:
    """A MISP that never answers."""
    await asyncio.sleep(3600)
    raise AssertionError


@contextmanager
def serving() -> Iterator[Callable[..., FakeMisp]]:
    """Gives a function that starts a fake MISP on a random port; all stop at the end."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runners: list[web.AppRunner] = []

    async def serve(misp: FakeMisp) -> None:
        app = web.Application(client_max_size=10_000_000)
        app.router.add_post("/attributes/restSearch", misp.search)
        app.router.add_get("/servers/getVersion", misp.version)
        app.router.add_get("/users/view/me", misp.me)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", misp.port).start()
        misp.port = runner.addresses[0][1]

    def start(attributes: list[dict[str, Any]] | None = None, **more: Any) -> FakeMisp:
        misp = FakeMisp(attributes or [], **more)
        asyncio.run_coroutine_threadsafe(serve(misp), loop).result(10)
        return misp

    try:
        yield start
    finally:
        for runner in runners:
            asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        asyncio.run_coroutine_threadsafe(_end_what_hangs(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _end_what_hangs() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
