"""The command line's HTTP client: a portal's JSON API, spoken without redirects or cookies."""

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import aiohttp
import msgspec

from securegrid.cli.answers import CellAnswer, SearchAnswer
from securegrid.cli.problem import Problem
from securegrid.cli.words import Language, Say

_API = "/api/v1"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_STREAM_SILENCE_S = 60.0
"""Longer than the portal's pauses between two signs of life."""
_MAX_LINE = 2**20

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Portal:
    """Where a portal is and the token to use there; ``ca`` is a PEM file of its own CA."""

    url: str
    token: str = field(repr=False)
    ca: Path | None = None

    @property
    def is_open_to_eavesdroppers(self) -> bool:
        """Whether the token would cross a network unencrypted."""
        parts = urlsplit(self.url)
        return parts.scheme == "http" and parts.hostname not in _LOOPBACK


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event of a search's stream: ``misp``, ``hits`` or ``done``, with its JSON data."""

    name: str
    data: bytes


class _ErrorBody(msgspec.Struct):
    code: str
    message: str
    field: str | None = None


class _ErrorAnswer(msgspec.Struct):
    error: _ErrorBody


class PortalClient:
    """Speaks to one portal. Every method raises ``Problem`` when the portal cannot or will not."""

    def __init__(
        self, portal: Portal, *, language: Language = Language.ENGLISH, timeout_s: float = 60
    ) -> None:
        self._portal = portal
        self._url = portal.url.rstrip("/")
        self._language = language
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=10)

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            timeout=self._timeout,
            headers={
                "Authorization": f"Bearer {self._portal.token}",
                "Accept-Language": self._language.value,
            },
            connector=aiohttp.TCPConnector(ssl=_trust(self._portal.ca)),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=True,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def start_search(self, question: dict[str, object]) -> SearchAnswer:
        """Send a question (``text`` or ``values``, ``label``, ``deadline_s``…); it runs."""
        return _read(await self._call("POST", "/searches", question), SearchAnswer, self._url)

    async def search_bytes(self, search_id: str) -> bytes:
        """A search as the portal's JSON."""
        return await self._call("GET", f"/searches/{search_id}")

    async def search(self, search_id: str) -> SearchAnswer:
        """A search as it stands now."""
        return _read(await self.search_bytes(search_id), SearchAnswer, self._url)

    async def cells(self, search_id: str, state: str) -> list[CellAnswer]:
        """Every cell in one state, over all pages."""
        found: list[CellAnswer] = []
        page, pages = 1, 1
        while page <= pages:
            path = f"/searches/{search_id}/cells?state={state}&page={page}"
            answer = _read(await self._call("GET", path), _CellsPage, self._url)
            found += answer.cells
            page, pages = page + 1, answer.pages
        return found

    async def stream(self, search_id: str) -> AsyncIterator[StreamEvent]:
        """The search's events as they happen; ends after ``done`` or when the line breaks."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=_STREAM_SILENCE_S)
        url = f"{self._url}{_API}/searches/{search_id}/stream"
        try:
            async with self._session.get(url, timeout=timeout, allow_redirects=False) as response:
                if response.status != 200:
                    return
                async for event in _events(response.content):
                    yield event
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return

    async def is_ready(self) -> bool:
        """Whether the portal answers at all (used while one is being started)."""
        try:
            async with self._session.get(f"{self._url}{_API}/openapi.json") as response:
                return response.status < 500
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def _call(self, method: str, path: str, body: dict[str, object] | None = None) -> bytes:
        url = f"{self._url}{_API}{path}"
        try:
            async with self._session.request(
                method, url, json=body, allow_redirects=False
            ) as response:
                content = await response.read()
                status = response.status
        except aiohttp.ClientConnectorCertificateError as error:
            raise Problem(Say.TLS_FAILED, url=self._url) from error
        except TimeoutError as error:
            raise Problem(Say.TIMED_OUT, url=self._url) from error
        except (aiohttp.ClientError, ValueError) as error:
            raise Problem(Say.UNREACHABLE, url=self._url) from error
        if 200 <= status < 300:
            return content
        raise _refusal(content, status, self._url)


class _CellsPage(msgspec.Struct):
    cells: list[CellAnswer]
    pages: int = 1


def _trust(ca: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(ca) if ca else None)
    except (OSError, ssl.SSLError) as error:
        raise Problem(Say.BAD_CA, file=ca) from error


def _read(content: bytes, shape: type[T], url: str) -> T:
    try:
        return msgspec.json.decode(content, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Problem(Say.NOT_A_PORTAL, url=url, status=200) from error


def _refusal(content: bytes, status: int, url: str) -> Problem:
    """What an error answer says, if it has the portal's one shape."""
    try:
        error = msgspec.json.decode(content, type=_ErrorAnswer).error
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Problem(Say.NOT_A_PORTAL, url=url, status=status)
    return Problem(Say.PORTAL_SAID, message=error.message, code=error.code)


async def _events(content: aiohttp.StreamReader) -> AsyncIterator[StreamEvent]:
    """Server-sent events (the parts of the WHATWG format that the portal uses)."""
    name, data = "message", bytearray()
    async for line in _lines(content):
        key, _, text = line.partition(b":")
        text = text.removeprefix(b" ")
        if not line and data:
            yield StreamEvent(name, bytes(data))
        if not line:
            name, data = "message", bytearray()
        elif key == b"event":
            name = text.decode("utf-8", "replace")
        elif key == b"data":
            data += text


async def _lines(content: aiohttp.StreamReader) -> AsyncIterator[bytes]:
    waiting = bytearray()
    async for block in content.iter_any():
        waiting += block
        if len(waiting) > _MAX_LINE * 64:
            raise ValueError("a line of the stream is too long")
        *whole, rest = waiting.split(b"\n")
        for line in whole:
            yield bytes(line.removesuffix(b"\r"))
        waiting = bytearray(rest)


def json_object(content: bytes) -> dict[str, Any]:
    """``content`` as a JSON object; an empty one when it is none."""
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return {}
