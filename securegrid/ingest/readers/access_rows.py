"""Reads combined logs fast: one pattern over a whole block, and only what it does not know line
by line."""

import re
from collections.abc import Iterable
from typing import Final, TypeAlias

from securegrid.ingest.inputs.blocks import MAX_LINE
from securegrid.ingest.model import Bad, BadLine, Batch, Block, Counted, Key
from securegrid.ingest.networks.classes import Place
from securegrid.ingest.readers.access_combined import clf_time, parse
from securegrid.ingest.readers.agents import System, system_of
from securegrid.ingest.readers.anonymous import Observer, event_key
from securegrid.ingest.readers.clients import address_of
from securegrid.ingest.readers.lines import Parsed, bad_line, by_line, count, parse_line
from securegrid.ingest.readers.when import checked, day_of

BEFORE: Final = (
    rb"[^ ,\n]++ ",
    rb"(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-[^ \n]++) [^ \n]++ [^ \n]++ ",
    rb"",
)
"""What may stand before the address: the virtual host, syslog's head, nothing."""

_TEXT: Final = rb'[^"\\\n]*+(?:\\.[^"\\\n]*+)*+'
# One match for each line, whatever is in it: the last group takes a line that is not as usual.
# No quantifier gives anything back, so that no line takes longer than its length.
_ROW: Final = (
    rb"^(?:%s(\d[0-9.]++|[0-9a-fA-F]*+:[0-9a-fA-F:.]++) [^\[\n]++\[([^\]\n]{26})\] "
    rb'"%s" [-\d]++ [-\d]++(?: "%s" "(%s)"(?: "(%s)")?+|(?! "))(?=[ \r\n]|\Z)[^\n]*+|([^\n]*+))$'
)
_REMEMBERED: Final = 32_768
_NO_TIME: Final = (0, "")

_Row: TypeAlias = tuple[bytes, bytes, bytes, bytes, bytes]
"""Address, time, agent, forwarded; all empty where a line is not as usual, the last is that."""


class _Source:
    """A client. Compared as an object, which is faster than by what it holds."""

    __slots__ = ("item", "place")

    def __init__(self, address: str, place: Place | None) -> None:
        self.item = (address,)
        self.place = place


_UNUSUAL: Final = _Source("", None)
_ORDINARY: Final = _Source("", None)
_Counts: TypeAlias = dict[tuple[_Source, str, System], list[int]]
"""First, last and count by source, day and system."""


def pattern(before: bytes) -> re.Pattern[bytes]:
    """Of the rows of a block with ``before`` (one of BEFORE) ahead of each address."""
    return re.compile(_ROW % (before, _TEXT, _TEXT, _TEXT, _TEXT), re.MULTILINE)


class CombinedReader:
    """Reads common and combined logs."""

    def __init__(self, observer: Observer, before: bytes = b"") -> None:
        self._observer = observer
        self._before = before
        self._rows = pattern(before)
        self._times: dict[bytes, tuple[int, str]] = {}
        self._sources: dict[bytes, _Source] = {}
        self._systems: dict[bytes, System] = {}

    def read(self, block: Block) -> Batch:
        """What ``block`` holds."""
        if len(block.data) > MAX_LINE:
            return by_line(block, self._parse)
        for memory in (self._times, self._sources, self._systems):
            if len(memory) > _REMEMBERED:
                memory.clear()
        rows: list[_Row] = self._rows.findall(block.data.removesuffix(b"\n"))
        counts: _Counts = {}
        unusual: list[int] = []
        self._count(rows, counts, unusual)
        seen = self._seen(counts)
        bad = self._unusual(block, unusual, seen) if unusual else []
        as_usual = sum(one.count for one in seen.values())
        return Batch(len(rows), seen, tuple(bad), len(rows) - as_usual - len(bad))

    def _count(self, rows: Iterable[_Row], counts: _Counts, unusual: list[int]) -> None:
        """Count the rows that are as usual. The inner loop of all reading: a call in it costs
        as much as the rest, so it is one function."""
        times, sources, systems = self._times, self._sources, self._systems
        behind_proxies = self._observer.proxies.any
        for number, (peer, when, agent, forwarded, _) in enumerate(rows):
            at, day = times.get(when) or self._time(when)
            client = peer + b"," + forwarded if behind_proxies else peer
            source = sources.get(client) or self._source(client, peer, forwarded)
            if source is _UNUSUAL or not day:
                unusual.append(number)
            elif source is not _ORDINARY:
                system = systems.get(agent) or self._system(agent)
                counted = counts.get((source, day, system))
                if counted is None:
                    counts[source, day, system] = [at, at, 1]
                else:
                    counted[2] += 1
                    if at > counted[1]:
                        counted[1] = at
                    elif at < counted[0]:
                        counted[0] = at

    def _time(self, written: bytes) -> tuple[int, str]:
        at = checked(clf_time(written.decode("ascii", "replace")), self._observer.now)
        found = _NO_TIME if isinstance(at, BadLine) else (at, day_of(at, self._observer.zone))
        self._times[written] = found
        return found

    def _source(self, client: bytes, peer: bytes, forwarded: bytes) -> _Source:
        address = address_of(peer.decode())
        if self._observer.proxies.any:
            address = self._observer.client(address, _text(forwarded))
        if not address:
            return _UNUSUAL
        place = self._observer.networks.of(address)
        source = self._sources[client] = _Source(address, place) if place else _ORDINARY
        return source

    def _system(self, agent: bytes) -> System:
        found = self._systems[agent] = system_of(_text(agent))
        return found

    def _seen(self, counts: _Counts) -> dict[tuple[Key, Key], Counted]:
        seen: dict[tuple[Key, Key], Counted] = {}
        events: dict[tuple[str, System, Place], Key] = {}
        for (source, day, system), (first, last, times) in counts.items():
            assert source.place is not None  # noqa: S101 - the others are not counted
            at = (day, system, source.place)
            event = events.get(at) or events.setdefault(at, event_key(*at))
            one = Counted(first, last, times)
            # One client may be written in several ways.
            before = seen.get((event, source.item))
            seen[event, source.item] = one if before is None else before.and_(one)
        return seen

    def _unusual(
        self, block: Block, numbers: Iterable[int], seen: dict[tuple[Key, Key], Counted]
    ) -> list[Bad]:
        """Look again, one by one, at the lines that are not as usual."""
        lines = block.data.split(b"\n")
        bad: list[Bad] = []
        for number in numbers:
            raw = lines[number].removesuffix(b"\r")
            found = parse_line(raw, block.encoding, self._parse)
            if isinstance(found, BadLine):
                bad.append(bad_line(block.first_line + number, found, raw, block.encoding))
            elif found is not None:
                count(seen, *found)
        return bad

    def _parse(self, line: str) -> Parsed:
        return parse(line, self._observer)

    def __reduce__(self) -> tuple[type["CombinedReader"], tuple[Observer, bytes]]:
        return CombinedReader, (self._observer, self._before)


def _text(raw: bytes) -> str:
    """Only known words in it matter."""
    return raw.decode("latin-1")
