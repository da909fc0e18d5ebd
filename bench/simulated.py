"""Simulated MISPs: many small aiohttp servers in one child process, each with its own delay.

``with simulated([Simulated(0.05), Simulated(None)]) as urls`` starts them and gives their
addresses in order. A portal can be pointed at them: they answer ``attributes/restSearch`` for
any key, and what the connection test of a MISP asks.
"""

import asyncio
import json
import socket
import subprocess
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web

HIT_SHARE = 20
"""One value in so many is held, each MISP holding others; drawn from the value itself."""
_START_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Simulated:
    """One MISP: seconds before each answer; ``None`` is dead, its port refuses."""

    delay_s: float | None


def holds(number: int, value: str) -> bool:
    """Whether the MISP with this number holds ``value``."""
    return zlib.crc32(f"{number} {value}".encode()) % HIT_SHARE == 0


@contextmanager
def simulated(fleet: Sequence[Simulated]) -> Iterator[list[str]]:
    """Run the fleet in a process of its own until the block ends; gives the addresses."""
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.simulated", json.dumps([asdict(each) for each in fleet])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        yield json.loads(child.stdout.readline())
    finally:
        child.stdin.close()  # the child ends with its standard input
        try:
            child.wait(_START_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def application(number: int, delay_s: float) -> web.Application:
    """The MISP with this number, as an aiohttp application."""
    app = web.Application(client_max_size=16 * 2**20)

    async def search(request: web.Request) -> web.Response:
        asked = await request.json()
        await asyncio.sleep(delay_s)
        rows = [_row(number, value) for value in asked["value"] if holds(number, value)]
        return web.json_response({"response": {"Attribute": rows}})

    async def version(_: web.Request) -> web.Response:
        await asyncio.sleep(delay_s)
        return web.json_response({"version": "2.5.1", "perm_sync": False, "perm_sighting": False})

    async def me(_: web.Request) -> web.Response:
        await asyncio.sleep(delay_s)
        user = {"id": "2", "email": "portal@example.org", "org_id": "1", "role_id": "6"}
        role = {"id": "6", "name": "Read Only", "perm_auth": True, "perm_add": False}
        return web.json_response({"User": user, "Role": role, "UserSetting": []})

    app.router.add_post("/attributes/restSearch", search)
    app.router.add_get("/servers/getVersion", version)
    app.router.add_get("/users/view/me", me)
    return app


def _row(number: int, value: str) -> dict[str, Any]:
    seed = zlib.crc32(f"{number} {value}".encode())
    return {
        "id": str(seed),
        "uuid": f"{number:08x}-0000-4000-8000-{seed:012x}",
        "event_id": str(number),
        "object_relation": None,
        "category": "Network activity",
        "type": "ip-dst",
        "to_ids": True,
        "timestamp": "1795423905",
        "comment": "",
        "deleted": False,
        "first_seen": None,
        "last_seen": None,
        "value": value,
        "Event": {
            "id": str(number),
            "uuid": f"{number:08x}-0000-4000-8000-000000000000",
            "info": f"Simulated event {number}",
            "date": "2026-11-01",
            "published": True,
            "threat_level_id": "2",
            "Tag": [{"name": "simulated", "colour": "#3366cc"}],
            "Orgc": {"name": f"MISP {number}", "uuid": f"{number:08x}-0000-4000-8000-000000000001"},
        },
    }


async def _serve(fleet: Sequence[Simulated]) -> None:
    runners, sockets = [], [_bound() for _ in fleet]
    for number, (each, bound) in enumerate(zip(fleet, sockets, strict=True)):
        if each.delay_s is not None:  # bound but not listened on, a port refuses
            runner = web.AppRunner(application(number, each.delay_s), access_log=None)
            await runner.setup()
            await web.SockSite(runner, bound, shutdown_timeout=0.1).start()
            runners.append(runner)
    print(json.dumps([f"http://127.0.0.1:{s.getsockname()[1]}" for s in sockets]), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for runner in runners:
        await runner.cleanup()


def _bound() -> socket.socket:
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


if __name__ == "__main__":
    asyncio.run(_serve([Simulated(**each) for each in json.loads(sys.argv[1])]))
