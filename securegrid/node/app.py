"""The ASGI application: from bytes to a call, into a transaction, and back to bytes."""

import asyncio
import gzip
import logging
import time
import zlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote_plus

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from securegrid.node.accounts import caller_of
from securegrid.node.endpoints.table import ENDPOINTS
from securegrid.node.protocol import (
    BAD_JSON,
    BAD_KEY,
    NO_PERMISSION,
    Answer,
    Call,
    Endpoint,
    Refused,
)
from securegrid.node.store import Clock, Store

MAX_BODY_BYTES = 64 * 1024 * 1024
_log = logging.getLogger("securegrid.node")
_READERS = 4
_COMPRESS_FROM = 1400
_JSON = "application/json; charset=UTF-8"
_FAILED = "An Internal Error Has Occurred."


def create_app(
    db_path: Path,
    *,
    clock: Clock = time.time,
    new_uuid: Callable[[], str] | None = None,
    host_org: str = "ORGNAME",
) -> ASGIApp:
    """A node over its database file, which is made when it is not there.

    ``host_org`` names the organisation that runs the node and counts only for a new file.
    The store is closed when the server shuts down.
    """
    return app_of(Store(db_path, clock=clock, new_uuid=new_uuid, host_org=host_org))


def app_of(store: Store) -> ASGIApp:
    """A node over an open store, which the application closes when it shuts down."""
    return Starlette(
        routes=[Route("/{path:path}", _Node(store), methods=None)],
        lifespan=_lifespan(store),
    )


def _lifespan(store: Store) -> Any:
    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        yield
        store.close()

    return life


class _Node:
    """Answers each request in a thread: writes one after the other, reads side by side."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="node-read")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="node-write")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        response = await self._respond(request)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        path = _shown_path(request)
        try:
            raw = await _body(request)
            controller, action, arguments, named = _route(request.url.path)
            endpoint = ENDPOINTS.get((controller, action))
            pool = self._writer if endpoint and endpoint.writes else self._readers
            loop = asyncio.get_running_loop()
            work = _Work(self._store, request, path, endpoint, arguments, named, raw)
            return await loop.run_in_executor(pool, work.run)
        except Refused as refusal:
            return _refusal(refusal, path)


class _Work:
    """One request's way through key, permission, transaction and handler; runs in a thread."""

    def __init__(
        self,
        store: Store,
        request: Request,
        path: str,
        endpoint: Endpoint | None,
        arguments: tuple[str, ...],
        named: dict[str, str],
        raw: bytes,
    ) -> None:
        self._store = store
        self._request = request
        self._path = path
        self._endpoint = endpoint
        self._arguments = arguments
        self._named = named
        self._raw = raw

    def run(self) -> Response:
        """The response; everything that goes wrong unexpectedly is a 500 without details."""
        try:
            return self._answered(self._answer())
        except Refused as refusal:
            return _refusal(refusal, self._path)
        except Exception as error:
            # Only the kind: a message or a traceback could hold a searched value.
            _log.error("request failed: %s", type(error).__name__)
            return _refusal(Refused(500, _FAILED), self._path)

    def _answer(self) -> Answer:
        writes = self._endpoint is not None and self._endpoint.writes
        opened = self._store.writing() if writes else self._store.reading()
        with opened as connection:
            now = self._store.now
            key = _key(self._request)
            caller = caller_of(connection, key, now) if key else None
            if caller is None:
                raise Refused(403, BAD_KEY)
            if self._endpoint is None:
                raise Refused(404, "Not Found")
            if not caller.may(self._endpoint.permission):
                raise Refused(403, NO_PERMISSION)
            posted = self._request.method == "POST"
            if writes and not posted and self._request.method != "DELETE":
                raise Refused(405, "This action only accepts POST requests.")
            body = _parsed(self._request, self._raw) if posted else None
            return self._endpoint.handler(
                Call(
                    store=self._store,
                    connection=connection,
                    caller=caller,
                    path=self._path,
                    arguments=self._arguments,
                    named=self._named,
                    body=body,
                    posted=posted,
                    now=now,
                )
            )

    def _answered(self, answer: Answer) -> Response:
        content = answer.body.encode() if answer.text else msgspec.json.encode(answer.body)
        kind = "text/plain; charset=UTF-8" if answer.text else _JSON
        headers = dict(answer.headers)
        accepts = "gzip" in self._request.headers.get("accept-encoding", "")
        if accepts and len(content) >= _COMPRESS_FROM:
            content = gzip.compress(content, compresslevel=1, mtime=0)
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        if self._request.method == "HEAD":
            headers["Content-Length"] = str(len(content))
            content = b""
        return Response(content, answer.status, headers, kind)


async def _body(request: Request) -> bytes:
    """The request's bytes, unpacked; raises ``Refused`` when they are too many."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise Refused(413, "Request body too large.")
        chunks.append(chunk)
    raw = b"".join(chunks)
    if request.headers.get("content-encoding", "").lower() != "gzip":
        return raw
    return _unpacked(raw)


def _unpacked(raw: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        content = unpacker.decompress(raw, MAX_BODY_BYTES)
    except zlib.error:
        raise Refused(405, BAD_JSON) from None
    if unpacker.unconsumed_tail:
        raise Refused(413, "Request body too large.")
    return content


def _parsed(request: Request, raw: bytes) -> Any:
    """The body as JSON or a form; without a content type it does not count (trap 1)."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return {name: found[-1] for name, found in parse_qs(raw.decode("utf-8", "replace")).items()}
    if kind != "application/json" or not raw.strip():
        return None
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused(405, BAD_JSON) from None


def _route(path: str) -> tuple[str, str, tuple[str, ...], dict[str, str]]:
    """Controller, action, arguments and CakePHP's named parameters (``name:value``)."""
    parts = [part for part in path.split("/") if part]
    controller = parts[0] if parts else ""
    action = parts[1].removesuffix(".json") if len(parts) > 1 else "index"
    arguments: list[str] = []
    named: dict[str, str] = {}
    for part in parts[2:]:
        name, colon, value = unquote_plus(part).partition(":")
        if colon and name.isidentifier():
            named[name] = value
        else:
            arguments.append(unquote_plus(part).removesuffix(".json"))
    return controller, action, tuple(arguments), named


def _key(request: Request) -> str:
    return request.headers.get("authorization") or request.headers.get("x-misp-auth") or ""


def _shown_path(request: Request) -> str:
    """The path for an error's ``url``; without the query, which may hold a searched value."""
    return request.url.path


def _refusal(refusal: Refused, path: str) -> Response:
    headers = {"Location": refusal.location} if refusal.location else None
    content = msgspec.json.encode(refusal.body(path))
    return Response(content, refusal.status, headers, _JSON)
