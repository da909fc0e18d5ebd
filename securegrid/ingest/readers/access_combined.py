"""Access logs of Apache and nginx: common and combined, with what is often put around them."""

import re
from collections.abc import Iterator
from datetime import date, time
from functools import lru_cache
from typing import Final

from securegrid.ingest.model import BadLine
from securegrid.ingest.readers.anonymous import Observer
from securegrid.ingest.readers.clients import address_of
from securegrid.ingest.readers.lines import Parsed

_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
TIME: Final = r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}"
_LINE: Final = re.compile(rf"(.*?)\[({TIME})\](.*)", re.DOTALL)
# A quote that is never closed goes to the end, or each quote in it would be looked at again.
_QUOTED: Final = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)("|\Z|\\\Z)', re.DOTALL)
_CLIENT: Final = re.compile(r"\[Client ([^\]]{2,80})\]")
_EPOCH: Final = date(1970, 1, 1).toordinal()
_LEAP_SECOND: Final = 60


def parse(line: str, observer: Observer) -> Parsed:
    """What one line says, however much stands around what every access log holds: an address, a
    time in brackets, the request in quotes."""
    found = _LINE.fullmatch(line)
    quoted = list(_QUOTED.finditer(found[3])) if found else []
    if found is None or not quoted or quoted[0][2] != '"':
        return BadLine.NOT_THE_FORMAT
    hops = _hops(found[1])
    if not hops:
        return _of_proxy_manager(found, quoted[0].span(), observer)
    texts = [one[1] for one in quoted]
    agent = texts[2] if len(texts) > 2 else ""
    forwarded = texts[3] if len(texts) > 3 else ""
    before = ",".join([*([] if forwarded in {"", "-"} else [forwarded]), *hops[:-1]])
    return observer.sighting(clf_time(found[2]), hops[-1], before, agent)


def _of_proxy_manager(found: re.Match[str], request: tuple[int, int], observer: Observer) -> Parsed:
    """The Nginx Proxy Manager puts the time first, and the address before or behind the request."""
    before, behind = found[3][: request[0]], found[3][request[1] :]
    client = _CLIENT.search(behind)
    hops = _hops(before) or _hops(client[1] if client else "")
    if not hops:
        return BadLine.NO_ADDRESS
    return observer.sighting(clf_time(found[2]), hops[-1], ",".join(hops[:-1]), behind)


def clf_time(written: str) -> int | None:
    """``10/Oct/2000:13:55:36 -0700`` as Unix seconds; None when there is no such moment."""
    try:
        second = int(written[18:20])
        midnight = _midnight(written[:11])
        offset = int(written[22:24]) * 3600 + int(written[24:26]) * 60
        clock = time(int(written[12:14]), int(written[15:17]), second - (second == _LEAP_SECOND))
    except (ValueError, KeyError):
        return None
    of_day = clock.hour * 3600 + clock.minute * 60 + clock.second
    return midnight + of_day - (offset if written[21] == "+" else -offset)


@lru_cache(512)
def _midnight(day: str) -> int:
    """Of ``10/Oct/2000`` in UTC; raises ValueError and KeyError."""
    ordinal = date(int(day[7:11]), _MONTHS[day[3:6]], int(day[:2])).toordinal()
    return (ordinal - _EPOCH) * 86_400


def _hops(text: str) -> list[str]:
    """The first address in ``text``, or the first list of them with commas between."""
    return list(_listed(iter(text.split())))


def _listed(words: Iterator[str]) -> Iterator[str]:
    for word in words:
        if address := address_of(bare := word.rstrip(",")):
            yield address
            if bare == word:
                return
