"""The async client for one MISP: one pool, hard limits, and no failure but MispFailure."""

import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import aiohttp
import msgspec
from yarl import URL

from securegrid import __version__
from securegrid.misp.addresses import guarded_socket
from securegrid.misp.answers import case_of_answer, retry_after_s, words_of
from securegrid.misp.bodies import Reading, decoded, head_of_body, listing
from securegrid.misp.connection import Connection
from securegrid.misp.copying import (
    Content,
    ContentAnswer,
    EventCount,
    EventHead,
    Listing,
)
from securegrid.misp.failures import Case, MispFailure, NotSaved, failure
from securegrid.misp.identities import EVERY_EVENT, ContentsQuery, CountsQuery
from securegrid.misp.query import Query
from securegrid.misp.records import Attribute, AttributeAnswer, Me, Version
from securegrid.misp.resolver import Lookup, OneThreadResolver
from securegrid.misp.tls import context_for
from securegrid.misp.translation import UnusableTls, case_of_error

USER_AGENT = f"SecureGRID-Portal/{__version__}"
MIB = 1024 * 1024
_IDLE_S = 15.0
"""How long an unused connection is kept; a server that closes it earlier is asked once more."""
_KEEP_EXACT_S = 1e9
"""aiohttp rounds time limits above this many seconds up to whole ones; ours are exact."""

_ATTRIBUTES = decoded(msgspec.json.Decoder(AttributeAnswer, strict=False))
_VERSION = decoded(msgspec.json.Decoder(Version, strict=False))
_ME = decoded(msgspec.json.Decoder(Me, strict=False))
_COUNTS = decoded(msgspec.json.Decoder(tuple[EventCount, ...], strict=False))
_HEADS = decoded(msgspec.json.Decoder(tuple[EventHead, ...], strict=False))
_CONTENTS = decoded(msgspec.json.Decoder(ContentAnswer, strict=False))
_Answer = TypeVar("_Answer")


class Body(Protocol):
    """Anything that is sent."""

    def body(self) -> bytes:
        """The JSON of it."""
        ...


@dataclass(slots=True)
class _Trip:
    """What is noticed on the way of one request."""

    reused_connection: bool = False


