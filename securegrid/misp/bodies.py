"""Reading the body of an answer, never holding more of it than a limit."""

from collections.abc import AsyncIterator, Awaitable, Callable
from email.utils import parsedate_to_datetime
from typing import TypeVar

import aiohttp
import msgspec

from securegrid.misp.copying import EventLine, Listing
from securegrid.misp.translation import TooLarge

_ERROR_BODY_BYTES = 64 * 1024
"""Enough for the words of an error; the rest of a failed answer is not read."""
_LISTING_BYTES = 4 * 1024**3
"""Some 15 million events; what is read is not kept, so this bounds a server that never ends."""
_LINE_BYTES = 64 * 1024
"""An event of the list has some 250 bytes; more without an end is no list of events."""

_Answer = TypeVar("_Answer")
Reading = Callable[[aiohttp.ClientResponse, int], Awaitable[_Answer]]
"""Makes the answer of a good response; the number is the most bytes to hold."""

_LINES = msgspec.json.Decoder(list[EventLine], strict=False)


def decoded(decoder: "msgspec.json.Decoder[_Answer]") -> Reading[_Answer]:
    """Reading the whole body, then decoding it."""

    async def read(response: aiohttp.ClientResponse, max_bytes: int) -> _Answer:
        return decoder.decode(await whole_body(response, max_bytes))

    return read


async def whole_body(response: aiohttp.ClientResponse, max_bytes: int) -> bytearray:
    """The body, never holding more than ``max_bytes`` of it; counted after decompression.

    Raises TooLarge.
    """
    body = bytearray()
    async for part in _parts(response, max_bytes):
        body += part
    return body


async def head_of_body(response: aiohttp.ClientResponse) -> bytes:
    """The beginning of a failed answer, enough for its words."""
    head = bytearray()
    async for part in response.content.iter_any():
        head += part
        if len(head) > _ERROR_BODY_BYTES:
            response.close()
            break
    return bytes(head[:_ERROR_BODY_BYTES])


async def listing(response: aiohttp.ClientResponse, _max_bytes: int) -> Listing:
    """The list of events, decoded while it comes: only the narrow records are held.

    The list is flat and its texts are UUIDs and numbers, so each ``}`` ends an event; whatever
    is not so does not decode. Raises TooLarge and msgspec's errors.
    """
    events: list[EventLine] = []
    begun, rest = False, b""
    async for part in _parts(response, _LISTING_BYTES):
        rest += part
        whole, end, after = rest.rpartition(b"}")
        if end:
            events += _lines(whole + end, begun)
            begun, rest = True, after
        if len(rest) > _LINE_BYTES:
            raise msgspec.DecodeError("an event of the list does not end")
    _demand_end(rest, begun)
    return Listing(tuple(events), _served_at(response))


def _lines(piece: bytes, begun: bool) -> list[EventLine]:
    start = piece.lstrip()
    if start[:1] != (b"," if begun else b"["):
        raise msgspec.DecodeError("not a list of events")
    return _LINES.decode(b"[" + start[1:] + b"]")


def _demand_end(rest: bytes, begun: bool) -> None:
    if rest.split() not in ([[b"]"]] if begun else [[b"[]"], [b"[", b"]"]]):
        raise msgspec.DecodeError("the list of events does not end")


def _served_at(response: aiohttp.ClientResponse) -> int | None:
    try:
        return int(parsedate_to_datetime(response.headers.get("Date", "")).timestamp())
    except ValueError:
        return None


async def _parts(response: aiohttp.ClientResponse, max_bytes: int) -> AsyncIterator[bytes]:
    came = 0
    async for part in response.content.iter_any():
        came += len(part)
        if came > max_bytes:
            response.close()
            raise TooLarge
        yield part
