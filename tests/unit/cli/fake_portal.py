"""A small portal that speaks the API's shapes over real HTTP, for the command line's tests."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

TOKEN = "sg_" + "t" * 43
SEARCH_ID = "0b4dbd6a-6c0f-4a56-9a0c-1c4d8f0a5d11"


def search_document(**changes: Any) -> dict[str, Any]:
    """A complete search of two values at two MISPs, with ``changes``."""
    document: dict[str, Any] = {
        "id": SEARCH_ID,
        "state": "complete",
        "label": "A list",
        "purpose": "",
        "created_at": "2026-11-23T03:04:05Z",
        "elapsed_ms": 512.0,
        "values": [
            {"value": "192.0.2.1", "kind": "ipv4", "written": ["192.0.2[.]1"], "note": "a note",
             "label": "public"},
            {"value": "evil.example.com", "kind": "hostname", "written": ["evil.example.com"],
             "note": "", "label": ""},
        ],
        "rejected": [{"written": "zzz", "reason": "unknown_kind"}],
        "misps": [misp("GEO-MISP", 1), misp("LAB", 2)],
        "hits": [
            hit("192.0.2.1", "GEO-MISP", "(2021-05-12) どこどこJP VPS", "2021-05-12"),
            hit("192.0.2.1", "GEO-MISP", "(2021-05-13) どこどこJP VPS", "2021-05-13"),
            hit("192.0.2.1", "LAB", "A report", "2020-01-01"),
            hit("evil.example.com", "LAB", "A report", "2020-01-01"),
        ],
        "cells": {"hit": 3, "miss": 1, "not_answered": 0, "not_asked": 0},
    }  # fmt: skip
    return document | changes


def misp(name: str, values_hit: int, state: str = "answered", reason: str | None = None) -> Any:
    """One MISP's part."""
    return {
        "id": f"id-{name}", "name": name, "member": "Member", "own": False, "state": state,
        "reason": reason, "elapsed_ms": 140.0, "requests": 1, "values_hit": values_hit,
        "attributes": values_hit,
    }  # fmt: skip


def hit(value: str, at: str, info: str, date: str) -> Any:
    """One attribute that hit."""
    return {
        "value": value, "misp": at, "misp_id": f"id-{at}", "relation": "equal", "count": 1,
        "event": {"uuid": "u", "info": info, "date": date, "tags": [{"name": "a tag"}]},
        "attribute": {"uuid": "v", "type": "ip-dst", "category": "Network activity",
                      "value": value, "comment": "=cmd()"},
    }  # fmt: skip


@dataclass
class FakePortal:
    """What the portal answers, and what it heard. ``document`` is the finished search."""

    document: dict[str, Any] = field(default_factory=search_document)
    status: int = 201
    raw: bytes | None = None
    """Answer every request with these bytes instead."""
    breaks_stream: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator["FakePortal"]:
        """Serve on a free port of 127.0.0.1."""
        app = web.Application(client_max_size=2**26)
        app.router.add_post("/api/v1/searches", self._ask)
        app.router.add_get(f"/api/v1/searches/{SEARCH_ID}", self._read)
        app.router.add_get(f"/api/v1/searches/{SEARCH_ID}/stream", self._stream)
        app.router.add_get(f"/api/v1/searches/{SEARCH_ID}/cells", self._cells)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _ask(self, request: web.Request) -> web.Response:
        self.headers.append(dict(request.headers))
        self.asked.append(await request.json())
        if self.raw is not None:
            headers = {"Location": "http://127.0.0.1:1/"} if self.status == 302 else {}
            return web.Response(body=self.raw, status=self.status, headers=headers)
        running = self.document | {"state": "running", "hits": []}
        return web.json_response(running, status=self.status)

    async def _read(self, _: web.Request) -> web.Response:
        return web.json_response(self.document)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b": begin\n\n")
        for one in self.document["misps"]:
            await response.write(f"event: misp\ndata: {json.dumps(one)}\n\n".encode())
        if not self.breaks_stream:
            await response.write(b'id: 3\nevent: done\ndata: {"state":"complete"}\n\n')
        return response

    async def _cells(self, request: web.Request) -> web.Response:
        page = int(request.query["page"])
        cell = {"value": "192.0.2.1", "misp": "LAB", "misp_id": "id-LAB", "reason": "timed_out"}
        cells = [cell | {"state": request.query["state"], "value": v["value"]}
                 for v in self.document["values"]]  # fmt: skip
        return web.json_response({"cells": [cells[page - 1]], "page": page, "pages": len(cells)})