class MispClient:
    """Speaks to one MISP over one pool of connections; belongs to the event loop it is used in.

    Follows no redirect, keeps no cookie, uses no proxy, and never puts a value into an address.
    ``request_timeout_s`` bounds one request as a whole, ``connect_timeout_s`` the opening of a
    connection, ``max_bytes`` one answer after decompression. Methods raise only ``MispFailure``.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        request_timeout_s: float = 20.0,
        connect_timeout_s: float = 10.0,
        max_bytes: int = 64 * MIB,
        max_connections: int = 8,
        now: Callable[[], float] = time.time,
        lookup: Lookup = socket.getaddrinfo,
    ) -> None:
        self._connection = connection
        self._timeout = aiohttp.ClientTimeout(
            total=request_timeout_s, sock_connect=connect_timeout_s, ceil_threshold=_KEEP_EXACT_S
        )
        self._max_bytes = max_bytes
        self._max_connections = max_connections
        self._now = now
        self._resolver = OneThreadResolver(lookup)
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        self._search_address = connection.address_of("/attributes/restSearch")

    async def search(self, query: Query) -> tuple[Attribute, ...]:
        """One page of what the MISP holds; ask for the next while a page is as long as
        ``query.limit`` (the counting header is wrong, trap 5). Every row must still be compared
        with what was asked: MISP ignores filters that it does not understand (trap 1)."""
        answer = await self._ask(_ATTRIBUTES, "POST", self._search_address, query)
        if isinstance(answer, MispFailure):
            raise answer
        return answer.response.attributes

    async def events(self) -> Listing:
        """Every event that the key may see, by what a change shows; held in bounded memory."""
        answer = await self._ask(listing, "POST", self._at("/events/index"), EVERY_EVENT)
        if isinstance(answer, MispFailure):
            raise answer
        return answer

    async def counts(self, query: CountsQuery) -> tuple[EventCount, ...]:
        """How much is in some events, and their tags; events that are gone are left out."""
        answer = await self._ask(_COUNTS, "POST", self._at("/events/index"), query)
        if isinstance(answer, MispFailure):
            raise answer
        return answer

    async def heads(self, query: CountsQuery) -> tuple[EventHead, ...]:
        """Some events as people read them, without their contents; those gone are left out."""
        answer = await self._ask(_HEADS, "POST", self._at("/events/index"), query)
        if isinstance(answer, MispFailure):
            raise answer
        return answer

    async def attributes(self, query: ContentsQuery) -> tuple[Attribute, ...]:
        """One page of the attributes of some events, whole; others may be among them (trap 1)."""
        answer = await self._ask(_ATTRIBUTES, "POST", self._search_address, query)
        if isinstance(answer, MispFailure):
            raise answer
        return answer.response.attributes

    async def contents(self, query: ContentsQuery) -> tuple[Content, ...]:
        """One page of the attributes of some events; others may be among them (trap 1)."""
        answer = await self._ask(_CONTENTS, "POST", self._search_address, query)
        if isinstance(answer, MispFailure):
            raise answer
        return answer.response.contents

    async def version(self) -> Version:
        """The version of the MISP (needs a valid key)."""
        answer = await self._ask(_VERSION, "GET", self._at("/servers/getVersion"))
        if isinstance(answer, MispFailure):
            raise answer
        return answer

    async def me(self) -> Me:
        """Whose key it is and what it may do."""
        answer = await self._ask(_ME, "GET", self._at("/users/view/me"))
        if isinstance(answer, MispFailure):
            raise answer
        return answer

    async def close(self) -> None:
        """Close every connection; what is still being asked fails."""
        self._closed = True
        if self._session is not None:
            await self._session.close()
        await self._resolver.close()

    async def __aenter__(self) -> "MispClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"MispClient({self._connection!r})"

    def _at(self, path: str) -> URL:
        return self._connection.address_of(path)

    async def _ask(
        self,
        read: Reading[_Answer],
        method: str,
        address: URL,
        query: Body | None = None,
        *,
        once: bool = False,
    ) -> _Answer | MispFailure:
        """The decoded answer or the failure; ``once``: it changes something, so it is not repeated.

        Failures are handed back here and raised above, so that no traceback, context or cause
        leads to the request with its key and values."""
        trip = _Trip()
        try:
            try:
                return await self._send(read, method, address, query, trip)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                # A kept connection may be closed by the server just as it is used again
                # (RFC 9112 9.3.1); what only reads may be sent again.
                if once or not trip.reused_connection:
                    raise
            return await self._send(read, method, address, query, _Trip())
        except Exception as error:  # translated whatever it is: raises only MispFailure
            case = Case.CLIENT_CLOSED if self._closed else case_of_error(error)
            return failure(case, detail=type(error).__name__)

    async def _send(
        self,
        read: Reading[_Answer],
        method: str,
        address: URL,
        query: Body | None,
        trip: _Trip,
    ) -> _Answer | MispFailure:
        async with self._open_session().request(
            method,
            address,
            data=None if query is None else query.body(),
            allow_redirects=False,
            trace_request_ctx=trip,
        ) as response:
            case = case_of_answer(response.status, response.headers)
            if case is None:
                return await read(response, self._max_bytes)
            return await self._failed(response)

    async def _failed(self, response: aiohttp.ClientResponse) -> MispFailure:
        head = await head_of_body(response)
        case = case_of_answer(response.status, response.headers, head) or Case.ODD_STATUS
        if case is Case.NOT_SAVED:
            return NotSaved(words_of(head))
        told = retry_after_s(response.headers, self._now())
        return failure(case, retry_after_s=told, detail=f"status {response.status}")

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = self._new_session()
        return self._session

    def _new_session(self) -> aiohttp.ClientSession:
        trace = aiohttp.TraceConfig()
        trace.on_connection_reuseconn.append(_note_reuse)
        return aiohttp.ClientSession(
            connector=self._new_connector(),
            headers={
                "Authorization": self._connection.key,
                "Accept": "application/json",
                "Accept-Encoding": "gzip, deflate",
                "Content-Type": "application/json",
                "User-Agent": USER_AGENT,
            },
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            trace_configs=[trace],
        )

    def _new_connector(self) -> aiohttp.TCPConnector:
        return aiohttp.TCPConnector(
            limit=self._max_connections,
            ssl=self._tls_context() if self._search_address.scheme == "https" else True,
            keepalive_timeout=_IDLE_S,
            resolver=self._resolver,
            socket_factory=guarded_socket(self._connection.policy),
        )

    def _tls_context(self) -> ssl.SSLContext:
        try:
            return context_for(self._connection)
        except (ssl.SSLError, ValueError, OSError):
            raise UnusableTls from None


async def _note_reuse(_session: object, context: object, _parameters: object) -> None:
    trip = getattr(context, "trace_request_ctx", None)
    if isinstance(trip, _Trip):
        trip.reused_connection = True
