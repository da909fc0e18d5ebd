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
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote_plus

import msgspec
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from securegrid.node.accounts import Caller, caller_of
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
    node = _Node(store)

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        yield
        node.close()

    return Starlette(routes=[Route("/{path:path}", node, methods=None)], lifespan=life)


class _Node:
    """Answers each request in a thread: writes one after the other, reads side by side."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="node-read")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="node-write")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; nothing is read of a body before its key was found good."""
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except Refused as refusal:
            response = _refusal(refusal, _told_path(request))
        except ClientDisconnect:
            return
        except Exception as error:
            # Only the kind: a message or a traceback could hold a searched value.
            _log.error("request failed: %s", type(error).__name__)
            response = _refusal(Refused(500, _FAILED), _told_path(request))
        await response(scope, receive, send)

    def close(self) -> None:
        """Let running requests end, then close the store."""
        self._readers.shutdown()
        self._writer.shutdown()
        self._store.close()

    async def _respond(self, request: Request) -> Response:
        route = _route(request.url.path)
        loop = asyncio.get_running_loop()
        caller = await loop.run_in_executor(self._readers, self._caller, _key(request))
        endpoint = _allowed(route, caller, request.method)
        body = await _body(request) if request.method == "POST" else b""
        pool = self._writer if endpoint.writes else self._readers
        work = _Work(self._store, request, route, endpoint, caller, body)
        return await loop.run_in_executor(pool, work.run)

    def _caller(self, key: str) -> Caller:
        with self._store.reading() as connection:
            caller = caller_of(connection, key, self._store.now) if key else None
        if caller is None:
            raise Refused(403, BAD_KEY)
        return caller


class _Route(NamedTuple):
    """A path taken apart as CakePHP does."""

    controller: str
    action: str
    arguments: tuple[str, ...]
    named: dict[str, str]


def _allowed(route: _Route, caller: Caller, method: str) -> Endpoint:
    """The endpoint, if it exists and the caller may use it so; raises ``Refused``."""
    endpoint = ENDPOINTS.get((route.controller, route.action))
    if endpoint is None:
        raise Refused(404, "Not Found")
    if not caller.may(endpoint.permission):
        raise Refused(403, NO_PERMISSION)
    if endpoint.writes and method not in ("POST", "DELETE"):
        raise Refused(405, "This action only accepts POST requests.")
    return endpoint


class _Work:
    """One allowed request's way through transaction and handler; runs in a thread."""

    def __init__(
        self,
        store: Store,
        request: Request,
        route: _Route,
        endpoint: Endpoint,
        caller: Caller,
        raw: bytes,
    ) -> None:
        self._store = store
        self._request = request
        self._route = route
        self._endpoint = endpoint
        self._caller = caller
        self._raw = raw

    def run(self) -> Response:
        """The response; raises ``Refused``, and then nothing was written."""
        body = _parsed(self._request, self._raw)
        opened = self._store.writing() if self._endpoint.writes else self._store.reading()
        with opened as connection:
            answer = self._endpoint.handler(
                Call(
                    store=self._store,
                    connection=connection,
                    caller=self._caller,
                    path=_told_path(self._request),
                    arguments=self._route.arguments,
                    named=self._route.named,
                    body=body,
                    posted=self._request.method == "POST",
                    now=self._store.now,
                )
            )
        return self._answered(answer)

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
    if not raw:
        return None
    if kind == "application/x-www-form-urlencoded":
        return {name: found[-1] for name, found in parse_qs(raw.decode("utf-8", "replace")).items()}
    if kind != "application/json" or not raw.strip():
        return None
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused(405, BAD_JSON) from None


def _route(path: str) -> _Route:
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
    return _Route(controller, action, tuple(arguments), named)


def _key(request: Request) -> str:
    return request.headers.get("authorization") or request.headers.get("x-misp-auth") or ""


def _told_path(request: Request) -> str:
    """The path for an answer's ``url``: without what may hold a searched value."""
    parts = request.url.path.split("/")
    return "/".join(part for part in parts if ":" not in unquote_plus(part))


def _refusal(refusal: Refused, path: str) -> Response:
    headers = {"Location": refusal.location} if refusal.location else None
    content = msgspec.json.encode(refusal.body(path))
    return Response(content, refusal.status, headers, _JSON)
