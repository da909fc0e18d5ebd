"""Access logs of web servers: tells which kind a file is, and makes its reader."""

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

import msgspec

from securegrid.ingest.model import BadLine, Batch, Block, Reader
from securegrid.ingest.networks.classes import Networks
from securegrid.ingest.readers import access_alb, access_combined, access_json
from securegrid.ingest.readers.access_rows import BEFORE, CombinedReader, pattern
from securegrid.ingest.readers.anonymous import Observer
from securegrid.ingest.readers.clients import Proxies
from securegrid.ingest.readers.format import Format, ReadOptions, UnknownFormatError
from securegrid.ingest.readers.lines import Parsed, by_line, decoded, lines_of
from securegrid.ingest.shapes.geo import GeoShape

WANTED: Final = "an access log: Apache or nginx (common, combined, JSON), or AWS ALB"
_LOOKED_AT: Final = 200
"""Lines of the beginning among which one must be understood."""

Parse: TypeAlias = Callable[[str, Observer], Parsed]
_KINDS: Final[tuple[Parse, ...]] = (access_alb.parse, access_json.parse, access_combined.parse)


class AccessLogOptions(ReadOptions, frozen=True, kw_only=True):
    """``trusted_proxies``: networks (CIDR) whose X-Forwarded-For is believed."""

    networks: Networks = msgspec.field(default_factory=Networks)
    trusted_proxies: tuple[str, ...] = ()


class LineReader:
    """Reads a kind of access log line by line."""

    def __init__(self, observer: Observer, parse: Parse) -> None:
        self._observer = observer
        self._parse = parse

    def read(self, block: Block) -> Batch:
        """What ``block`` holds."""
        return by_line(block, lambda line: self._parse(line, self._observer))


def make_reader(head: bytes, options: AccessLogOptions) -> Reader:
    """The reader of a file that begins with ``head``; raises UnknownFormatError, and ValueError
    for a proxy that is neither network nor address."""
    proxies = Proxies(options.trusted_proxies)
    observer = Observer(options.networks, proxies, options.zone, options.now)
    lines = [decoded(raw, options.encoding) for raw in _some(head)]
    understood = {parse: _understood(parse, lines, observer) for parse in _KINDS}
    best = max(_KINDS, key=lambda parse: understood[parse])
    if not understood[best] and any(line.strip() for line in lines):
        raise UnknownFormatError(WANTED)
    if best is access_combined.parse:
        return CombinedReader(observer, _before(head))
    return LineReader(observer, best)


def _some(head: bytes) -> Iterator[bytes]:
    """The first lines; of a longer file the last one may be cut and is left out."""
    lines = list(lines_of(head))[: _LOOKED_AT + 1]
    return iter(lines[:-1] if len(lines) > 1 and not head.endswith(b"\n") else lines)


def _understood(parse: Parse, lines: list[str], observer: Observer) -> int:
    return sum(not isinstance(parse(line, observer), BadLine) for line in lines if line.strip())


def _before(head: bytes) -> bytes:
    """What stands before the addresses of most lines. A virtual host may be an address too, so
    the longer one wins where both fit."""
    lines = b"\n".join(_some(head))
    return max(BEFORE, key=lambda one: sum(bool(row[0]) for row in pattern(one).findall(lines)))


ACCESS_LOG = Format("access-log", AccessLogOptions, make_reader, GeoShape)
